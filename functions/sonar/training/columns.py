"""Rows of texts as columns of a version's fields; rows with a value that does not fit are noted and left out."""

from collections.abc import Sequence

import numpy as np

from functions.core.dtypes import DType, Kind
from functions.numerics.arrays import Array, Mask
from functions.numerics.profiles.column import Column
from functions.sonar.training.csv_rows import Rows
from functions.sonar.training.layout import Layout, Source
from functions.sonar.training.rejected import Rejected
from functions.sonar.training.values import Values, expected, read_texts

Columns = dict[str, Column]


def to_columns(layout: Layout, rows: Rows, rejected: Rejected) -> tuple[int, Columns]:
    """How many rows stay, and their columns."""
    if not rows.cells:
        return 0, {}
    bad = np.zeros(len(rows.cells), np.bool_)
    texts = list(zip(*rows.cells, strict=True))
    found = {}
    for source in layout.sources:
        column, wrong = _column(source, [texts[at] for at in source.positions], rows.places, rejected)
        found[source.field.name] = column
        bad |= wrong
    return leave_out(found, bad, rejected)


def leave_out(found: Columns, bad: Mask, rejected: Rejected) -> tuple[int, Columns]:
    """The columns without the rows that are `bad`."""
    if not bad.any():
        return len(bad), found
    rejected.rows += int(bad.sum())
    stay = ~bad
    kept = {
        name: Column(column.values[stay], None if column.missing is None else column.missing[stay])
        for name, column in found.items()
    }
    return int(stay.sum()), kept


def note_bad(rejected: Rejected, column: str, dtype: DType, bad: Mask, places: Sequence[str], values: object) -> None:
    """`values` are what stood in the column, by row."""
    where = np.flatnonzero(bad).tolist()
    if where:
        told = (values[at] for at in where)  # type: ignore[index]
        rejected.note(f"{column}: expected {expected(dtype)}", [places[at] for at in where], told)


def _column(
    source: Source, texts: Sequence[Sequence[str]], places: Sequence[str], rejected: Rejected
) -> tuple[Column, Mask]:
    """The field's column, and the rows that do not fit."""
    dtype = source.field.dtype
    parts = [read_texts(dtype, column) for column in texts]
    for name, part, column in zip(source.columns, parts, texts, strict=True):
        note_bad(rejected, name, dtype, part.bad, places, column)
    if source.shape == () or source.shape is None:
        (only,) = parts
        return Column(only.values, only.missing if only.missing.any() else None), only.bad
    return _tensors(source, parts, places, rejected)


def _tensors(source: Source, parts: Sequence[Values], places: Sequence[str], rejected: Rejected) -> tuple[Column, Mask]:
    """A tensor is missing when all of its elements are. Without some of them it is none; a text may be empty."""
    empty = np.stack([part.missing for part in parts], axis=1)
    bad: Mask = np.logical_or.reduce([part.bad for part in parts])
    missing: Mask = np.asarray(empty.all(axis=1))
    if source.field.dtype.layout.kind is not Kind.STRING:
        torn = empty.any(axis=1) & ~missing
        where = np.flatnonzero(torn).tolist()
        if where:
            reason = f"{source.field.name}: expected a value for each element, or for none"
            rejected.note(reason, [places[at] for at in where], (f"{int(empty[at].sum())} without" for at in where))
        bad |= torn
    values: Array = np.stack([part.values for part in parts], axis=1)
    shaped = values.reshape(len(values), *(source.shape or ()))
    return Column(shaped, missing if missing.any() else None), bad
