"""Observations as a table of columns, the form in which rules and profiles take them.

Where every field of a signature has a free first dimension, that dimension counts rows: a request with three rows is
three rows of the table, as three rows of the training data are. Otherwise a request is one row.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from msgspec.structs import replace

from functions.core.dtypes import DType, Kind
from functions.core.leaves import Leaf, leaves
from functions.core.observations import Observation
from functions.core.signature import Signature
from functions.core.tensor import Tensor
from functions.core.validate import check_shape
from functions.numerics.arrays import Array
from functions.numerics.profiles.column import Column


class Table(NamedTuple):
    """`columns` by field; `owners` says for each row which observation it is of."""

    columns: dict[str, Column]
    owners: Array


def takes_rows(signature: Signature) -> bool:
    return all((leaf.dims or (0,))[0] == -1 for leaf in leaves((*signature.inputs, *signature.outputs)))


def row_fields(signature: Signature) -> list[Leaf]:
    """Inputs and outputs as they are in one row. An output hides an input of the same name: it is the later word."""
    fields = {leaf.name: leaf for leaf in leaves((*signature.inputs, *signature.outputs))}
    if not takes_rows(signature):
        return list(fields.values())
    return [replace(leaf, dims=(leaf.dims or ())[1:]) for leaf in fields.values()]


def table_of(signature: Signature, observations: Sequence[Observation]) -> Table:
    """Rows of the fields' values, those that an observation does not have marked as missing."""
    by_rows = takes_rows(signature)
    given = [one.inputs | (one.outputs or {}) for one in observations]
    counts = [_rows(tensors) if by_rows else 1 for tensors in given]
    owners = np.repeat(np.arange(len(observations)), counts)
    columns = {}
    for field in row_fields(signature):
        rows: list[Any] = []
        for tensors, count in zip(given, counts, strict=True):
            rows += _values(field, tensors.get(field.name), count, by_rows=by_rows)
        columns[field.name] = _column(field, rows)
    return Table(columns, owners)


def to_array(tensor: Tensor) -> Array:
    """The tensor as a NumPy array; text as objects."""
    layout = tensor.dtype.layout
    if layout.kind is Kind.STRING:
        values = np.empty(len(elements := tensor.elements()), object)
        values[:] = elements
    elif tensor.dtype is DType.BOOL:
        values = np.frombuffer(tensor.data, np.uint8) != 0
    else:
        values = np.frombuffer(tensor.data, np.dtype(layout.code).newbyteorder("<"))
    return values.reshape(tensor.shape)


def _rows(tensors: dict[str, Tensor]) -> int:
    return max((tensor.shape[0] for tensor in tensors.values() if tensor.shape), default=1)


def _values(field: Leaf, tensor: Tensor | None, count: int, *, by_rows: bool) -> list[Any]:
    """`count` values, None for each that is not there or is not what the field promises: the error tells of that."""
    if tensor is None or tensor.dtype is not field.dtype:
        return [None] * count
    of_row = tensor.shape[1:] if by_rows else tensor.shape
    if check_shape(field, of_row, "") or (by_rows and tensor.shape[:1] != (count,)):
        return [None] * count
    array = to_array(tensor)
    return list(array) if by_rows else [array[()] if array.ndim == 0 else array]


def _column(field: Leaf, rows: Sequence[Any]) -> Column:
    missing = np.fromiter((row is None for row in rows), np.bool_, len(rows))
    shapes = {np.shape(row) for row in rows if row is not None}
    if field.dtype is DType.STRING or len(shapes) > 1:
        values = np.empty(len(rows), object)
        for at, row in enumerate(rows):
            values[at] = row
        return Column(values, missing if missing.any() else None)
    blank = np.zeros(shapes.pop() if shapes else (), _numpy(field.dtype))
    if not rows:
        return Column(np.empty((0, *blank.shape), blank.dtype))
    return Column(np.stack([blank if row is None else row for row in rows]), missing if missing.any() else None)


def _numpy(dtype: DType) -> np.dtype[np.generic]:
    return np.dtype(np.bool_ if dtype is DType.BOOL else dtype.layout.code)
