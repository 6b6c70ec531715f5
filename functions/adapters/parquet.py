"""Rows of the request log as Parquet: one typed column per field of the signature, and what is known of the call.

Columns `in_<field>` and `out_<field>` hold a scalar as itself and everything else as a list in row-major order; where
the signature does not tell the shape, `in_<field>/shape` does. Files of one version have the same columns.
"""

import io
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np
import polars as pl

from functions.core.checks import Check, Verdict, score
from functions.core.dtypes import DType, Kind
from functions.core.leaves import Leaf, leaves
from functions.core.observations import Checked, Observation
from functions.core.signature import Signature
from functions.core.tensor import Tensor

TYPES: dict[DType, Any] = {
    DType.FLOAT: pl.Float32,
    DType.DOUBLE: pl.Float64,
    DType.HALF: pl.Float32,  # wide enough, and every reader of Parquet knows it
    DType.INT8: pl.Int8,
    DType.INT16: pl.Int16,
    DType.INT32: pl.Int32,
    DType.INT64: pl.Int64,
    DType.UINT8: pl.UInt8,
    DType.UINT16: pl.UInt16,
    DType.UINT32: pl.UInt32,
    DType.UINT64: pl.UInt64,
    DType.BOOL: pl.Boolean,
    DType.STRING: pl.String,
}
# so few that one row among millions is read without many others, so many that statistics of them say something
ROW_GROUP = 8192
MOMENT = pl.Datetime("us", "UTC")
CHECK = pl.Struct(
    {
        "element": pl.String,  # of a raw check; null for a metric's
        "name": pl.String,
        "verdict": pl.String,
        "description": pl.String,
        "value": pl.String,  # JSON, as the threshold: numbers, text and booleans stand side by side
        "threshold": pl.String,
        "metric_spec_id": pl.String,
        "reason": pl.String,
    }
)
CALL: dict[str, Any] = {
    "request_id": pl.String,
    "at": MOMENT,
    "application": pl.String,
    "application_id": pl.Int64,
    "stage": pl.Int32,
    "servable": pl.String,
    "latency_ms": pl.Float64,
    "error": pl.String,
    "is_shadow": pl.Boolean,
    "score": pl.Float64,
    "overall_score": pl.Float64,
    "failed": pl.List(pl.String),  # names of the elements and metrics with a failed check
    "errored": pl.List(pl.String),
    "checks": pl.List(CHECK),
}


def columns(signature: Signature) -> dict[str, Any]:
    """Name -> Polars type of every column in the files of a version with `signature`."""
    fields = [("in", leaf) for leaf in leaves(signature.inputs)] + [("out", leaf) for leaf in leaves(signature.outputs)]
    return CALL | {name: kind for side, field in fields for name, kind in _of_field(side, field)}


def to_parquet(signature: Signature, rows: Sequence[Checked]) -> bytes:
    """The file that holds `rows`, in their order."""
    frame = pl.DataFrame([_to_call(row.observation) | _to_checks(row) for row in rows], schema=CALL)
    sides = [("in", signature.inputs, [row.observation.inputs for row in rows])]
    sides.append(("out", signature.outputs, [row.observation.outputs or {} for row in rows]))
    values = [
        column
        for side, fields, tensors in sides
        for leaf in leaves(fields)
        for column in _to_columns(side, leaf, [_fitting(leaf, of_row.get(leaf.name)) for of_row in tensors])
    ]
    return _written(frame.with_columns(values))


def joined(files: Sequence[bytes]) -> bytes:
    """The file that holds the rows of `files`, one after the other."""
    return _written(pl.concat([pl.read_parquet(io.BytesIO(file)) for file in files]))


def _written(frame: pl.DataFrame) -> bytes:
    out = io.BytesIO()
    frame.write_parquet(out, compression="zstd", row_group_size=ROW_GROUP)
    return out.getvalue()


def _of_field(side: str, field: Leaf) -> Iterator[tuple[str, Any]]:
    name, kind = f"{side}_{field.name}", TYPES[field.dtype]
    yield name, kind if field.dims == () else pl.List(kind)
    if _is_shapeless(field):
        yield shape_column(side, field.name), pl.List(pl.Int64)


def shape_column(side: str, name: str) -> str:
    """No tensor is called so: what has a value of its own has no fields below it."""
    return f"{side}_{name}/shape"


def _is_shapeless(field: Leaf) -> bool:
    """One free dimension is worked out from the number of elements; two, or no shape at all, are not."""
    return field.dims is None or field.dims.count(-1) > 1


def _to_call(observation: Observation) -> dict[str, Any]:
    return {
        "request_id": observation.request_id,
        "at": datetime.fromtimestamp(observation.at, UTC),
        "application": observation.application,
        "application_id": observation.application_id,
        "stage": observation.stage,
        "servable": observation.servable_name,
        "latency_ms": observation.latency_ms,
        "error": observation.error,
        "is_shadow": observation.is_shadow,
    }


def _to_checks(row: Checked) -> dict[str, Any]:
    named: list[tuple[str, str | None, Check]] = [
        (element, element, check) for element, checks in row.raw.items() for check in checks
    ]
    named += [(name, None, check) for name, check in row.metrics.items()]
    return {
        "score": score(check for checks in row.raw.values() for check in checks),
        "overall_score": score(row.metrics.values()),
        "failed": _with_verdict(named, Verdict.FAILED),
        "errored": _with_verdict(named, Verdict.ERRORED),
        "checks": [_to_check(element, check) for _, element, check in named],
    }


def _with_verdict(named: Sequence[tuple[str, str | None, Check]], verdict: Verdict) -> list[str]:
    return sorted({name for name, _, check in named if check.verdict is verdict})


def _to_check(element: str | None, check: Check) -> dict[str, Any]:
    return {
        "element": element,
        "name": check.name,
        "verdict": check.verdict.value,
        "description": check.description,
        "value": None if check.value is None else msgspec.json.encode(check.value).decode(),
        "threshold": None if check.threshold is None else msgspec.json.encode(check.threshold).decode(),
        "metric_spec_id": check.metric_spec_id,
        "reason": check.reason or None,
    }


def _fitting(field: Leaf, tensor: Tensor | None) -> Tensor | None:
    """None for a tensor that does not fit its field (a model's answer that broke its promise): the error says so."""
    misfits = tensor is None or tensor.dtype is not field.dtype or (field.dims == () and tensor.shape != ())
    return None if misfits else tensor


def _to_columns(side: str, field: Leaf, tensors: Sequence[Tensor | None]) -> Iterator[pl.Series]:
    (name, kind), *shape = _of_field(side, field)
    if field.dims == ():
        yield pl.Series(name, [None if one is None else one.elements()[0] for one in tensors], kind)
    else:
        # cast afterwards: with a type given Polars takes element by element
        yield pl.Series(name, [None if one is None else _elements(one) for one in tensors]).cast(kind)
    for told, sizes in shape:
        yield pl.Series(told, [None if one is None else list(one.shape) for one in tensors], sizes)


def _elements(tensor: Tensor) -> pl.Series:
    """Numbers as they lie in memory: an image has a hundred thousand of them."""
    kind, layout = TYPES[tensor.dtype], tensor.dtype.layout
    if layout.kind is Kind.STRING:
        return pl.Series(tensor.elements(), dtype=kind)
    code = np.bool_ if tensor.dtype is DType.BOOL else np.dtype(layout.code).newbyteorder("<")
    return pl.Series(np.frombuffer(tensor.data, code)).cast(kind)
