"""Fields from what other libraries tell of a tensor: its name, a dtype as numpy spells it, its shape."""

from collections.abc import Iterable

import numpy as np

from servable.contract import Field, Shape
from servable.dtypes import LAYOUTS, DType
from servable.errors import CannotLoad

_TEXTS = ("string", "str", "object")


def to_field(name: str, dtype: str, sizes: Iterable[int | None] | None) -> Field:
    """`sizes` None is any shape. Raises CannotLoad for a dtype that no signature can name."""
    shape = None if sizes is None else Shape(tuple(-1 if size is None or size < 1 else int(size) for size in sizes))
    return Field(name, to_dtype(name, dtype), shape)


def to_dtype(name: str, dtype: str) -> DType:
    """Raises CannotLoad for a dtype that no signature can name."""
    if dtype in _TEXTS:
        return DType.STRING
    try:
        wanted = np.dtype(dtype)
    except TypeError:
        wanted = None
    for known, layout in LAYOUTS.items():
        if known is not DType.STRING and layout.numpy == wanted:
            return known
    raise CannotLoad(f"'{name}' is of type {dtype}, which no signature can name")
