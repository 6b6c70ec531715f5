"""Hypothesis strategies for signatures with maps, and for plain JSON values that fit them."""

from typing import Any

from hypothesis import strategies as st

from functions.core.dtypes import DType
from functions.core.signature import Field, Profile, Shape
from tests.unit.core.tensors import elements

NAMES = st.sampled_from(["a", "b", "long_name", "with.dot", "with-dash", "_"])
MAP_DIMS = st.sampled_from([(), (-1,), (2,), (-1, 2)])
DIMS = st.sampled_from([(), (-1,), (2,), (-1, 3), (2, -1)])


def sides(depth: int = 3, *, listed: bool = False) -> st.SearchStrategy[tuple[Field, ...]]:
    """Fields of distinct names; inside a list of maps (`listed`) each has a shape."""
    each = tensors_of(listed=listed)
    if depth > 1:
        each |= maps(depth - 1, listed=listed)
    return st.lists(each, min_size=1, max_size=3, unique_by=lambda field: field.name).map(tuple)


def tensors_of(*, listed: bool) -> st.SearchStrategy[Field]:
    shapes = DIMS.map(Shape)
    shape = shapes if listed else st.none() | shapes
    return st.builds(Field, NAMES, st.sampled_from(DType), shape, st.sampled_from(Profile))


@st.composite
def maps(draw: st.DrawFn, depth: int = 2, *, listed: bool = False) -> Field:
    dims = draw(MAP_DIMS)
    shape = draw(st.sampled_from([None, Shape()])) if dims == () else Shape(dims)
    inside = draw(sides(depth, listed=listed or dims != ()))
    return Field(draw(NAMES), shape=shape, subfields=inside)


@st.composite
def values(draw: st.DrawFn, fields: tuple[Field, ...], smallest: int = 0) -> dict[str, Any]:
    """A body that fits `fields`; a free dimension has one size in all objects of a list, `smallest` or more."""
    sized = [(field, *draw(sizes(field, smallest))) for field in fields]
    return draw(objects(sized))


Sized = tuple[Field, tuple[int, ...], list[Any]]


@st.composite
def sizes(draw: st.DrawFn, field: Field, smallest: int) -> tuple[tuple[int, ...], list[Any]]:
    """The sizes that stand for the field's dimensions, and the same of its subfields."""
    dims = draw(DIMS) if field.dtype is not None and field.dims is None else field.dims or ()
    chosen = tuple(draw(st.integers(smallest, 3)) if size == -1 else size for size in dims)
    return chosen, [(subfield, *draw(sizes(subfield, smallest))) for subfield in field.subfields]


@st.composite
def objects(draw: st.DrawFn, sized: list[Sized]) -> dict[str, Any]:
    return {field.name: draw(nested(field, shape, inside)) for field, shape, inside in sized}


def nested(field: Field, shape: tuple[int, ...], inside: list[Sized]) -> st.SearchStrategy[Any]:
    each: st.SearchStrategy[Any] = elements(field.dtype) if field.dtype is not None else objects(inside)
    for size in reversed(shape):
        each = st.lists(each, min_size=size, max_size=size)
    return each
