"""Central moments up to the fourth, numerically stable and mergeable.

Batches are summed around their own mean and joined with the formulas of Chan, Golub and LeVeque (1979) in Pébay's form
(Formulas for Robust, One-Pass Parallel Computation of Covariances and Arbitrary-Order Statistical Moments, 2008). What
the mean loses to rounding is kept beside it: around a billion a double has seven digits left for what varies by a
hundredth, too few for a third moment. Exchanging the two sides of a merge changes no bit of the result.
"""

import math

import msgspec
import numpy as np

from functions.numerics.arrays import Floats


class Moments(msgspec.Struct, frozen=True):
    """`m2` … `m4` are the sums of (x - mean - rest)² … (x - mean - rest)⁴; `rest` is what `mean` lost to rounding.

    What does not fit a double is infinite or NaN.
    """

    count: int = 0
    mean: float = 0.0
    rest: float = 0.0
    m2: float = 0.0
    m3: float = 0.0
    m4: float = 0.0

    def merged(self, other: "Moments") -> "Moments":
        if not self.count or not other.count:
            return self if self.count else other
        a, b, n = self.count, other.count, self.count + other.count
        mean = (a * self.mean + b * other.mean) / n
        delta = (other.mean - self.mean) + (other.rest - self.rest)
        d2 = delta * delta
        ab = a * b / n
        cross2 = a * other.m2 - b * self.m2
        cross3 = a * other.m3 - b * self.m3
        return Moments(
            count=n,
            mean=mean,
            rest=(a * (self.mean - mean + self.rest) + b * (other.mean - mean + other.rest)) / n,
            m2=(self.m2 + other.m2) + d2 * ab,
            m3=(self.m3 + other.m3) + d2 * delta * ab * (a - b) / n + 3 * delta * cross2 / n,
            m4=(self.m4 + other.m4)
            + d2 * d2 * ab * ((a * a + b * b - a * b) / (n * n))
            + 6 * d2 * (a * a / n * other.m2 / n + b * b / n * self.m2 / n)
            + 4 * delta * cross3 / n,
        )

    @property
    def variance(self) -> float | None:
        """Of the sample, divided by n - 1, as pandas has it; None below two values."""
        return _finite(self.m2 / (self.count - 1)) if self.count > 1 else None

    @property
    def skewness(self) -> float | None:
        """g₁, of the population, as scipy.stats.skew has it; None for what does not vary."""
        return _finite(math.sqrt(self.count) * self.m3 / self.m2 / math.sqrt(self.m2)) if self.m2 > 0 else None

    @property
    def kurtosis(self) -> float | None:
        """g₂, excess over the normal distribution's, of the population, as scipy.stats.kurtosis has it."""
        return _finite(self.count * (self.m4 / self.m2) / self.m2 - 3) if self.m2 > 0 else None


def moments_of(values: Floats) -> Moments:
    """Moments of finite `values`."""
    if not len(values):
        return Moments()
    with np.errstate(over="ignore", invalid="ignore"):
        mean = values.mean()
        deviations = values - mean
        rest = deviations.mean()
        if rest:
            deviations -= rest
        squares = deviations * deviations
        m2 = squares.sum()
        m3 = np.einsum("i,i->", squares, deviations)
        m4 = np.einsum("i,i->", squares, squares)
    return Moments(len(values), float(mean), float(rest), float(m2), float(m3), float(m4))


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
