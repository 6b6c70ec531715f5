"""Rules applied to a batch of observations: a verdict for each rule and row, computed column by column.

A value that is missing breaks the rule against missing values, if there is one, and no other: there is nothing to
compare. Elements that are judged together fail together.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from functions.core.checks import Check, Verdict, spelled
from functions.numerics.arrays import Array, Counts, Mask
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
                value=spelled(value),
                threshold=rule.threshold,
            )
            checks.setdefault(rule.element, []).append(check)
    return found


def _judge(rule: Rule, column: Column) -> Judged:
    values, missing, beyond = _elements(rule, column)
    if rule.kind is RuleKind.MISSING:
        found = np.where(missing, FAILED, SILENT)
    else:
        found = _known(rule, values) if rule.kind is RuleKind.CATEGORY else _within(rule, values, missing)
        found = np.where(missing, SILENT, found)
    states = np.where(beyond, SILENT, found)
    failed, passed = states == FAILED, states == PASSED
    verdicts = np.where(failed.any(axis=1), FAILED, np.where(passed.any(axis=1), PASSED, SILENT))
    # of several elements the first that broke the rule is shown
    shown = np.take_along_axis(values, np.argmax(failed, axis=1)[:, np.newaxis], axis=1)[:, 0]
    return Judged(rule, verdicts.astype(np.int8), shown)


def _elements(rule: Rule, column: Column) -> tuple[Array, Mask, Mask]:
    """[rows, elements] of the values that the rule is about, which of them are missing, and which are none: they lie
    beyond the end of a row whose elements are judged together."""
    values = column.values
    if values.dtype.kind == "O" and values.ndim == 1:
        values, lengths = _unpacked(values)
    else:
        values = values.reshape(len(values), -1 if len(values) else 1)
        lengths = np.full(len(values), values.shape[1])
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
    beyond = (np.arange(values.shape[1]) >= lengths[:, np.newaxis]) & (rule.position is None)
    if column.missing is not None:
        missing |= column.missing[:, np.newaxis]
        beyond &= ~column.missing[:, np.newaxis]
    return values, missing, beyond


def _unpacked(rows: Array) -> tuple[Array, Counts]:
    """Rows that are lists or tensors of any length side by side, and their lengths; shorter ones end with None."""
    lists = [[row] if row is None or isinstance(row, str) else np.ravel(row).tolist() for row in rows]
    width = max(map(len, lists), default=1)
    unpacked = np.full((len(lists), width), None, object)
    for at, elements in enumerate(lists):
        unpacked[at, : len(elements)] = elements
    return unpacked, np.fromiter(map(len, lists), np.int64, len(lists))


def _within(rule: Rule, values: Array, missing: Mask) -> Array:
    if values.dtype.kind == "O":
        present = np.array(values[~missing].tolist())
        if len(present) and present.dtype.kind not in "fiub":
            raise TypeError(f"{rule.element}: expected numbers, received {values[~missing][0]!r}")
        values = np.where(missing, 0, values)  # Python's numbers stay: a double holds no whole number of 64 bits
    least = rule.kind is RuleKind.MINIMUM
    healthy = (values >= rule.threshold if least else values <= rule.threshold).astype(np.bool_)
    if rule.allows_infinite:
        healthy |= (values == (-np.inf if least else np.inf)).astype(np.bool_)
    states = np.where(healthy, PASSED, FAILED)
    return np.where((values != values).astype(np.bool_), SILENT, states) if rule.allows_nan else states


def _known(rule: Rule, values: Array) -> Array:
    known = [category_name(value) in rule.categories for value in values.reshape(-1).tolist()]
    return np.where(np.array(known, np.bool_).reshape(values.shape), PASSED, FAILED)
