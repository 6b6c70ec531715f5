"""The leaves of a signature: the tensors that travel where a signature has maps.

The Open Inference Protocol has no maps, and neither has anything behind the doors: a map is one tensor per leaf, named
by its path (`customer/age`; no field's name holds a slash), with the map's dimensions before its own. A list of maps is
thus a struct of arrays.
"""

from collections.abc import Iterable, Mapping

import msgspec

from functions.core.dtypes import DType
from functions.core.signature import Field, Profile, shape_text
from functions.core.tensor import Tensor

SEPARATOR = "/"


class Leaf(msgspec.Struct, frozen=True):
    """One tensor. `dims` None is any shape. `maps` are the lists of maps around it, outermost first: their path, and
    how many of the first dimensions they have, with those around them."""

    name: str
    dtype: DType
    dims: tuple[int, ...] | None = None
    profile: Profile = Profile.NONE
    maps: tuple[tuple[str, int], ...] = ()


class Misfit(msgspec.Struct, frozen=True):
    """A leaf whose tensor tells of another number of maps than that of a leaf beside it."""

    name: str
    expected: str
    received: str


def leaves(fields: Iterable[Field]) -> tuple[Leaf, ...]:
    """The tensors of `fields`, in order; a field that is a tensor is its own leaf."""
    found: list[Leaf] = []
    for field in fields:
        if field.dtype is None:
            _add(field, "", (), (), found)
        else:
            found.append(Leaf(field.name, field.dtype, field.dims, field.profile))
    return tuple(found)


def _add(field: Field, path: str, outer: tuple[int, ...], maps: tuple[tuple[str, int], ...], found: list[Leaf]) -> None:
    name = f"{path}{field.name}"
    if field.dtype is not None:
        dims = None if field.dims is None else (*outer, *field.dims)
        found.append(Leaf(name, field.dtype, dims, field.profile, maps))
        return
    outer = (*outer, *(field.dims or ()))
    if field.dims:
        maps = (*maps, (name, len(outer)))
    for subfield in field.subfields:
        _add(subfield, f"{name}{SEPARATOR}", outer, maps, found)


def find_misfits(found: Iterable[Leaf], tensors: Mapping[str, Tensor]) -> list[Misfit]:
    """Leaves of one list of maps have its sizes in common. Ranks must have been checked."""
    first: dict[str, tuple[str, tuple[int, ...]]] = {}
    misfits = []
    for leaf in found:
        for path, rank in leaf.maps:
            if leaf.name not in tensors:
                continue
            sizes = tensors[leaf.name].shape[:rank]
            other, expected = first.setdefault(path, (leaf.name, sizes))
            if sizes != expected:
                told = f"{shape_text(expected)} of maps '{path}', as '{other}' has"
                misfits.append(Misfit(leaf.name, told, shape_text(sizes)))
                break
    return misfits
