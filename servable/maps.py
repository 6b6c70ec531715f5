"""Maps: what a signature nests, and the tensors that travel in its place.

A map is one tensor per leaf, named by its path (`customer/age`), with the sizes of the list of maps before its own. The
model's side of it is a dict, or nested lists of dicts.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

import numpy as np

from servable.contract import SEPARATOR, Field
from servable.errors import WrongOutput
from servable.tensors import Array


def gather(fields: Iterable[Field], arrays: Mapping[str, Array], path: str = "") -> dict[str, Any]:
    """What a model is given for `arrays`, by the names of leaves: a value per field.

    A tensor is a writable array, a scalar its numpy scalar (text: `str`), a map a dict, or nested lists of dicts.
    """
    return {field.name: _value(field, arrays, f"{path}{field.name}") for field in fields}


def _value(field: Field, arrays: Mapping[str, Array], name: str) -> Any:
    if not field.is_map:
        array = arrays[name]
        return array[()] if array.ndim == 0 else array.copy()
    prefix = f"{name}{SEPARATOR}"
    inside = {leaf: array for leaf, array in arrays.items() if leaf.startswith(prefix)}
    return _maps(field, inside, prefix, len(field.dims or ()))


def _maps(field: Field, arrays: Mapping[str, Array], prefix: str, rank: int) -> Any:
    if not rank:
        return gather(field.subfields, arrays, prefix)
    size = len(next(iter(arrays.values())))
    # [at, ...] rather than [at]: an element of text must stay an array until it is taken out
    rows = ({name: array[at, ...] for name, array in arrays.items()} for at in range(size))
    return [_maps(field, row, prefix, rank - 1) for row in rows]


class Column:
    """The values of one leaf in all the maps around it, row by row; `outer` are the sizes of the lists of maps."""

    def __init__(self, values: list[Any], outer: tuple[int, ...]) -> None:
        self.outer = outer
        self.value = values if outer else values[0]

    def shaped(self, array: Array, leaf: Field) -> Array:
        """`array`, made of `value`, in the shape of the leaf. No maps leave free sizes at 0."""
        if not self.outer:
            return array
        inner = array.shape[1:]
        if 0 in self.outer:
            inner = tuple(max(size, 0) for size in (leaf.dims or ())[len(self.outer) :])
        return array.reshape(*self.outer, *inner)


def spread(fields: Iterable[Field], answer: Mapping[str, Any]) -> dict[str, Column]:
    """What a model gave, by the names of leaves. It may nest as the signature does, or name the leaves itself.

    Raises WrongOutput naming what is missing, is no map, or differs in length from its neighbours.
    """
    found: dict[str, Column] = {}
    for field in fields:
        named = _leaves_named(field, answer) if field.is_map and answer.get(field.name) is None else []
        if named:
            found |= {key: Column([answer[key]], ()) for key in named}
        else:
            _spread(field, [answer], (), "", found)
    return found


def _leaves_named(field: Field, answer: Mapping[str, Any]) -> list[str]:
    return [key for key in answer if str(key).startswith(f"{field.name}{SEPARATOR}")]


def _spread(field: Field, rows: list[Any], outer: tuple[int, ...], path: str, found: dict[str, Column]) -> None:
    name = f"{path}{field.name}"
    missing = next((row for row in rows if row.get(field.name) is None), None)
    if missing is not None:
        given = ", ".join(map(str, missing)) or "none"
        raise WrongOutput(f"the model returned no output '{name}', only: {given}")
    column = [row[field.name] for row in rows]
    if not field.is_map:
        found[name] = Column(column, outer)
        return
    for _ in field.dims or ():
        outer, column = (*outer, _length(name, column)), list(chain.from_iterable(column))
    strange = next((each for each in column if not isinstance(each, Mapping)), None)
    if strange is not None:
        raise WrongOutput(f"output '{name}': expected a mapping of its fields, got {type(strange).__name__}")
    for subfield in field.subfields:
        _spread(subfield, column, outer, f"{name}{SEPARATOR}", found)


def _length(name: str, lists: list[Any]) -> int:
    strange = next((each for each in lists if not isinstance(each, list | tuple | np.ndarray)), None)
    if strange is not None:
        raise WrongOutput(f"output '{name}': expected a list of mappings, got {type(strange).__name__}")
    lengths = {len(each) for each in lists}
    if len(lengths) > 1:
        told = ", ".join(map(str, sorted(lengths)))
        raise WrongOutput(f"output '{name}': expected lists of one length, got lengths {told}")
    return lengths.pop() if lengths else 0


def misfits(fields: Iterable[Field], arrays: Mapping[str, Array]) -> Iterator[str]:
    """A sentence for each list of maps whose leaves, all of the right rank, tell different sizes."""
    for path, rank in _lists(fields, "", 0):
        sizes = {name: array.shape[:rank] for name, array in arrays.items() if name.startswith(f"{path}{SEPARATOR}")}
        if len(set(sizes.values())) > 1:
            told = ", ".join(f"'{name}': {list(shape)}" for name, shape in sizes.items())
            yield f"'{path}': expected the same number of maps for each of its fields, received {told}"


def _lists(fields: Iterable[Field], path: str, outer: int) -> Iterator[tuple[str, int]]:
    for field in fields:
        if field.is_map:
            rank = outer + len(field.dims or ())
            if field.dims:
                yield f"{path}{field.name}", rank
            yield from _lists(field.subfields, f"{path}{field.name}{SEPARATOR}", rank)
