"""A column as profiles take it: the values of one field, and which rows have none."""

from typing import NamedTuple

import numpy as np

from functions.numerics.arrays import Array, Mask


class Column(NamedTuple):
    """`values` has one row for each observation; further axes are the tensor's. `missing` marks rows without a value.

    Of Python objects (strings, as a rule) None is missing too, and so is a NaN, which is how data frames spell it.
    """

    values: Array
    missing: Mask | None = None

    @property
    def rows(self) -> int:
        return len(self.values)

    def present(self) -> Array:
        """The rows that have a value."""
        return self.values if self.missing is None else self.values[~self.missing]

    def numbers(self) -> Array:
        """The numbers that are there, NaN among them. Raises TypeError unless they are numbers."""
        values = self.present()
        if values.dtype.kind == "O":
            values = np.array(without_none(values).tolist() or [0.0][:0])
        if values.dtype.kind not in "fiub":
            raise TypeError(f"expected numbers, received elements of type {values.dtype}")
        return values


def without_none(values: Array) -> Array:
    """The objects that are neither None nor NaN."""
    return values[np.fromiter((v is not None and v == v for v in values), np.bool_, len(values))]
