"""Fitting a signature's tensors to the slots of a graph, and back."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from servable.contract import Field
from servable.dtypes import LAYOUTS, DType
from servable.errors import CannotLoad
from servable.runtimes.batching import from_rows
from servable.tensors import Array

_ELEMENTS = {
    "float": "f4",
    "double": "f8",
    "float16": "f2",
    "string": "O",
    "bool": "?",
    **{f"{sign}int{bits}": f"{sign}i{bits // 8}".replace("ui", "u") for sign in ("", "u") for bits in (8, 16, 32, 64)},
}


@dataclass(frozen=True, slots=True)
class Slot:
    """An input or output of a graph. `rank` is None when the graph leaves it open."""

    name: str
    dtype: np.dtype[np.generic]
    rank: int | None


def slot(node: Any) -> Slot:
    """Raises CannotLoad for what is not a tensor, such as the maps that a converter's ZipMap makes."""
    element = re.fullmatch(r"tensor\((\w+)\)", node.type)
    if element is None or element[1] not in _ELEMENTS:
        hint = "; export the model without ZipMap (zipmap=False)" if "map(" in node.type else ""
        raise CannotLoad(f"'{node.name}' of the graph is a {node.type}, which no signature can name{hint}")
    return Slot(node.name, np.dtype(_ELEMENTS[element[1]]), None if node.shape is None else len(node.shape))


def pair(fields: Sequence[Field], slots: Sequence[Slot], side: str) -> dict[str, Slot]:
    """A slot for every field, by name; or the only one for the only one. Raises CannotLoad naming what is left."""
    by_name = {slot.name: slot for slot in slots}
    if len(fields) == len(slots) == 1:
        by_name = {fields[0].name: slots[0]}
    names = {field.name for field in fields}
    # every input of a graph must be fed, its outputs may be left alone
    if not (names == by_name.keys() if side == "input" else names <= by_name.keys()):
        raise CannotLoad(
            f"the {side}s of the signature are not those of the graph: the signature names "
            f"{', '.join(field.name for field in fields)}, the graph {', '.join(slot.name for slot in slots)}"
        )
    for field in fields:
        _check_kind(field, by_name[field.name], side)
    return {field.name: by_name[field.name] for field in fields}


def _check_kind(field: Field, target: Slot, side: str) -> None:
    mine = LAYOUTS[field.dtype].numpy
    source, goal = (mine, target.dtype) if side == "input" else (target.dtype, mine)
    text = DType.STRING is field.dtype
    if text != (target.dtype.kind == "O") or not (text or np.can_cast(source, goal, "same_kind")):
        raise CannotLoad(
            f"{side} '{field.name}' is {field.dtype.value} in the signature but {target.dtype} in the graph"
        )


def fit_input(array: Array, target: Slot) -> Array:
    """Columns of 1 are added, or trailing dimensions flattened, until the ranks agree."""
    array = array.astype(target.dtype, copy=False)
    if target.rank is None or array.ndim == target.rank:
        return array
    if array.ndim < target.rank:
        return array.reshape(array.shape + (1,) * (target.rank - array.ndim))
    kept = array.shape[: target.rank - 1]
    return array.reshape((*kept, int(np.prod(array.shape[target.rank - 1 :], dtype=int))))


def fit_output(answer: Any, field: Field, *, batched: bool) -> Array:
    """The row dimension and trailing dimensions of 1 are dropped until the rank is the signature's."""
    array = from_rows(np.asarray(answer), batched=batched)
    if field.dims is None:
        return array
    while array.ndim > len(field.dims) and array.shape[-1] == 1:
        array = array[..., 0]
    return array
