"""Values of a column held against a field's type: what fits, what is missing, and what is neither.

Numbers are rounded to the field's own type, as they are in a prediction: a float64 beside a float32 would be outside
of its own range. A whole number may be written `181.0`, which is how a data frame with a gap writes it.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from functions.core.dtypes import DType, Kind
from functions.numerics.arrays import Array, Mask

EXACT = 2**53  # beyond, a float does not tell whole numbers apart
# what data frames, databases and statisticians write for no value; a string may mean what it says
NO_VALUE = ["na", "n/a", "#n/a", "<na>", "nan", "null", "none", "\\n"]
TRUTHS = {"true": True, "1": True, "false": False, "0": False}


class Values(NamedTuple):
    """One element a row. Where `missing` or `bad` the value means nothing."""

    values: Array
    missing: Mask
    bad: Mask


def expected(dtype: DType) -> str:
    """What fits, in words."""
    kind = dtype.layout.kind
    if kind is Kind.INTEGER:
        limits = np.iinfo(dtype.layout.code)
        return f"{dtype.value}, a whole number from {limits.min} to {limits.max}"
    if kind is Kind.BOOLEAN:
        return f"{dtype.value}, true or false"
    return f"{dtype.value}, a number" if kind is Kind.FLOAT else dtype.value


def read_texts(dtype: DType, texts: Sequence[str]) -> Values:
    """Values as CSV writes them. Empty is missing; so is a word for no value, but not among strings."""
    if dtype.layout.kind is Kind.STRING:
        objects = np.empty(len(texts), object)
        objects[:] = texts
        missing = objects == ""
        return Values(objects, missing, np.zeros(len(texts), np.bool_))
    stripped = pl.Series(texts, dtype=pl.String).str.strip_chars()
    missing = (stripped == "").to_numpy()
    read = READERS[dtype.layout.kind](dtype, stripped, missing)
    return _with_gaps(read, stripped) if read.bad.any() else read


def fit_numbers(dtype: DType, numbers: Array, missing: Mask) -> Values:
    """Numbers of any type as those of `dtype`."""
    if dtype.layout.kind is Kind.FLOAT:
        return _fit_floats(dtype, numbers.astype(np.float64), missing)
    if numbers.dtype.kind == "f":
        gaps = np.isnan(numbers)
        whole = np.isfinite(numbers) & (np.floor(numbers) == numbers) & (np.abs(numbers) < EXACT)
        values = np.where(whole, numbers, 0).astype(np.int64)
        fitted = _fit_integers(dtype, values, missing | gaps)
        return fitted._replace(bad=(fitted.bad | ~whole) & ~fitted.missing)
    return _fit_integers(dtype, numbers, missing)


def _with_gaps(read: Values, texts: pl.Series) -> Values:
    """Words for no value are missing, not bad."""
    gaps = read.bad & texts.str.to_lowercase().is_in(NO_VALUE).to_numpy()
    return Values(read.values, read.missing | gaps, read.bad & ~gaps)


def _read_booleans(_: DType, texts: pl.Series, missing: Mask) -> Values:
    read = texts.str.to_lowercase().replace_strict(TRUTHS, default=None, return_dtype=pl.Boolean)
    return Values(read.fill_null(value=False).to_numpy(), missing, read.is_null().to_numpy() & ~missing)


def _read_integers(dtype: DType, texts: pl.Series, missing: Mask) -> Values:
    wide = texts.cast(pl.UInt64 if dtype is DType.UINT64 else pl.Int64, strict=False)
    unread = wide.is_null().to_numpy() & ~missing
    values = wide.fill_null(0).to_numpy().copy()
    if not unread.any():
        return _fit_integers(dtype, values, missing)
    floats = texts.cast(pl.Float64, strict=False).fill_null(float("inf")).to_numpy()
    whole = unread & np.isfinite(floats) & (np.floor(floats) == floats) & (np.abs(floats) < EXACT)
    if dtype is DType.UINT64:
        whole &= floats >= 0
    values[whole] = floats[whole].astype(values.dtype)
    fitted = _fit_integers(dtype, values, missing)
    return fitted._replace(bad=fitted.bad | (unread & ~whole))


def _read_floats(dtype: DType, texts: pl.Series, missing: Mask) -> Values:
    read = texts.cast(pl.Float64, strict=False)
    fitted = _fit_floats(dtype, read.fill_null(0.0).to_numpy(), missing)
    bad = fitted.bad | (read.is_null().to_numpy() & ~missing)
    infinite = read.is_infinite().fill_null(value=False)
    if infinite.any():
        # so is what is too large for a double; only a text that says it means it
        said = texts.str.to_lowercase().str.contains("inf", literal=True)
        bad |= (infinite & ~said).to_numpy()
    return fitted._replace(bad=bad)


def _fit_integers(dtype: DType, values: Array, missing: Mask) -> Values:
    limits = np.iinfo(dtype.layout.code)
    bad = ((values < limits.min) | (values > limits.max)) & ~missing
    return Values(np.where(bad, 0, values).astype(dtype.layout.code), missing, bad)


def _fit_floats(dtype: DType, values: Array, missing: Mask) -> Values:
    with np.errstate(over="ignore"):
        rounded = values.astype(dtype.layout.code)
    return Values(rounded, missing, np.isfinite(values) & ~np.isfinite(rounded) & ~missing)


READERS = {Kind.BOOLEAN: _read_booleans, Kind.INTEGER: _read_integers, Kind.FLOAT: _read_floats}
