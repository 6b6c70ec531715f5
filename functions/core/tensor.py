"""Tensors: element type, shape, raw bytes; and the way between them and plain JSON values."""

import math
from collections.abc import Sequence
from itertools import takewhile
from typing import Any

import msgspec

from functions.core.dtypes import DType, Kind, decode
from functions.core.flatten import encode_elements, flatten
from functions.core.place import place

MOST_HOLLOW = 1_000_000  # lists without elements: no bytes bound their number, and as objects each costs many


class Tensor(msgspec.Struct, frozen=True):
    """`data` is row-major in the protocol's raw layout (see dtypes)."""

    dtype: DType
    shape: tuple[int, ...]
    data: bytes

    def elements(self) -> list[object]:
        return decode(self.dtype, self.data)


def from_json(dtype: DType, value: Any, pointer: str) -> Tensor:
    """The tensor that nested lists (row-major) or a bare value describe. Raises NotATensor."""
    shape, flat = flatten(value, pointer)
    return Tensor(dtype, shape, encode_elements(dtype, flat, shape, place(pointer)))


def to_json(tensor: Tensor) -> Any:
    """Nested lists, or a bare value for a scalar, of what `spell` gives."""
    return nest(spell(tensor), tensor.shape)


def spell(tensor: Tensor) -> list[Any]:
    """The elements as JSON says them; what is not finite is spelled "NaN", "Infinity", "-Infinity"."""
    flat = tensor.elements()
    # A sum is finite only when all its terms are, and adding them up is ten times faster than asking each
    if tensor.dtype.layout.kind is Kind.FLOAT and not math.isfinite(sum(flat)):  # type: ignore[arg-type]
        return [_spelled(element) for element in flat]
    return flat


def nest(flat: Sequence[Any], shape: Sequence[int]) -> Any:
    """`flat` as nested lists of `shape`."""
    return nest_rows(flat, 1, shape)[0]


def nest_rows(flat: Sequence[Any], count: int, shape: Sequence[int]) -> list[Any]:
    """`count` such nested lists."""
    rows = list(flat)
    for depth in range(len(shape) - 1, -1, -1):
        size = shape[depth]
        rows = [rows[at * size : (at + 1) * size] for at in range(count * math.prod(shape[:depth]))]
    return rows


def resolve(shape: Sequence[int], elements: int) -> tuple[int, ...] | None:
    """`shape` with its one -1 worked out from the number of elements; None when they do not divide or differ."""
    known = math.prod(size for size in shape if size != -1)
    free = list(shape).count(-1)
    if free == 0:
        return tuple(shape) if known == elements else None
    if free > 1 or known == 0 or elements % known:
        return None
    return tuple(elements // known if size == -1 else size for size in shape)


def is_hollow(shape: Sequence[int]) -> bool:
    """Is it the shape of more empty lists than anybody should make objects of?"""
    return 0 in shape and math.prod(takewhile(bool, shape)) > MOST_HOLLOW


def _spelled(element: Any) -> Any:
    if math.isfinite(element):
        return element
    return "NaN" if math.isnan(element) else "Infinity" if element > 0 else "-Infinity"
