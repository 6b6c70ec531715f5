"""Which profile a field has, and the one place that knows all kinds of profiles.

A person's word goes first: what the signature calls text is text, what it calls categorical, nominal or ordinal is
categorical whatever its type, an image is an image if its tensor can be one. Otherwise strings and booleans are
categories and numbers are numbers. Video and audio are profiled as the numbers they are made of.
"""

import enum
from typing import Any

import numpy as np

from functions.core.dtypes import Kind
from functions.core.leaves import Leaf
from functions.core.signature import Profile
from functions.numerics.profiles.categorical import CategoricalProfile, merge_categorical, profile_categories
from functions.numerics.profiles.column import Column
from functions.numerics.profiles.image import ImageProfile, merge_images, profile_images
from functions.numerics.profiles.language_tools import LanguageTools, language_tools
from functions.numerics.profiles.numeric import NumericProfile, merge_numeric, profile_numbers
from functions.numerics.profiles.text import TextProfile, merge_texts, profile_texts
from functions.numerics.profiles.vector import VectorProfile, as_vector, in_one, merge_vectors, profile_vectors

FieldProfile = NumericProfile | CategoricalProfile | TextProfile | ImageProfile | VectorProfile

CATEGORICAL = {Profile.CATEGORICAL, Profile.NOMINAL, Profile.ORDINAL}
MERGES: dict[type, Any] = {
    NumericProfile: merge_numeric,
    CategoricalProfile: merge_categorical,
    TextProfile: merge_texts,
    ImageProfile: merge_images,
    VectorProfile: merge_vectors,
}


class ProfileKind(enum.StrEnum):
    NUMERIC = "numeric"
    CATEGORICAL = "categorical"
    TEXT = "text"
    IMAGE = "image"


def kind_of(field: Leaf) -> ProfileKind:
    """The kind of profile that a field has; with elements, of each element."""
    kind = field.dtype.layout.kind
    if kind is Kind.STRING:
        return ProfileKind.TEXT if field.profile is Profile.TEXT else ProfileKind.CATEGORICAL
    if kind is Kind.BOOLEAN or field.profile in CATEGORICAL:
        return ProfileKind.CATEGORICAL
    if field.profile is Profile.IMAGE and len(field.dims or ()) in (2, 3, 4):
        return ProfileKind.IMAGE
    return ProfileKind.NUMERIC


def profile_column(field: Leaf, column: Column, tools: LanguageTools | None = None) -> FieldProfile:
    """The profile of a field's column. Raises TypeError when the values are of another kind than the field's."""
    kind = kind_of(field)
    if kind is ProfileKind.TEXT:
        return profile_texts(_texts(column), tools or language_tools())
    if kind is ProfileKind.IMAGE:
        return profile_images(column)
    profile = profile_numbers if kind is ProfileKind.NUMERIC else profile_categories
    if field.dims != () and (column.values.ndim > 1 or field.dims is not None or _holds_tensors(column)):
        return profile_vectors(column, profile)
    return profile(column)


def merge_fields(parts: list[FieldProfile]) -> FieldProfile:
    """The profile of all rows of `parts`, at least one. Raises ValueError when they are of different kinds."""
    kinds = {type(part) for part in parts}
    if VectorProfile in kinds and len(kinds) > 1:  # of a field of any shape
        parts = [as_vector(part) if isinstance(part, NumericProfile | CategoricalProfile) else part for part in parts]
        kinds = {type(part) for part in parts}
    if len(kinds) > 1:
        names = ", ".join(sorted(kind.__name__ for kind in kinds))
        raise ValueError(f"profiles of different kinds cannot be merged: {names}")
    merged: FieldProfile = MERGES[kinds.pop()](parts)
    return merged


def _holds_tensors(column: Column) -> bool:
    """Whether there are tensors with elements in a column of objects."""
    return column.values.dtype.kind == "O" and any(np.ndim(value) for value in column.values if value is not None)


def _texts(column: Column) -> Column:
    """Each text of tensors by itself; a row without a tensor is one that is missing."""
    if column.values.ndim > 1 or not _holds_tensors(column):
        return column
    found = [np.asarray(row, object) for row in column.present() if row is not None]
    gaps = np.full(column.rows - len(found), None, object)
    return Column(np.concatenate((in_one(found), gaps), dtype=object))
