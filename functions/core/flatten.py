"""Nested JSON lists as shape and row-major elements, and what is wrong with them to the element."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

from functions.core.describe import describe
from functions.core.dtypes import DType, Kind, encode, pack
from functions.core.errors import Problem
from functions.core.place import Place, place, unravel
from functions.core.signature import MAX_DEPTH

MAX_PROBLEMS = 20
CHUNK = 1024
NUMBERS = (Kind.FLOAT, Kind.INTEGER)

Dims = tuple[int, ...]


class NotATensor(ValueError):
    """A JSON value that cannot be read as a tensor; says where and why."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems[0].expected)
        self.problems = problems


def flatten(value: Any, pointer: str) -> tuple[Dims, list[Any]]:
    """Shape and elements of one value. Raises NotATensor for lists of unequal length or too deep ones."""
    return unfold([value], (), place(pointer))


def flatten_numbers(value: Any, pointer: str) -> tuple[Dims, list[Any]]:
    """The same of a value that is known to hold nothing but numbers, all equally deep in fewer than MAX_DEPTH lists."""
    shape: Dims = ()
    level = [value]
    while level and isinstance(level[0], list):
        sizes = set(map(len, level))
        if len(sizes) != 1:
            return flatten(value, pointer)  # which says what is wrong
        shape = (*shape, sizes.pop())
        level = level[0] if len(level) == 1 else join(level)
    return shape, level


def unfold(
    values: list[Any], outer: Dims, where: Place, dims: Dims | None = None, depth: int = MAX_DEPTH
) -> tuple[Dims, list[Any]]:
    """The same of `values` that are rows of the shape `outer`, going no deeper than `depth` dimensions.

    With `dims`, the shape that is wanted, what is irregular is told from what is right; without, the first of a level
    counts as right.
    """
    shape, level = outer, values
    while len(shape) < depth and level and _is_nested(level, len(shape), dims):
        regular = set(map(type, level)) == {list}
        sizes = set(map(len, level)) if regular else set()
        if len(sizes) != 1:
            raise NotATensor([_irregularity(values, outer, where, dims)])
        shape = (*shape, sizes.pop())
        level = level[0] if len(level) == 1 else join(level)
    if len(shape) == MAX_DEPTH and level and isinstance(level[0], list):
        raise NotATensor([Problem(where.at((0,) * len(outer)), f"at most {MAX_DEPTH} nested lists", "more")])
    return shape, level


def join(rows: Sequence[Sequence[Any]]) -> list[Any]:
    """All elements of `rows`, in one list. For rows of a few elements this takes less time than a chain of them."""
    joined: list[Any] = []
    for row in rows:
        joined += row
    return joined


def _is_nested(level: list[Any], depth: int, dims: Dims | None) -> bool:
    return isinstance(level[0], list) or (dims is not None and depth < len(dims) and list in set(map(type, level)))


def _irregularity(values: list[Any], outer: Dims, where: Place, dims: Dims | None) -> Problem:
    """The first list or element that does not fit; there is one."""
    shape, level = outer, values
    while True:
        depth = len(shape)
        listed = isinstance(level[0], list) if dims is None else depth < len(dims)
        size = dims[depth] if dims is not None and depth < len(dims) and dims[depth] != -1 else None
        for at, item in enumerate(level):
            if size is None and isinstance(item, list):
                size = len(item)
            if isinstance(item, list) is not listed or (listed and len(item) != size):
                expected = ("a list" if size is None else f"a list of {size}") if listed else "a single value"
                return Problem(where.at(unravel(at, shape)), expected, describe(item))
        shape, level = (*shape, size or 0), list(chain.from_iterable(level))


def encode_elements(dtype: DType, flat: list[Any], shape: Dims, where: Place, *, are_numbers: bool = False) -> bytes:
    """Raw bytes of `flat`. Raises NotATensor naming the elements that are of another kind or out of range.

    With `are_numbers` they are known to be numbers, and it is not looked at each of them again.
    """
    try:
        return pack(dtype, flat) if are_numbers and dtype.layout.kind in NUMBERS else encode(dtype, flat)
    except (TypeError, OverflowError):
        raise NotATensor(_bad_elements(dtype, flat, shape, where)) from None


def _bad_elements(dtype: DType, flat: list[Any], shape: Dims, where: Place) -> list[Problem]:
    problems: list[Problem] = []
    for begin in range(0, len(flat), CHUNK):
        chunk = flat[begin : begin + CHUNK]
        if _refusal(dtype, chunk) is None:
            continue
        for at, element in enumerate(chunk, begin):
            refusal = _refusal(dtype, [element])
            if refusal is not None:
                pointer = where.at(unravel(at, shape))
                received = f"{describe(element)}{refusal}"
                problems.append(Problem(pointer, f"{dtype.value} ({dtype.layout.kind.value})", received))
            if len(problems) == MAX_PROBLEMS:
                return problems
    return problems


def _refusal(dtype: DType, elements: list[Any]) -> str | None:
    """None for elements that can be encoded; else what is to be said beside them."""
    try:
        encode(dtype, elements)
    except OverflowError:
        return ", out of range"
    except TypeError:
        return ""
    return None
