"""What is wanted of the request log, said to Polars: lazy scans of segments' files, and the conditions on their rows.

Polars fetches the columns and row groups that a question needs and no others; where the row groups' statistics answer
it, nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from functions.adapters.log_rows import moment_of
from functions.adapters.log_statistics import Stretch, Tails, stretches
from functions.core.checks import COMPARISONS, Operator
from functions.core.dtypes import DType
from functions.core.leaves import leaves
from functions.core.ledger import Segment
from functions.core.models import ModelVersion
from functions.core.request_log import PRIME, Comparison, LogPart, Of, Shuffle, Wanted

NUMBER = "_number"  # no column of a file begins so
PLACE = "_place"  # of a row in its file
COLUMNS = {Of.SCORE: "score", Of.OVERALL_SCORE: "overall_score", Of.LATENCY: "latency_ms"}
FLOATS = (DType.HALF, DType.FLOAT, DType.DOUBLE)


class LogScan:
    """Files below `root`, a folder or "s3://bucket"; `options` are the object store's, as Polars takes them."""

    def __init__(self, root: str, options: Mapping[str, str], tails: Tails) -> None:
        self._root = root
        self._tails = tails
        self._options = dict(options)

    def segment(self, segment: Segment) -> pl.LazyFrame:
        """The segment's file, with the rows' places."""
        return pl.scan_parquet(
            f"{self._root}/{segment.key}",
            row_index_name=PLACE,
            glob=False,
            hive_partitioning=False,
            storage_options=self._options or None,
            credential_provider=None,
        )

    def part(self, part: LogPart, wanted: Wanted, *columns: pl.Expr) -> pl.LazyFrame:
        """`columns`, number and moment of the wanted rows, in no order."""
        keep = condition(part.version, wanted)
        parts = stretches(self._tails, part.segments, wanted)
        scans = [
            piece.with_columns(number_of(one)).filter(keep)
            for one in part.segments
            for piece in self._pieces(one, parts.get(one.key))
        ]
        return pl.concat([scan.select(NUMBER, "at", *columns) for scan in scans])

    def _pieces(self, segment: Segment, parts: Sequence[Stretch] | None) -> list[pl.LazyFrame]:
        """At least one: of nothing the first no rows."""
        if parts is None:
            return [self.segment(segment)]
        return [self.segment(segment).slice(first, rows) for first, rows in parts or [(0, 0)]]


def number_of(segment: Segment) -> pl.Expr:
    """The rows' numbers, from their places in the file."""
    place = pl.col(PLACE).cast(pl.Int64)
    if len(segment.numbers) == 1:
        return (place + segment.first).alias(NUMBER)
    starts, shifts, at = [], [], 0
    for run in segment.numbers:
        starts.append(at)
        shifts.append(run.first - at)
        at += run.rows
    run_of = pl.lit(pl.Series(starts, dtype=pl.Int64)).search_sorted(place, side="right") - 1
    return (place + pl.lit(pl.Series(shifts, dtype=pl.Int64)).gather(run_of)).alias(NUMBER)


def shuffled(shuffle: Shuffle) -> pl.Expr:
    """The rows' places in that order."""
    number, value = pl.col(NUMBER) % PRIME, pl.lit(0, dtype=pl.Int64)
    for coefficient in shuffle.coefficients:
        value = (value * number + coefficient) % PRIME
    return value


def condition(version: ModelVersion, wanted: Wanted) -> pl.Expr:
    """True for the rows that are wanted."""
    at, found = pl.col("at"), [pl.lit(True)]  # noqa: FBT003 - Polars' way to say it
    if wanted.since is not None:
        found.append(at >= moment_of(wanted.since))
    if wanted.until is not None:
        found.append(at <= moment_of(wanted.until))
    if wanted.before is not None:
        end = moment_of(wanted.before.moment)
        found.append((at < end) | ((at == end) & (pl.col(NUMBER) < wanted.before.number)))
    if wanted.error is not None:
        found.append(pl.col("error").is_not_null() == wanted.error)
    if wanted.shadow is not None:
        found.append(pl.col("is_shadow") == wanted.shadow)
    if wanted.application is not None:
        found.append(pl.col("application") == wanted.application)
    if wanted.request_ids is not None:
        found.append(pl.col("request_id").is_in(sorted(wanted.request_ids)))
    for column, name in (("failed", wanted.failed), ("errored", wanted.errored)):
        if name is not None:
            found.append(pl.col(column).list.contains(name))
    found += [_holds(version, comparison) for comparison in wanted.comparisons]
    return pl.all_horizontal(found)


def _holds(version: ModelVersion, comparison: Comparison) -> pl.Expr:
    value = _value(version, comparison)
    compare: Callable[[Any, Any], Any] = COMPARISONS[comparison.operator]
    holds = compare(value, _literal(comparison))
    # Polars sorts NaN behind all numbers; no number is less than it, and it is greater than none
    ordered = comparison.operator in (Operator.GREATER, Operator.GREATER_EQ) and _is_float(version, comparison)
    found: pl.Expr = (holds & value.is_not_nan() if ordered else holds) & value.is_not_null()
    return found


def _value(version: ModelVersion, comparison: Comparison) -> pl.Expr:
    if comparison.of in COLUMNS:
        return pl.col(COLUMNS[comparison.of])
    side = "in" if comparison.of is Of.INPUT else "out"
    column = pl.col(f"{side}_{comparison.name}")
    if comparison.element is not None:
        column = column.list.get(comparison.element, null_on_oob=True)
    # a narrower float is compared as the number that it is, and as it is shown
    return column.cast(pl.Float64) if _is_float(version, comparison) else column


def _literal(comparison: Comparison) -> Any:
    value = comparison.value
    return pl.lit(value, dtype=pl.Int128) if isinstance(value, int) and not isinstance(value, bool) else value


def _is_float(version: ModelVersion, comparison: Comparison) -> bool:
    if comparison.of in COLUMNS:
        return True
    signature = version.released_signature
    fields = signature.inputs if comparison.of is Of.INPUT else signature.outputs
    return any(leaf.name == comparison.name and leaf.dtype in FLOATS for leaf in leaves(fields))
