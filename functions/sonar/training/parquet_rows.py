"""Parquet as columns of a version's fields, a batch of rows at a time: bounded by bytes, whatever the row groups.

A type that cannot hold a field's values makes the file unusable; a value that does not fit costs its row. Vectors are
lists (of lists), or `name_0`, `name_1`, … as in CSV.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from functions.core.dtypes import DType, Kind
from functions.core.errors import InvalidRequest, Problem
from functions.core.tensor import resolve
from functions.numerics.arrays import Array, Mask
from functions.numerics.profiles.column import Column
from functions.sonar.training.columns import Columns, leave_out, note_bad
from functions.sonar.training.csv_rows import Places
from functions.sonar.training.layout import Layout, Source
from functions.sonar.training.range_file import RangeFile
from functions.sonar.training.rejected import Rejected
from functions.sonar.training.values import Values, fit_numbers

MAGIC = b"PAR1"
ROWS = 1 << 16
BATCH_BYTES = 1 << 25
BUFFERS = 1 << 26  # bytes that are read ahead, for all columns together


class Batch(NamedTuple):
    rows: int
    columns: Columns


class ParquetFile:
    """`lists` are the columns that hold lists. Raises InvalidRequest for what is no Parquet."""

    def __init__(self, stream: RangeFile, rejected: Rejected) -> None:
        self.rejected = rejected
        schema = _read(lambda: pq.ParquetFile(stream)).schema_arrow
        self._kinds = {field.name: _plain(field.type) for field in schema}
        self.columns: list[str] = list(schema.names)
        self.lists = {name for name, kind in self._kinds.items() if _is_list(kind)}
        width = max(1, len(self.columns))
        buffer = min(1 << 22, max(1 << 16, BUFFERS // width))
        self._file = _read(lambda: pq.ParquetFile(stream, buffer_size=buffer, pre_buffer=False))
        self.rows: int = self._file.metadata.num_rows
        self.seen = 0  # rows that have come, and those before them

    def batches(self, layout: Layout, begin: int = 0) -> Iterator[Batch]:
        """From row `begin` on. Raises InvalidRequest when a column is of another kind than its field, or the file is
        damaged."""
        self._check_kinds(layout)
        wanted = [name for source in layout.sources for name in source.columns]
        groups, self.seen = self._groups_from(begin)
        found = self._file.iter_batches(batch_size=self._batch_rows(), columns=wanted, row_groups=groups)
        while (batch := _read(lambda: next(found, None))) is not None:
            skipped = min(max(0, begin - self.seen), batch.num_rows)
            places = Places("row", range(self.seen + skipped + 1, self.seen + batch.num_rows + 1))
            self.seen += batch.num_rows
            if len(places):
                yield self._to_columns(layout, batch.slice(skipped), places)

    def _groups_from(self, row: int) -> tuple[list[int], int]:
        """The row groups from that of `row` on, and how many rows are before them."""
        sizes = [self._file.metadata.row_group(at).num_rows for at in range(self._file.metadata.num_row_groups)]
        before = 0
        for at, size in enumerate(sizes):
            if before + size > row:
                return list(range(at, len(sizes))), before
            before += size
        return [], before

    def _batch_rows(self) -> int:
        groups = [self._file.metadata.row_group(at) for at in range(self._file.metadata.num_row_groups)]
        largest = max((group.total_byte_size / max(1, group.num_rows) for group in groups), default=1.0)
        return max(1, min(ROWS, int(BATCH_BYTES / max(1.0, largest))))

    def _check_kinds(self, layout: Layout) -> None:
        problems = [
            Problem(f"/{name}", source.field.dtype.value, str(self._kinds[name]))
            for source in layout.sources
            for name in source.columns
            if not _holds(source.field.dtype, _innermost(self._kinds[name]))
        ]
        if problems:
            raise InvalidRequest.of(problems)

    def _to_columns(self, layout: Layout, batch: pa.RecordBatch, places: Sequence[str]) -> Batch:
        bad = np.zeros(batch.num_rows, np.bool_)
        found: Columns = {}
        for source in layout.sources:
            arrays = [batch.column(name) for name in source.columns]
            read = self._lists if source.shape is None else self._elements
            found[source.field.name], wrong = read(source, arrays, places)
            bad |= wrong
        return Batch(*leave_out(found, bad, self.rejected))

    def _elements(self, source: Source, arrays: list[Any], places: Sequence[str]) -> tuple[Column, Mask]:
        dtype = source.field.dtype
        parts = [_values(dtype, array) for array in arrays]
        for name, part, array in zip(source.columns, parts, arrays, strict=True):
            note_bad(self.rejected, name, dtype, part.bad, places, _Shown(array))
        bad: Mask = np.logical_or.reduce([part.bad for part in parts])
        gaps = np.stack([part.missing for part in parts], axis=1)
        missing: Mask = np.asarray(gaps.all(axis=1))
        torn: Mask = gaps.any(axis=1) & ~missing
        self._note(f"{source.field.name}: expected a value for each element, or for none", torn, places, "some without")
        values = np.stack([part.values for part in parts], axis=1).reshape(len(bad), *(source.shape or ()))
        return Column(values, missing if missing.any() else None), bad | torn

    def _lists(self, source: Source, arrays: list[Any], places: Sequence[str]) -> tuple[Column, Mask]:
        """Of one shape, as a rule, and then without a look at each row."""
        (array,) = arrays
        missing = array.is_null().to_numpy(zero_copy_only=False)
        present = array.drop_null()
        flat, nested = _uniform(present)
        shape = None if flat is None else _shape(source, nested)
        if flat is None or shape is None:
            return self._ragged(source, array, missing, places)
        read = _values(source.field.dtype, flat)
        if read.bad.any() or read.missing.any():
            return self._ragged(source, array, missing, places)
        values = np.zeros((len(array), *shape), read.values.dtype)
        values[~missing] = read.values.reshape(len(present), *shape)
        return Column(values, missing if missing.any() else None), np.zeros(len(array), np.bool_)

    def _ragged(self, source: Source, array: Any, missing: Mask, places: Sequence[str]) -> tuple[Column, Mask]:
        """Row by row."""
        dtype, rows, kind = source.field.dtype, array.to_pylist(), _innermost(array.type)
        values, bad, misfits = np.empty(len(rows), object), np.zeros(len(rows), np.bool_), np.zeros(len(rows), np.bool_)
        blank = dtype.layout.code if dtype.layout.size else object
        for at, row in enumerate(rows):
            if row is None:
                continue
            flat = list(_flattened(row))
            shape = _shape(source, _nested(row, len(flat)))
            read = _values(dtype, pa.array(flat, kind)) if flat else None
            misfits[at] = shape is None
            bad[at] = read is not None and bool(read.bad.any() or read.missing.any())
            if shape is not None and not bad[at]:
                values[at] = np.empty(shape, blank) if read is None else read.values.reshape(shape)
        note_bad(self.rejected, source.field.name, dtype, bad, places, rows)
        self._note(f"{source.field.name}: expected shape {list(source.field.dims or ())}", misfits, places, "another")
        return Column(values, missing if missing.any() else None), bad | misfits

    def _note(self, reason: str, rows: Mask, places: Sequence[str], received: str) -> None:
        if where := np.flatnonzero(rows).tolist():
            self.rejected.note(reason, [places[at] for at in where], [received] * len(where))


class _Shown:
    """An Arrow array whose elements are looked at one by one."""

    def __init__(self, array: Any) -> None:
        self._array = array

    def __getitem__(self, at: int) -> object:
        return self._array[at].as_py()


def _values(dtype: DType, array: Any) -> Values:
    missing: Mask = array.is_null().to_numpy(zero_copy_only=False)
    if pa.types.is_null(array.type):
        blank = np.zeros(len(array), dtype.layout.code if dtype.layout.size else object)
        return Values(blank, missing, np.zeros(len(array), np.bool_))
    if dtype.layout.kind is Kind.STRING:
        objects: Array = array.cast(pa.string()).to_numpy(zero_copy_only=False)
        return Values(objects, missing, np.zeros(len(array), np.bool_))
    if dtype is DType.BOOL:
        truths = pc.fill_null(array, pa.scalar(value=False)).to_numpy(zero_copy_only=False).astype(np.bool_)
        return Values(truths, missing, np.zeros(len(array), np.bool_))
    if pa.types.is_decimal(array.type):
        array = array.cast(pa.float64())
    numbers = pc.fill_null(array, pa.scalar(0, array.type)).to_numpy(zero_copy_only=False)
    return fit_numbers(dtype, numbers, missing)


def _uniform(array: Any) -> tuple[Any, tuple[int, ...]]:
    """All elements of lists that are alike in every depth, and the shape of a row; None for others."""
    shape: list[int] = []
    while _is_list(array.type):
        lengths = pc.unique(pc.list_value_length(array))
        if array.null_count or len(lengths) != 1:
            return None, ()
        shape.append(lengths[0].as_py())
        array = array.flatten()
    return array, tuple(shape)


def _nested(row: Any, elements: int) -> tuple[int, ...]:
    """The shape of lists in lists; a flat one where they are not alike."""
    shape: list[int] = []
    first = row
    while isinstance(first, list):
        shape.append(len(first))
        first = first[0] if first else None
    return tuple(shape) if math.prod(shape) == elements else (elements,)


def _shape(source: Source, nested: tuple[int, ...]) -> tuple[int, ...] | None:
    """Lists nested as the field is are taken by their sizes, others by the number of their elements."""
    dims = source.field.dims
    if dims is None:
        return nested
    if len(dims) == len(nested):
        return nested if all(want in (-1, have) for want, have in zip(dims, nested, strict=True)) else None
    return resolve(dims, math.prod(nested))


def _flattened(row: Any) -> Iterator[Any]:
    for element in row:
        if isinstance(element, list):
            yield from _flattened(element)
        else:
            yield element


def _is_list(kind: Any) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))


def _plain(kind: Any) -> Any:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _innermost(kind: Any) -> Any:
    while _is_list(kind):
        kind = kind.value_type
    return _plain(kind)


def _holds(dtype: DType, kind: Any) -> bool:
    """Whether values of an Arrow type can be those of `dtype`."""
    wanted = dtype.layout.kind
    if wanted is Kind.STRING:
        fits = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    elif wanted is Kind.BOOLEAN:
        fits = pa.types.is_boolean(kind)
    else:
        fits = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    return bool(fits or pa.types.is_null(kind))


def _read(action: Any) -> Any:
    try:
        return action()
    except (pa.ArrowException, ValueError, OSError) as error:
        raise InvalidRequest.of([Problem("/", "a Parquet file", str(error)[:200])]) from error
