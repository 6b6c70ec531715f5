"""Columns and fields for tests."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from functions.core.dtypes import DType
from functions.core.signature import Field, Profile, Shape
from functions.numerics.profiles.column import Column


def field(name: str, dtype: DType, dims: tuple[int, ...] | None = (), profile: Profile = Profile.NONE) -> Field:
    return Field(name, dtype, None if dims is None else Shape(dims), profile)


def objects(values: Sequence[Any]) -> Column:
    """A column of Python objects, as strings come."""
    column = np.empty(len(values), object)
    column[:] = values
    return Column(column)


def numbers(values: Sequence[Any], dtype: Any = np.float64, missing: Sequence[bool] | None = None) -> Column:
    return Column(np.array(values, dtype), None if missing is None else np.array(missing, np.bool_))
