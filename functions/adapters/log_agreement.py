"""Two versions on the same requests: their logs joined by request id."""

from collections.abc import Sequence
from typing import Any

import polars as pl
from msgspec.structs import replace

from functions.adapters.log_queries import NUMBER, LogScan, condition
from functions.core.dtypes import DType
from functions.core.leaves import leaves
from functions.core.models import ModelVersion
from functions.core.request_log import Agreement, FieldAgreement, LogPart, Sides, Wanted

USE = "_use"  # how often the id was used before
WITHOUT_NUMBERS = (DType.STRING, DType.BOOL)
MEASURES = ("score", "overall_score", "latency_ms")


def paired(scan: LogScan, left: LogPart, right: LogPart, wanted: Wanted, *columns: str) -> pl.LazyFrame:
    """A row for each request that both logs have; what is the right one's ends in "_right"."""
    when = replace(wanted, before=None)
    ours, theirs = (_uses(scan, part, when, columns) for part in (left, right))
    pairs = ours.join(theirs, on=["request_id", USE], coalesce=True)
    return pairs.filter(condition(left.version, Wanted(before=wanted.before)))


def agreement(scan: LogScan, left: LogPart, right: LogPart, wanted: Wanted, fields: Sequence[str]) -> Agreement:
    if not (left.segments and right.segments):
        nothing = Sides(None, None)
        return Agreement(pairs=0, fields={}, score=nothing, overall_score=nothing, latency=nothing, errors=(0, 0))
    outputs = [f"out_{name}" for name in fields]
    found = paired(scan, left, right, wanted, "error", *MEASURES, *outputs).collect()
    score, overall, latency = (Sides(_mean(found[one]), _mean(found[f"{one}_right"])) for one in MEASURES)
    return Agreement(
        pairs=len(found),
        fields={name: _of_field(found, left.version, name) for name in fields},
        score=score,
        overall_score=overall,
        latency=latency,
        errors=(_count(found["error"].is_not_null()), _count(found["error_right"].is_not_null())),
    )


def _uses(scan: LogScan, part: LogPart, wanted: Wanted, columns: Sequence[str]) -> pl.LazyFrame:
    rows = scan.part(part, wanted, pl.col("request_id"), *(pl.col(name) for name in columns))
    return rows.sort("at", NUMBER).with_columns(pl.int_range(pl.len()).over("request_id").alias(USE))


def _of_field(found: pl.DataFrame, version: ModelVersion, name: str) -> FieldAgreement:
    both = found.select(a=f"out_{name}", b=f"out_{name}_right").drop_nulls()
    dtype = next(leaf.dtype for leaf in leaves(version.released_signature.outputs) if leaf.name == name)
    is_list = isinstance(both["a"].dtype, pl.List)
    if dtype in WITHOUT_NUMBERS:
        return FieldAgreement(compared=len(both), equal=_count(both["a"] == both["b"]), mean_difference=None)
    kind: Any = pl.List(pl.Float64) if is_list else pl.Float64
    numbers = both.cast(kind)
    alike = both if both["a"].dtype == both["b"].dtype else numbers  # a float holds no large whole number exactly
    equal = _count(alike["a"] == alike["b"])
    if is_list:
        numbers = numbers.filter(pl.col("a").list.len() == pl.col("b").list.len()).explode("a", "b")
    difference = numbers.select((pl.col("a") - pl.col("b")).abs().alias("d")).filter(pl.col("d").is_finite())
    return FieldAgreement(compared=len(both), equal=equal, mean_difference=_mean(difference["d"]))


def _mean(values: pl.Series) -> float | None:
    found = values.mean()
    return float(found) if isinstance(found, int | float) else None


def _count(truth: pl.Series) -> int:
    return int(truth.sum() or 0)
