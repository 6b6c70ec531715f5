"""How often each value occurs: exact up to BOUND different values, the frequent ones beyond.

Beyond the bound the counters are cut as Misra and Gries did (Finding repeated elements, 1982): the count of the first
that does not fit is taken from all. Summaries add up counter by counter and are cut again (Agarwal, Cormode, Huang,
Phillips, Wei, Yi: Mergeable summaries, 2012). A count is then too small by at most `shortfall`, and `shortfall` is at
most count / BOUND: no value that is more frequent than that is ever lost.
"""

from collections.abc import Iterable

import msgspec
import numpy as np

from functions.numerics.arrays import Array, Counts
from functions.numerics.sketches.counting import Counted

BOUND = 4096

Category = str | int | float


class Frequencies(msgspec.Struct, frozen=True):
    """`count` values in all; `shortfall` 0 means that every count is exact and no value is left out.

    `counts` is in the order of the values, so that the same counts are the same bytes.
    """

    count: int = 0
    counts: dict[Category, int] = {}
    shortfall: int = 0

    @property
    def is_exact(self) -> bool:
        return self.shortfall == 0

    def most_frequent(self, limit: int | None = None) -> list[tuple[Category, int]]:
        """Values with their counts, the most frequent first; equals in the order of their names."""
        return sorted(self.counts.items(), key=lambda item: (-item[1], str(item[0])))[:limit]


def frequencies_of(counted: Counted, values: Array) -> Frequencies:
    """`values` is the array that was counted; booleans are called true and false."""
    stay, cut = _cut(counted.counts)
    names = map(category_name, values[counted.positions[stay]].tolist())
    counts = (counted.counts[stay] - cut).tolist()
    return Frequencies(int(counted.counts.sum()), _in_order(zip(names, counts, strict=True)), cut)


def category_name(value: object) -> Category:
    """What a category is called: booleans true and false, strings and numbers as they are.

    A lone surrogate, which no UTF-8 can hold, is spelled out.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    text = str(value)
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def merge_frequencies(parts: list[Frequencies]) -> Frequencies:
    """The frequencies in all of `parts` together."""
    merged: dict[Category, int] = {}
    for part in sorted(parts, key=lambda part: -len(part.counts)):
        if not merged:
            merged = dict(part.counts)
            continue
        for value, count in part.counts.items():
            merged[value] = merged.get(value, 0) + count
    shortfall = sum(part.shortfall for part in parts)
    if len(merged) > BOUND:
        _, cut = _cut(np.fromiter(merged.values(), np.int64, len(merged)))
        merged = {value: count - cut for value, count in merged.items() if count > cut}
        shortfall += cut
    return Frequencies(sum(part.count for part in parts), _in_order(merged.items()), shortfall)


def _in_order(items: Iterable[tuple[Category, int]]) -> dict[Category, int]:
    return dict(sorted(items, key=lambda item: (isinstance(item[0], str), item[0])))


def _cut(counts: Counts) -> tuple[Counts, int]:
    """Which counters stay, and what is taken from each."""
    if len(counts) <= BOUND:
        return np.arange(len(counts)), 0
    cut = int(np.partition(counts, -BOUND - 1)[-BOUND - 1])
    return np.flatnonzero(counts > cut), cut
