"""Which different values an array holds, and how often each: the step before any sketch of categories.

Whole arrays are hashed, the hashes are sorted together with their positions, and each run of equal hashes is one value.
Nothing is looked up value by value, so a column of a million different names costs little more than one of twenty.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from functions.numerics.arrays import CHUNK, Array, Counts, Hashes, runs
from functions.numerics.sketches.hashing import hash_numbers, hash_strings

POSITION = np.uint64(CHUNK - 1)


class Counted(NamedTuple):
    """Different values by hash: how often each occurs, and the position of one of its occurrences."""

    hashes: Hashes
    counts: Counts
    positions: Counts


def count_strings(strings: Sequence[str]) -> Counted:
    """The different strings. Raises TypeError for an element that is not a string."""
    return _counted([_count(hash_strings(strings[at : at + CHUNK]), at) for at in range(0, len(strings), CHUNK)])


def count_numbers(values: Array) -> Counted:
    """The different numbers, none of them NaN; booleans count as 0 and 1."""
    values = values.view(np.uint8) if values.dtype == np.bool_ else values
    return _counted([_count(hash_numbers(values[at : at + CHUNK]), at) for at in range(0, len(values), CHUNK)])


def _count(hashes: Hashes, offset: int) -> Counted:
    """Of at most CHUNK hashes: their positions travel in the low bits while they are sorted."""
    keys = hashes & ~POSITION
    keys |= np.arange(len(hashes), dtype=np.uint64)
    keys.sort()
    positions = (keys & POSITION).view(np.int64)
    # two hashes that differ in the low bits only may alternate here: they are put together with the other chunks
    ordered = hashes[positions]
    starts = runs(ordered)
    return Counted(ordered[starts], np.diff(starts, append=len(hashes)), positions[starts] + offset)


def _counted(parts: list[Counted]) -> Counted:
    if not parts:
        return Counted(np.empty(0, np.uint64), np.empty(0, np.int64), np.empty(0, np.int64))
    hashes, counts, positions = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    starts = runs(ordered)
    return Counted(ordered[starts], np.add.reduceat(counts[order], starts), positions[order][starts])
