"""A histogram whose merge is exact: bars are powers of two wide and begin at multiples of their width.

The width is the smallest such that at most `BARS` bars cover the values. It follows from the smallest and the largest
value alone, and two neighbouring bars become one bar of the next width without a rest; so the counts are those that
all values at once would give, in whatever order and grouping they came. (The same thought makes the exponential
histograms of OpenTelemetry mergeable; their bars grow with the value, ours do not.)
"""

import math

import msgspec
import numpy as np

from functions.numerics.arrays import Counts, Floats

BARS = 64
MANTISSA = 53
FINEST, WHOLE = -1074, 0  # the smallest double is 2^-1074


class Histogram(msgspec.Struct, frozen=True, eq=False):
    """Bar i counts the values in [(first + i)·2^exponent, (first + i + 1)·2^exponent).

    Bars are not narrower than 2^finest: WHOLE for whole numbers, which nothing lies between.
    """

    finest: int = FINEST
    low: float = math.inf
    high: float = -math.inf
    exponent: int = 0
    first: int = 0
    counts: Counts = np.empty(0, np.int64)

    def edges(self) -> list[float]:
        """Where the bars begin, and where the last one ends; not beyond the largest double."""
        ends = range(self.first, self.first + len(self.counts) + 1)
        return [_scaled(end, self.exponent) for end in ends] if len(self.counts) else []

    @property
    def step(self) -> float:
        return _scaled(1, self.exponent) if len(self.counts) else 0.0


def histogram_of(ordered: Floats, finest: int = FINEST) -> Histogram:
    """The histogram of finite values in rising order."""
    if not len(ordered):
        return Histogram(finest)
    low, high = float(ordered[0]), float(ordered[-1])
    exponent = _exponent(low, high, finest)
    first, last = _bar(low, exponent), _bar(high, exponent)
    inner = np.array([math.ldexp(bar, exponent) for bar in range(first + 1, last + 1)])
    ends = np.concatenate(([0], np.searchsorted(ordered, inner), [len(ordered)]))
    return Histogram(finest, low, high, exponent, first, np.diff(ends))


def merge_histograms(parts: list[Histogram]) -> Histogram:
    """The histogram of all values of `parts`."""
    filled = [part for part in parts if len(part.counts)]
    if not filled:
        return Histogram()
    frame, counts = _on_one_frame(filled)
    return msgspec.structs.replace(frame, counts=np.sum(counts, axis=0))


def on_common_bars(parts: list[Histogram]) -> tuple[list[float], list[Counts]]:
    """The edges of bars that all of `parts` have in common, and the counts of each part on them; exact as merging."""
    filled = [part for part in parts if len(part.counts)]
    if not filled:
        return [], [np.empty(0, np.int64) for _ in parts]
    frame, spread = _on_one_frame(filled)
    counts = iter(spread)
    blank = np.zeros_like(frame.counts)
    return frame.edges(), [next(counts) if len(part.counts) else blank for part in parts]


def _on_one_frame(parts: list[Histogram]) -> tuple[Histogram, list[Counts]]:
    """An empty histogram that has room for all values of `parts`, and their counts on its bars."""
    finest = min(part.finest for part in parts)
    low, high = min(part.low for part in parts), max(part.high for part in parts)
    exponent = _exponent(low, high, finest)
    first, last = _bar(low, exponent), _bar(high, exponent)
    frame = Histogram(finest, low, high, exponent, first, np.zeros(last - first + 1, np.int64))
    return frame, [_spread(part, frame) for part in parts]


def _spread(part: Histogram, frame: Histogram) -> Counts:
    counts = np.zeros_like(frame.counts)
    shift = frame.exponent - part.exponent
    # whole numbers of any size shift exactly, towards minus infinity as floor does
    bars = [(part.first + at >> shift) - frame.first for at in range(len(part.counts))]
    np.add.at(counts, bars, part.counts)
    return counts


def _exponent(low: float, high: float, finest: int) -> int:
    """The smallest with at most BARS bars, none of them narrower than the doubles' own spacing at that size."""
    if low != 0 or high != 0:  # zero has no size of its own
        finest = max(math.frexp(max(abs(low), abs(high)))[1] - MANTISSA, finest)
    span = high / 2 - low / 2  # half, because high - low may overflow
    exponent = max(finest, math.frexp(span / BARS)[1] - 1) if span else finest
    while _bar(high, exponent) - _bar(low, exponent) >= BARS:
        exponent += 1
    return exponent


def _bar(value: float, exponent: int) -> int:
    scaled = math.ldexp(value, -exponent)
    return -1 if scaled == 0 and value < 0 else math.floor(scaled)  # what is too small to scale is still below zero


def _scaled(bar: int, exponent: int) -> float:
    try:
        return math.ldexp(bar, exponent)
    except OverflowError:
        return math.copysign(math.ldexp(1 - 2**-MANTISSA, 1024), bar)
