"""Tensors: element type, shape, raw bytes; and the way between them and plain JSON values."""

import math
from collections.abc import Sequence
from itertools import chain
from typing import Any

import msgspec

from functions.core.dtypes import ACCEPTED, NON_FINITE, DType, Kind, decode, encode
from functions.core.errors import Problem

MAX_DEPTH = 16
MAX_PROBLEMS = 20


class Tensor(msgspec.Struct, frozen=True):
    """`data` is row-major in the protocol's raw layout (see dtypes)."""

    dtype: DType
    shape: tuple[int, ...]
    data: bytes

    def elements(self) -> list[object]:
        return decode(self.dtype, self.data)


class NotATensor(ValueError):
    """A JSON value that cannot be read as a tensor; says where and why."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems[0].expected)
        self.problems = problems


def from_json(dtype: DType, value: Any, pointer: str) -> Tensor:
    """The tensor that nested lists (row-major) or a bare value describe. Raises NotATensor."""
    shape, flat = flatten(value, pointer)
    return Tensor(dtype, shape, encode_elements(dtype, flat, shape, pointer))


def to_json(tensor: Tensor) -> Any:
    """Nested lists, or a bare value for a scalar; what is not finite is spelled "NaN", "Infinity", "-Infinity"."""
    flat = tensor.elements()
    if tensor.dtype.layout.kind is Kind.FLOAT and not all(map(math.isfinite, flat)):  # type: ignore[arg-type]
        flat = [_spelled(element) for element in flat]
    return nest(flat, tensor.shape)


def flatten(value: Any, pointer: str) -> tuple[tuple[int, ...], list[Any]]:
    """Shape and row-major elements of nested lists. Raises NotATensor for lists of unequal length or too deep ones."""
    if not isinstance(value, list):
        return (), [value]
    shape, level = [len(value)], value
    while level and isinstance(level[0], list):
        lengths = set(map(len, level)) if all(isinstance(row, list) for row in level) else set()
        if len(lengths) != 1:
            raise NotATensor([Problem(pointer, "lists of equal length", f"unequal ones at depth {len(shape)}")])
        shape.append(lengths.pop())
        level = list(chain.from_iterable(level))
        if len(shape) > MAX_DEPTH:
            raise NotATensor([Problem(pointer, f"at most {MAX_DEPTH} nested lists", "more")])
    return tuple(shape), level


def nest(flat: Sequence[object], shape: Sequence[int]) -> Any:
    """`flat` as nested lists of `shape`."""
    if not shape:
        return flat[0]
    rows: list[Any] = list(flat)
    for depth in range(len(shape) - 1, 0, -1):
        size = shape[depth]
        rows = [rows[at * size : (at + 1) * size] for at in range(math.prod(shape[:depth]))]
    return rows


def encode_elements(dtype: DType, flat: list[Any], shape: tuple[int, ...], pointer: str) -> bytes:
    """Raw bytes of `flat`. Raises NotATensor naming the elements that are of another kind or out of range."""
    try:
        return encode(dtype, flat)
    except (TypeError, OverflowError):
        raise NotATensor(_bad_elements(dtype, flat, shape, pointer)) from None


def resolve(shape: Sequence[int], elements: int) -> tuple[int, ...] | None:
    """`shape` with its one -1 worked out from the number of elements; None when they do not divide or differ."""
    known = math.prod(size for size in shape if size != -1)
    free = list(shape).count(-1)
    if free == 0:
        return tuple(shape) if known == elements else None
    if free > 1 or known == 0 or elements % known:
        return None
    return tuple(elements // known if size == -1 else size for size in shape)


def _bad_elements(dtype: DType, flat: list[Any], shape: tuple[int, ...], pointer: str) -> list[Problem]:
    problems = []
    for at, element in enumerate(flat):
        if type(element) in ACCEPTED[dtype.layout.kind]:
            try:
                encode(dtype, [element])
                continue
            except OverflowError:
                received = f"{describe(element)}, out of range"
            except TypeError:
                received = describe(element)
        else:
            received = describe(element)
        where = f"{pointer}{_index(at, shape)}"
        problems.append(Problem(where, f"{dtype.value} ({dtype.layout.kind.value})", received))
        if len(problems) == MAX_PROBLEMS:
            break
    return problems


def _index(at: int, shape: tuple[int, ...]) -> str:
    path = ""
    for size in reversed(shape):
        at, here = divmod(at, size)
        path = f"/{here}{path}"
    return path


def describe(value: Any) -> str:
    """A value as an error names it: its JSON kind and its beginning; of lists and objects only the size."""
    if value is None:
        return "null"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        return f"an object of {len(value)}"
    if isinstance(value, bool):
        return f"boolean {str(value).lower()}"
    kinds = {int: "integer", float: "number", str: "string"}
    text = repr(value[:61] if isinstance(value, str) else value)
    return f"{kinds.get(type(value), type(value).__name__)} {text[:60]}{'…' if len(text) > 60 else ''}"


def _spelled(element: object) -> object:
    for name, value in NON_FINITE.items():
        if element == value or (element != element and name == "NaN"):
            return name
    return element
