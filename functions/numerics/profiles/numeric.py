"""The profile of a numeric field: counts, extremes, moments, quantiles, distinct values and a histogram in one pass.

Each chunk of values is sorted once; extremes, quantiles, distinct values, histogram and the places of NaN and the
infinities are read off the sorted chunk. NaN and ±infinity are counted apart and take part in nothing else. Whole
numbers keep their exact extremes and distinct values; the rest of their statistics is computed in doubles.
"""

import functools
import math
from typing import Any

import msgspec
import numpy as np

from functions.numerics.arrays import CHUNK, Array, runs
from functions.numerics.profiles.column import Column
from functions.numerics.sketches.distinct import Distinct, merge_distinct
from functions.numerics.sketches.hashing import hash_numbers
from functions.numerics.sketches.histogram import FINEST, WHOLE, Histogram, histogram_of, merge_histograms
from functions.numerics.sketches.moments import Moments, moments_of
from functions.numerics.sketches.quantiles import Quantiles, merge_quantiles

SHARES = {"p5": 0.05, "q1": 0.25, "median": 0.5, "q3": 0.75, "p95": 0.95}


class NumericProfile(msgspec.Struct, frozen=True, eq=False, tag="numeric"):
    """`count` is the number of rows seen: missing + nan + infinities + the finite values that the statistics are of."""

    whole: bool = False
    count: int = 0
    missing: int = 0
    nan: int = 0
    negative_infinity: int = 0
    positive_infinity: int = 0
    minimum: int | float | None = None
    maximum: int | float | None = None
    moments: Moments = Moments()
    distinct: Distinct = Distinct()
    quantiles: Quantiles = Quantiles()
    histogram: Histogram = Histogram()

    def view(self) -> dict[str, Any]:
        """The statistics by the reference system's names; None where one is not defined."""
        return {
            "kind": "numeric",
            "common": {
                "count": self.count,
                "missing": self.missing,
                "nan": self.nan,
                "negativeInfinity": self.negative_infinity,
                "positiveInfinity": self.positive_infinity,
                "distinctCount": self.distinct.estimate(),
            },
            "quantile": self._quantile_view(),
            "descriptive": self._descriptive_view(),
            "histogram": self._histogram_view(),
        }

    def quantile(self, *shares: float) -> list[float] | None:
        """The values at these shares of the ranks (see sketches/quantiles.py); None without any finite value."""
        if self.minimum is None or self.maximum is None:
            return None
        return self.quantiles.at(shares, float(self.minimum), float(self.maximum))

    def _quantile_view(self) -> dict[str, Any]:
        values = self.quantile(*SHARES.values())
        named: dict[str, float | None] = dict.fromkeys(SHARES)
        named.update(zip(SHARES, values or [], strict=False))
        spread = {"range": _difference(self.maximum, self.minimum), "IQR": _difference(named["q3"], named["q1"])}
        return {"min": self.minimum, "max": self.maximum, **named, **spread}

    def _descriptive_view(self) -> dict[str, Any]:
        if self.minimum is None or self.maximum is None:
            return dict.fromkeys(("mean", "std", "variance", "skewness", "kurtosis", "variationCoef"))
        # what does not vary is told from its extremes: the mean of equal doubles may be a bit beside them
        constant = self.minimum == self.maximum
        moments = Moments(self.moments.count, mean=float(self.minimum)) if constant else self.moments
        variance = moments.variance
        std = None if variance is None else variance**0.5
        mean = moments.mean if np.isfinite(moments.mean) else None
        return {
            "mean": mean,
            "std": std,
            "variance": variance,
            "skewness": moments.skewness,
            "kurtosis": moments.kurtosis,
            "variationCoef": None if std is None or not mean else 100 * std / mean,
        }

    def _histogram_view(self) -> dict[str, Any]:
        return {
            "min": self.minimum,
            "max": self.maximum,
            "step": self.histogram.step,
            "bars": len(self.histogram.counts),
            "frequencies": self.histogram.counts.tolist(),
            "bins": self.histogram.edges(),
        }


