"""Logs of a few rows of two versions, written by the fake or by the real adapter, and what reads them."""

from pathlib import Path
from typing import Any

import msgspec

from functions.adapters.parquet import joined, to_parquet
from functions.core.checks import Check, Operator, Verdict
from functions.core.dtypes import DType, encode
from functions.core.ledger import Run, Segment, Tally
from functions.core.observations import Checked, Observation
from functions.core.request_log import Comparison, LogPart, LogReader, Of, Wanted
from functions.core.signature import Field, Shape, Signature
from functions.core.tensor import Tensor
from tests.fakes import entities

START = 1_767_225_600  # 2026-01-01T00:00:00Z
SIGNATURE = Signature(
    "predict",
    (
        Field("x", DType.DOUBLE, Shape(())),
        Field("v", DType.FLOAT, Shape((-1, 2))),
        Field("any", DType.INT8, None),
        Field("island", DType.STRING, Shape(())),
    ),
    (Field("y", DType.INT64, Shape(())), Field("p", DType.HALF, Shape((2,))), Field("sure", DType.BOOL, Shape(()))),
)
VERSION = entities.version(7, signature=SIGNATURE)
OTHER = entities.version(8, signature=SIGNATURE)


class FolderFiles:
    """The files of the real adapter in a folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def write(self, key: str, signature: Signature, rows: list[Checked]) -> None:
        (self._root / key).parent.mkdir(parents=True, exist_ok=True)
        (self._root / key).write_bytes(to_parquet(signature, rows))

    def merge(self, keys: list[str], target: str) -> None:
        (self._root / target).write_bytes(joined([(self._root / key).read_bytes() for key in keys]))


class Scene(msgspec.Struct):
    reader: LogReader
    files: Any

    def segment(self, rows: list[Checked], first: int = 0, key: str = "log/a.parquet") -> Segment:
        self.files.write(key, SIGNATURE, rows)
        return segment(key, len(rows), first)

    def part(self, rows: list[Checked], size: int = 10, version: Any = VERSION) -> LogPart:
        """The rows in files of `size`, numbered in their order."""
        pieces = [rows[at : at + size] for at in range(0, len(rows), size)]
        named = [(piece, at * size, f"log/version={version.id}/{at}.parquet") for at, piece in enumerate(pieces)]
        return LogPart(version, tuple(self.segment(*one) for one in named))


def segment(key: str, rows: int, first: int = 0, runs: tuple[Run, ...] = ()) -> Segment:
    return Segment(
        version_id=7,
        hour="2026-01-01T00",
        id=key,
        first=first,
        rows=rows,
        earliest=0.0,
        latest=0.0,
        key=key,
        profile_key=f"{key}.profile",
        tally=Tally(requests=rows),
        runs=runs,
    )


def tensor(dtype: DType, shape: tuple[int, ...], *values: object) -> Tensor:
    return Tensor(dtype, shape, encode(dtype, list(values)))


def row(at: float, request_id: str = "r", x: float = 1.0, **changes: Any) -> Checked:
    inputs = {
        "x": tensor(DType.DOUBLE, (), x),
        "v": tensor(DType.FLOAT, (2, 2), x, 0.1, -x, 7.5),
        "any": tensor(DType.INT8, (1, 3), 1, 2, 3),
        "island": tensor(DType.STRING, (), "Biscoe" if x < 2 else "Torgersen"),
    }
    outputs = {
        "y": tensor(DType.INT64, (), round(x * 10) if x == x else 0),
        "p": tensor(DType.HALF, (2,), 0.25, 0.75),
        "sure": tensor(DType.BOOL, (), x > 1),
    }
    failed = Verdict.FAILED if x > 3 else Verdict.PASSED
    raw = {"x": [Check(name="max", verdict=failed, description="x <= 3", value=1.5, threshold=3.0)]}
    errored = Check(name="od", verdict=Verdict.ERRORED, description="value < 1", reason="gone", metric_spec_id="s")
    fields: dict[str, Any] = {
        "request_id": request_id,
        "at": START + at,
        "application": "shop",
        "application_id": 5,
        "stage": 0,
        "servable_name": "s-1",
        "model_name": "penguins",
        "model_version": 1,
        "model_version_id": 7,
        "inputs": inputs,
        "outputs": outputs,
        "latency_ms": at + 0.5,
    }
    metrics = {"od": errored} if x < 0 else {}
    return Checked(observation=Observation(**fields | changes), raw=raw, metrics=metrics)


def micro(at: float) -> int:
    return round((START + at) * 1_000_000)


def x_is(operator: Operator, value: Any, **changes: Any) -> Wanted:
    return Wanted(
        comparisons=(Comparison(**{"of": Of.INPUT, "name": "x", "operator": operator, "value": value} | changes),)
    )
