"""Rules applied to a batch of observations: a verdict for each rule and row, computed column by column.

A value that is missing breaks the rule against missing values, if there is one, and no other: there is nothing to
compare. Elements that are judged together fail together.
"""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from functions.core.checks import Check, Value, Verdict
from functions.core.dtypes import NON_FINITE
from functions.numerics.arrays import Array, Mask
from functions.numerics.checks.rules import Rule, RuleKind
from functions.numerics.profiles.column import Column
from functions.numerics.sketches.frequencies import category_name

PASSED, FAILED, SILENT = 1, 0, -1
Verdicts = NDArray[np.int8]


class Judged(NamedTuple):
    """`verdicts` has PASSED, FAILED or SILENT (the rule says nothing about it) for each row; `values` what it saw."""

    rule: Rule
    verdicts: Verdicts
    values: Array


def judge(rules: Sequence[Rule], columns: Mapping[str, Column]) -> list[Judged]:
    """Each rule on its field's column; a field without a column is missing in every row.

    Raises TypeError when a rule for numbers meets something else.
    """
    rows = max((column.rows for column in columns.values()), default=0)
    absent = Column(np.full(rows, None, object))
    return [_judge(rule, columns.get(rule.field, absent)) for rule in rules]


def checks_by_row(judged: Sequence[Judged], rows: int) -> list[dict[str, list[Check]]]:
    """The checks of each row, by element."""
    found: list[dict[str, list[Check]]] = [{} for _ in range(rows)]
    for rule, verdicts, values in judged:
        description = rule.description
        for checks, state, value in zip(found, verdicts.tolist(), values.tolist(), strict=True):
            if state == SILENT:
                continue
            check = Check(
                name=rule.kind.value,
                verdict=Verdict.PASSED if state == PASSED else Verdict.FAILED,
                description=description,
                value=_spelled(value),
                threshold=rule.threshold,
            )
            checks.setdefault(rule.element, []).append(check)
    return found


def _judge(rule: Rule, column: Column) -> Judged:
    values, missing = _elements(rule, column)
    if rule.kind is RuleKind.MISSING:
        states = np.where(missing, FAILED, SILENT)
    else:
        found = _known(rule, values) if rule.kind is RuleKind.CATEGORY else _within(rule, values, missing)
        states = np.where(missing, SILENT, found)
    failed, passed = states == FAILED, states == PASSED
    verdicts = np.where(failed.any(axis=1), FAILED, np.where(passed.any(axis=1), PASSED, SILENT))
    # of several elements the first that broke the rule is shown
    shown = np.take_along_axis(values, np.argmax(failed, axis=1)[:, np.newaxis], axis=1)[:, 0]
    return Judged(rule, verdicts.astype(np.int8), shown)


def _elements(rule: Rule, column: Column) -> tuple[Array, Mask]:
    """[rows, elements] of the values that the rule is about, and which of them are missing."""
    values = column.values
    if values.dtype.kind == "O" and values.ndim == 1:
        values = _unpacked(values)
    values = values.reshape(len(values), -1 if len(values) else 1)
    if rule.position is not None:
        values = values[:, rule.position : rule.position + 1]
    if not values.shape[1]:
        values = np.full((len(values), 1), None, object)
    missing = np.zeros(values.shape, np.bool_)
    if values.dtype.kind == "O":
        absent = [v is None or (rule.nan_is_missing and v != v) for v in values.flat]
        missing = np.array(absent, np.bool_).reshape(values.shape)
    elif rule.nan_is_missing:
        missing = values != values
    return values, missing if column.missing is None else missing | column.missing[:, np.newaxis]


def _unpacked(rows: Array) -> Array:
    """Rows that are lists or tensors of any length side by side; shorter ones end with None."""
    lists = [
        [row] if row is None or isinstance(row, str) or np.ndim(row) == 0 else np.ravel(row).tolist() for row in rows
    ]
    width = max(map(len, lists), default=1)
    unpacked = np.full((len(lists), width), None, object)
    for at, elements in enumerate(lists):
        unpacked[at, : len(elements)] = elements
    return unpacked


def _within(rule: Rule, values: Array, missing: Mask) -> Array:
    if values.dtype.kind == "O":
        present = np.array(values[~missing].tolist())
        if len(present) and present.dtype.kind not in "fiub":
            raise TypeError(f"{rule.element}: expected numbers, received {values[~missing][0]!r}")
        filled = np.zeros(values.shape, present.dtype)
        filled[~missing] = present
        values = filled
    healthy = values >= rule.threshold if rule.kind is RuleKind.MINIMUM else values <= rule.threshold
    states = np.where(healthy, PASSED, FAILED)
    return np.where(values != values, SILENT, states) if rule.allows_nan else states


def _known(rule: Rule, values: Array) -> Array:
    known = [category_name(value) in rule.categories for value in values.reshape(-1).tolist()]
    return np.where(np.array(known, np.bool_).reshape(values.shape), PASSED, FAILED)


def _spelled(value: Value) -> Value:
    """As JSON can say it: what is not finite by its name, as in tensors."""
    if isinstance(value, float) and not math.isfinite(value):
        return next(name for name, known in NON_FINITE.items() if known == value or (value != value and known != known))
    return value