def profile_numbers(column: Column) -> NumericProfile:
    """The profile of a column of numbers; of a column with further axes, of all its elements alike.

    Raises TypeError when they are not numbers.
    """
    values = column.numbers()
    elements = values.size // len(values) if len(values) else 1
    flat = _widened(values.reshape(-1))
    rows = column.rows * elements
    profile = NumericProfile(whole=flat.dtype.kind != "f", count=rows, missing=rows - flat.size)
    for at in range(0, len(flat), CHUNK):
        profile = _with_chunk(profile, np.sort(flat[at : at + CHUNK]))
    return profile


def merge_numeric(parts: list[NumericProfile]) -> NumericProfile:
    """The profile of all rows of `parts`. Raises ValueError when some hold whole numbers and others do not."""
    telling = {part.whole for part in parts if part.moments.count} or {all(part.whole for part in parts)}
    if len(telling) > 1:
        raise ValueError("a profile of whole numbers cannot be merged with one of floats")
    return NumericProfile(
        whole=telling.pop(),
        count=sum(part.count for part in parts),
        missing=sum(part.missing for part in parts),
        nan=sum(part.nan for part in parts),
        negative_infinity=sum(part.negative_infinity for part in parts),
        positive_infinity=sum(part.positive_infinity for part in parts),
        minimum=min((part.minimum for part in parts if part.minimum is not None), default=None),
        maximum=max((part.maximum for part in parts if part.maximum is not None), default=None),
        moments=functools.reduce(Moments.merged, (part.moments for part in parts), Moments()),
        distinct=merge_distinct([part.distinct for part in parts]),
        quantiles=merge_quantiles([part.quantiles for part in parts]),
        histogram=merge_histograms([part.histogram for part in parts]),
    )


def _with_chunk(profile: NumericProfile, ordered: Array) -> NumericProfile:
    """`profile` with the values of a sorted chunk as well. NaN stands at its end, infinities before it and in front."""
    first, last, end = 0, len(ordered), len(ordered)
    if ordered.dtype.kind == "f":
        first, last = int(np.searchsorted(ordered, -np.inf, "right")), int(np.searchsorted(ordered, np.inf))
        end = int(np.searchsorted(ordered, np.nan))
    finite = ordered[first:last]
    if not len(finite):
        found = profile
    else:
        numbers = finite.astype(np.float64, copy=False)
        low, high = finite[0].item(), finite[-1].item()
        found = msgspec.structs.replace(
            profile,
            minimum=low if profile.minimum is None else min(profile.minimum, low),
            maximum=high if profile.maximum is None else max(profile.maximum, high),
            moments=profile.moments.merged(moments_of(numbers)),
            distinct=profile.distinct.updated(hash_numbers(_different(finite))),
            quantiles=profile.quantiles.updated(numbers),
            histogram=merge_histograms([profile.histogram, histogram_of(numbers, WHOLE if profile.whole else FINEST)]),
        )
    return msgspec.structs.replace(
        found,
        nan=profile.nan + len(ordered) - end,
        negative_infinity=profile.negative_infinity + first,
        positive_infinity=profile.positive_infinity + end - last,
    )


def _different(ordered: Array) -> Array:
    starts = runs(ordered)
    return ordered if len(starts) == len(ordered) else ordered[starts]


def _widened(values: Array) -> Array:
    """Types that NumPy sorts fast and that hold every value: halves as doubles, whole numbers with 64 bits."""
    wider = {"f": np.float32 if values.dtype == np.float32 else np.float64, "u": np.uint64}
    return values.astype(wider.get(values.dtype.kind, np.int64), copy=False)


def _difference(high: float | None, low: float | None) -> float | None:
    if high is None or low is None:
        return None
    return high - low if math.isfinite(high - low) else None
