"""From plain JSON to the tensors of a signature, and back: an object with one key per field, nested like the signature.

A field that is a tensor is a bare value or nested lists; one that is a map is an object, or nested lists of objects of
its shape. Both ways go level by level over all objects of a list at once, since that is how its tensors lie.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from functions.core.budget import Budget
from functions.core.describe import describe
from functions.core.errors import Problem
from functions.core.flatten import MAX_PROBLEMS, Dims, NotATensor, encode_elements, unfold
from functions.core.leaves import SEPARATOR
from functions.core.place import Place, place, unravel
from functions.core.signature import Field, shape_text
from functions.core.tensor import MOST_HOLLOW, Tensor, is_hollow, nest_rows, spell

MAX_STRANGERS = 100
SINGLY = 1000  # maps that are looked into one by one, when some of them lack a field


class Reading:
    """What was read of a body: the tensors by the names of their leaves, what is wrong, and the keys nobody asked for
    (`customer/1/shoe`)."""

    def __init__(self, budget: Budget) -> None:
        self.tensors: dict[str, Tensor] = {}
        self.problems: list[Problem] = []
        self.strangers: list[str] = []
        self.budget = budget


def read_plain(fields: Sequence[Field], body: Any, budget: Budget | None = None) -> Reading:
    """Raises PayloadTooLarge for more elements than `budget` has."""
    reading = Reading(budget or Budget())
    if isinstance(body, dict):
        _read_maps(fields, [body], (), Place(), "", reading)
    else:
        reading.problems.append(Problem("", "a JSON object with one key per input", describe(body)))
    return reading


def _read_maps(
    fields: Sequence[Field], maps: list[dict[str, Any]], outer: Dims, where: Place, path: str, reading: Reading
) -> None:
    """The fields of `maps`, which are rows of the shape `outer`."""
    for field in fields:
        try:
            column = list(map(itemgetter(field.name), maps))
        except KeyError:
            _find_missing(field, maps, outer, where, reading)
        else:
            _read_field(field, column, outer, where, path, reading)
    _note_strangers(fields, maps, outer, where, reading)


def _read_field(field: Field, column: list[Any], outer: Dims, where: Place, path: str, reading: Reading) -> None:
    """One field of all maps around it: `column` has its value in each."""
    name = f"{path}{field.name}"
    inside = where.into(field.name, len(field.dims or ()) if field.subfields else 0)
    try:
        if field.dtype is None:
            rows, shape = _read_objects(field, column, outer, inside)
            _read_maps(field.subfields, rows, shape, inside, f"{name}{SEPARATOR}", reading)
        else:
            reading.tensors[name] = _read_tensor(field, column, outer, inside, reading.budget)
    except NotATensor as error:
        reading.problems.extend(error.problems)


def _read_objects(field: Field, column: list[Any], outer: Dims, where: Place) -> tuple[list[dict[str, Any]], Dims]:
    """The objects of a map in row-major order, and their shape. Raises NotATensor."""
    dims = (*outer, *(field.dims or ()))
    shape, rows = unfold(column, outer, where, dims, len(dims))
    strange = set(map(type, rows)) - {dict}
    if strange and len(shape) == len(dims):
        wrong = (at for at, row in enumerate(rows) if type(row) is not dict)
        expected = f"an object with {', '.join(each.name for each in field.subfields)}"
        problems = [Problem(where.at(unravel(at, shape)), expected, describe(rows[at])) for at in wrong]
        raise NotATensor(problems[:MAX_PROBLEMS])
    return rows, _fitted(shape, dims, outer, where, _map_text(field), rows)


def _read_tensor(field: Field, column: list[Any], outer: Dims, where: Place, budget: Budget) -> Tensor:
    """The tensor of one leaf. Its shape is checked before its elements. Raises NotATensor, PayloadTooLarge."""
    if field.dtype is None:
        raise TypeError(f"{field.name} is a map")
    dims = None if field.dims is None else (*outer, *field.dims)
    shape, flat = unfold(column, outer, where, dims)
    budget.take(len(flat))
    if dims is not None:
        shape = _fitted(shape, dims, outer, where, f"{field.dtype.value}, {shape_text(field.dims)}", flat)
    if is_hollow(shape):
        told = f"at most {MOST_HOLLOW} lists without elements"
        raise NotATensor([Problem(where.at((0,) * len(outer)), told, shape_text(shape))])
    return Tensor(field.dtype, shape, encode_elements(field.dtype, flat, shape, where))


def _fitted(shape: Dims, dims: Dims, outer: Dims, where: Place, expected: str, flat: list[Any]) -> Dims:
    """`shape`, when it is one of those that `dims` admit. Raises NotATensor.

    An empty list says nothing of the dimensions inside it: they are as the signature has them, or 0 where free.
    """
    if not flat:
        shape = (*shape, *(0 if size == -1 else size for size in dims[len(shape) :]))
    if len(shape) == len(dims) and all(want in (-1, have) for want, have in zip(dims, shape, strict=True)):
        return shape
    is_object = shape == outer and isinstance(flat[0], dict)
    received = describe(flat[0]) if is_object else shape_text(shape[len(outer) :])
    raise NotATensor([Problem(where.at((0,) * len(outer)), expected, received)])


def _find_missing(field: Field, maps: list[dict[str, Any]], outer: Dims, where: Place, reading: Reading) -> None:
    """The maps without the field, and beside them those in which it is wrong, read one by one."""
    expected = f"{field.dtype.value}, {shape_text(field.dims)}" if field.dtype else _map_text(field)
    found = Reading(reading.budget)
    for at, each in enumerate(maps):
        if field.name not in each:
            pointer = where.into(field.name).at(unravel(at, outer))
            found.problems.append(Problem(pointer, expected, "nothing: the field is missing"))
        elif at < SINGLY:
            _read_field(field, [each[field.name]], (), place(where.at(unravel(at, outer))), "", found)
        if len(found.problems) >= MAX_PROBLEMS:
            break
    reading.problems.extend(found.problems)


def _map_text(field: Field) -> str:
    return f"objects, {shape_text(field.dims)}" if field.dims else "an object"


def _note_strangers(
    fields: Sequence[Field], maps: list[dict[str, Any]], outer: Dims, where: Place, reading: Reading
) -> None:
    if set(map(len, maps)) <= {len(fields)}:
        return  # where no field is missing, there is no other; where one is, nobody asks for strangers
    known = {field.name for field in fields}
    for at, each in enumerate(maps):
        if not each.keys() <= known:
            path = where.at(unravel(at, outer)).lstrip("/")
            prefix = f"{path}/" if path else ""
            reading.strangers.extend(f"{prefix}{key}" for key in each if key not in known)
        if len(reading.strangers) > MAX_STRANGERS:
            return


def to_plain(fields: Iterable[Field], tensors: Mapping[str, Tensor]) -> dict[str, Any]:
    """The body that `tensors`, which must fit `fields`, came from. Leaves that are not there are left out."""
    return next(iter(_to_maps(fields, tensors, (), "")), {})


def _to_maps(
    fields: Iterable[Field], tensors: Mapping[str, Tensor], outer: Dims, path: str
) -> Iterable[dict[str, Any]]:
    """The maps of the shape `outer`, row by row."""
    columns = {field.name: _to_column(field, tensors, outer, path) for field in fields}
    there = {name: column for name, column in columns.items() if column is not None}
    return (dict(zip(there, row, strict=True)) for row in zip(*there.values(), strict=True))


def _to_column(field: Field, tensors: Mapping[str, Tensor], outer: Dims, path: str) -> list[Any] | None:
    """The field's value in each of the maps around it; None when nothing of it is there."""
    name, count = f"{path}{field.name}", math.prod(outer)
    if field.dtype is not None:
        tensor = tensors.get(name)
        return None if tensor is None else nest_rows(spell(tensor), count, tensor.shape[len(outer) :])
    prefix = f"{name}{SEPARATOR}"
    some = next((tensor for leaf, tensor in tensors.items() if leaf.startswith(prefix)), None)
    if some is None:
        return None
    shape = some.shape[: len(outer) + len(field.dims or ())]
    return nest_rows(list(_to_maps(field.subfields, tensors, shape, prefix)), count, shape[len(outer) :])
