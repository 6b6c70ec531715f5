"""The profile of a categorical field: how often each value occurs, and what follows from it.

Strings, booleans (called true and false) and numbers are categories as they stand; a NaN is missing. Up to
frequencies.BOUND different values everything is exact. Beyond, the number of different values comes from a HyperLogLog
sketch that is begun at that moment from all values seen so far, and the rare ones are counted together.
"""

import math
from typing import Any

import msgspec
import numpy as np

from functions.numerics.arrays import Array, Hashes
from functions.numerics.profiles.column import Column, without_none
from functions.numerics.sketches.counting import Counted, count_numbers, count_strings
from functions.numerics.sketches.distinct import Distinct, merge_distinct
from functions.numerics.sketches.frequencies import BOUND, Category, Frequencies, frequencies_of, merge_frequencies
from functions.numerics.sketches.hashing import ALL, hash_numbers, hash_strings

SHOWN = 100  # categories that a view lists


class CategoricalProfile(msgspec.Struct, frozen=True, eq=False, tag="categorical"):
    """`count` is the number of rows seen; `distinct` is kept once there are more values than can be counted each."""

    count: int = 0
    missing: int = 0
    frequencies: Frequencies = Frequencies()
    distinct: Distinct | None = None

    @property
    def distinct_count(self) -> int:
        return len(self.frequencies.counts) if self.distinct is None else self.distinct.estimate()

    def view(self, shown: int = SHOWN) -> dict[str, Any]:
        """The statistics; frequencies of the `shown` most frequent values, and how many rows have another one."""
        top = self.frequencies.most_frequent(shown)
        return {
            "kind": "categorical",
            "common": {"count": self.count, "missing": self.missing, "distinctCount": self.distinct_count},
            "mode": top[0][0] if top else None,
            "entropy": self.entropy(),
            "frequencies": [{"value": value, "count": count} for value, count in top],
            "otherCount": self.frequencies.count - sum(count for _, count in top),
            "exact": self.frequencies.is_exact,
            "shortfall": self.frequencies.shortfall,
        }

    def entropy(self) -> float | None:
        """Shannon's, in bits; None without any value. What was not counted is taken as evenly spread."""
        counts = np.fromiter(self.frequencies.counts.values(), np.float64, len(self.frequencies.counts))
        total = self.frequencies.count
        if not total:
            return None
        shares = counts / total
        rest = max(0.0, 1 - float(shares.sum()))
        others = self.distinct_count - len(counts)
        unseen = rest * math.log2(rest / others) if rest > 0 and others > 0 else 0.0
        return abs(float(-(shares * np.log2(shares)).sum()) - unseen)


def profile_categories(column: Column) -> CategoricalProfile:
    """The profile of a column of strings, booleans or numbers; of all elements alike, if there are further axes.

    Raises TypeError when it holds anything else.
    """
    elements = column.values[:1].size if column.rows else 1
    values, counted = _count(column.present().reshape(-1))
    rows = column.rows * elements
    return CategoricalProfile(
        count=rows,
        missing=rows - len(values),
        frequencies=frequencies_of(counted, values),
        distinct=Distinct().updated(counted.hashes) if len(counted.hashes) > BOUND else None,
    )


def merge_categorical(parts: list[CategoricalProfile]) -> CategoricalProfile:
    """The profile of all rows of `parts`."""
    frequencies = merge_frequencies([part.frequencies for part in parts])
    different = {value for part in parts if part.distinct is None for value in part.frequencies.counts}
    sketched = [part.distinct for part in parts if part.distinct is not None]
    distinct = None
    if sketched or len(different) > BOUND:
        distinct = merge_distinct(sketched).updated(hash_categories(different))
    return CategoricalProfile(
        count=sum(part.count for part in parts),
        missing=sum(part.missing for part in parts),
        frequencies=frequencies,
        distinct=distinct,
    )


def hash_categories(values: set[Category]) -> Hashes:
    """The hashes that counting gave these values."""
    strings = [value for value in values if isinstance(value, str)]
    whole = np.array([value & ALL for value in values if isinstance(value, int)], np.uint64)
    floats = np.array([value for value in values if isinstance(value, float)], np.float64)
    return np.concatenate((hash_strings(strings), hash_numbers(whole), hash_numbers(floats)))


def _count(values: Array) -> tuple[Array, Counted]:
    """The values that are there, and how often each occurs."""
    if values.dtype.kind in "UT":
        values = values.astype(object)
    if values.dtype.kind == "f":
        values = values[~np.isnan(values)].astype(np.float64)
    if values.dtype.kind in "iubf":
        return values, count_numbers(values)
    if values.dtype.kind != "O":
        raise TypeError(f"expected strings, booleans or numbers, received elements of type {values.dtype}")
    try:
        return values, count_strings(values)
    except TypeError:
        values = without_none(values)
    if all(isinstance(value, str) for value in values):
        return values, count_strings(values)
    return _count(_plain(values))


def _plain(objects: Array) -> Array:
    """Python's booleans or numbers as an array of their own type. Raises TypeError for anything else."""
    found = {type(value) for value in objects}
    if not (found == {bool} or found <= {int, float}):
        raise TypeError(
            f"expected strings, booleans or numbers, received {', '.join(sorted(t.__name__ for t in found))}"
        )
    return np.array(objects.tolist())
