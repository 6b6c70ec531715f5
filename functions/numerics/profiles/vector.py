"""The profile of a field with several elements a row: one profile for each element, or one for all of them alike.

Elements are numbered in row-major order (`name_0`, `name_1`, …). Each has its own profile as long as every row has the
same number of them, at most ELEMENTS; otherwise, and once profiles of different numbers of elements are merged, there
is one profile of all elements together. Profiles merge, so nothing is lost or read again on that way.
"""

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np

from functions.numerics.arrays import Array
from functions.numerics.profiles.categorical import CategoricalProfile, merge_categorical
from functions.numerics.profiles.column import Column
from functions.numerics.profiles.numeric import NumericProfile, merge_numeric

ELEMENTS = 64

ElementProfile = NumericProfile | CategoricalProfile


class VectorProfile(msgspec.Struct, frozen=True, eq=False, tag="vector"):
    """`elements` holds one profile for each element, or a single one of all when `together`."""

    count: int = 0
    missing: int = 0
    together: bool = False
    elements: tuple[ElementProfile, ...] = ()

    def view(self) -> dict[str, Any]:
        return {
            "kind": "vector",
            "common": {"count": self.count, "missing": self.missing},
            "together": self.together,
            "elements": [element.view() for element in self.elements],
        }


def profile_vectors(column: Column, profile_elements: Callable[[Column], ElementProfile]) -> VectorProfile:
    """The profile of rows that are tensors of one shape, or (an array of objects) lists or tensors of any shapes."""
    rows, values = column.rows, column.values
    if values.dtype.kind == "O" and values.ndim == 1:
        present = [row for row in column.present() if row is not None]
        found = [np.asarray(row) for row in present]
        if len({row.shape for row in found}) == 1:
            return _by_element(rows, np.stack(found), profile_elements)
        whole = (profile_elements(Column(in_one(found))),) if found else ()
        return VectorProfile(rows, rows - len(found), together=True, elements=whole)
    return _by_element(rows, column.present(), profile_elements)


def merge_vectors(parts: list[VectorProfile]) -> VectorProfile:
    """The profile of all rows of `parts`."""
    count, missing = sum(part.count for part in parts), sum(part.missing for part in parts)
    filled = [part for part in parts if part.elements]
    if len({(part.together, len(part.elements)) for part in filled}) > 1:
        filled = [_put_together(part) for part in filled]
    pairs = zip(*(part.elements for part in filled), strict=True)
    together = any(part.together for part in filled or parts)
    return VectorProfile(count, missing, together, tuple(merge_elements(list(pair)) for pair in pairs))


def as_vector(scalars: ElementProfile) -> VectorProfile:
    """The profile of scalars as that of vectors with one element each: a field of any shape may have both."""
    there = msgspec.structs.replace(scalars, count=scalars.count - scalars.missing, missing=0)
    return VectorProfile(scalars.count, scalars.missing, together=True, elements=(there,))


def in_one(rows: list[Array]) -> Array:
    """The elements of all rows, one row behind the other, in their own type."""
    return np.concatenate([row.reshape(-1) for row in rows if row.size] or [np.empty(0)])


def merge_elements(parts: list[ElementProfile]) -> ElementProfile:
    """Raises ValueError when some are numeric and others categorical."""
    numeric = [part for part in parts if isinstance(part, NumericProfile)]
    categorical = [part for part in parts if isinstance(part, CategoricalProfile)]
    if numeric and categorical:
        raise ValueError("a numeric profile cannot be merged with a categorical one")
    return merge_numeric(numeric) if numeric else merge_categorical(categorical)


def _by_element(rows: int, values: Array, profile_elements: Callable[[Column], ElementProfile]) -> VectorProfile:
    missing = rows - len(values)
    if not len(values):
        return VectorProfile(rows, missing)
    flat = values.reshape(len(values), -1)
    if flat.shape[1] > ELEMENTS:
        return VectorProfile(rows, missing, together=True, elements=(profile_elements(Column(flat.reshape(-1))),))
    return VectorProfile(rows, missing, elements=tuple(profile_elements(Column(element)) for element in flat.T))


def _put_together(part: VectorProfile) -> VectorProfile:
    return VectorProfile(part.count, part.missing, together=True, elements=(merge_elements(list(part.elements)),))
