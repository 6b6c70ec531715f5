"""A day of one version's log, ten million rows in files as merging leaves them, and the segments that name them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
import polars as pl

from functions.adapters.parquet import MOMENT, ROW_GROUP
from functions.core.dtypes import DType
from functions.core.ledger import Count, Segment, Tally
from functions.core.signature import Field, Shape, Signature

ROWS = 10_000_000
DAY = "2026-01-01"
HOURS = 24
SIGNATURE = Signature(
    "predict",
    (Field("x", DType.DOUBLE, Shape(())), Field("v", DType.DOUBLE, Shape((4,))), Field("s", DType.STRING, Shape(()))),
    (Field("y", DType.DOUBLE, Shape(())),),
)
CONTENT = "two doubles, a vector of four, a string, four checks a row; row groups of 8,192"
FAILS = 3.0  # x above it fails its check: 13 rows in 10,000


def write(folder: Path, rows: int) -> None:
    """The files, and segments.json, last."""
    base = checked(rows // HOURS)
    segments = [write_hour(folder, base, hour) for hour in range(HOURS)]
    (folder / "segments.json").write_bytes(msgspec.json.encode(segments))


def read_segments(folder: Path) -> list[Segment]:
    return msgspec.json.decode((folder / "segments.json").read_bytes(), type=list[Segment])


def write_hour(folder: Path, base: pl.DataFrame, hour: int) -> Segment:
    """The hour's rows are those of `base`, under ids and at moments of their own: checks take long to make up."""
    chance, count = np.random.default_rng(hour), len(base)
    begin = int(datetime(2026, 1, 1, hour, tzinfo=UTC).timestamp() * 1e6)
    at = begin + np.sort(chance.integers(0, 3_600_000_000, count))
    ids = pl.Series(chance.integers(0, 2**62, count)).cast(pl.String)
    frame = base.with_columns(request_id=ids + f"-{hour:02}-0123456789abcdef", at=pl.Series(at).cast(MOMENT))
    key = f"log/version=1/day={DAY}/hour={hour:02}/all.parquet"
    (folder / key).parent.mkdir(parents=True, exist_ok=True)
    frame.write_parquet(folder / key, compression="zstd", row_group_size=ROW_GROUP)
    failed = int(frame["failed"].list.len().sum())
    return Segment(
        version_id=1,
        hour=f"{DAY}T{hour:02}",
        id="all",
        first=hour * count,
        rows=count,
        earliest=float(at[0] / 1e6),
        latest=float(at[-1] / 1e6),
        key=key,
        profile_key="",
        tally=Tally(requests=count, latency_max=1e9, fields={"x": Count(count, count - failed)}),
    )


def checked(count: int) -> pl.DataFrame:
    chance = np.random.default_rng(7)
    x, y = chance.normal(size=count), chance.normal(size=count)
    frame = pl.DataFrame({"x": x, "y": y, "bad": x > FAILS} | {f"v{n}": chance.normal(size=count) for n in range(4)})
    nothing = pl.lit(pl.Series([[]], dtype=pl.List(pl.String)).first())
    return frame.select(
        request_id=pl.lit(""),
        at=pl.lit(0).cast(MOMENT),
        application=pl.lit("shop"),
        application_id=pl.lit(5, dtype=pl.Int64),
        stage=pl.lit(0, dtype=pl.Int32),
        servable=pl.lit("shop-1-calm-heron"),
        latency_ms=pl.Series(chance.gamma(2, 3, count)),
        error=pl.lit(None, dtype=pl.String),
        is_shadow=pl.lit(value=False),
        score=pl.when("bad").then(0.75).otherwise(1.0),
        overall_score=pl.lit(None, dtype=pl.Float64),
        failed=pl.when("bad").then(pl.concat_list(pl.lit("x"))).otherwise(nothing),
        errored=nothing,
        checks=pl.concat_list(*checks()),
        in_x="x",
        in_v=pl.concat_list("v0", "v1", "v2", "v3"),
        in_s=pl.Series(chance.choice(["Biscoe", "Dream", "Torgersen"], count)),
        out_y="y",
    )


def checks() -> Iterator[pl.Expr]:
    failed = pl.when("bad").then(pl.lit("failed")).otherwise(pl.lit("passed"))
    for element in ("x", "y"):
        for name, threshold in (("min", "-5.0"), ("max", "3.0")):
            yield pl.struct(
                element=pl.lit(element),
                name=pl.lit(name),
                verdict=failed if (element, name) == ("x", "max") else pl.lit("passed"),
                description=pl.lit(f"{element} within what training saw"),
                value=pl.col(element).cast(pl.String),
                threshold=pl.lit(threshold),
                metric_spec_id=pl.lit(None, dtype=pl.String),
                reason=pl.lit(None, dtype=pl.String),
            )
