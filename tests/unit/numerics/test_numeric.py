"""The numeric profile: every statistic by hand, and what missing and non-finite values do to it."""

import math
from typing import Any

import numpy as np
import pytest

from functions.numerics.profiles.column import Column
from functions.numerics.profiles.numeric import merge_numeric, profile_numbers
from tests.unit.numerics.columns import numbers, objects


def test_s03_every_statistic_of_a_small_column() -> None:
    view = profile_numbers(numbers([4, 1, 2, 1, 7, 9], missing=[False] * 4 + [True, False])).view()
    assert view["common"] == {
        "count": 6,
        "missing": 1,
        "nan": 0,
        "negativeInfinity": 0,
        "positiveInfinity": 0,
        "distinctCount": 4,
    }
    # of 1 1 2 4 9
    assert view["quantile"] == pytest.approx(
        {"min": 1, "max": 9, "median": 2, "p5": 1, "q1": 1, "q3": 4, "p95": 8, "range": 8, "IQR": 3}
    )
    m2, m3, m4 = (sum((x - 3.4) ** power for x in (1, 1, 2, 4, 9)) for power in (2, 3, 4))
    assert view["descriptive"] == pytest.approx(
        {
            "mean": 3.4,
            "variance": m2 / 4,
            "std": math.sqrt(m2 / 4),
            "skewness": (m3 / 5) / (m2 / 5) ** 1.5,
            "kurtosis": (m4 / 5) / (m2 / 5) ** 2 - 3,
            "variationCoef": 100 * math.sqrt(m2 / 4) / 3.4,
        }
    )
    histogram = view["histogram"]
    assert (histogram["min"], histogram["max"], histogram["bars"]) == (1, 9, len(histogram["frequencies"]))
    assert sum(histogram["frequencies"]) == 5
    assert len(histogram["bins"]) == histogram["bars"] + 1
    assert histogram["bins"][1] - histogram["bins"][0] == histogram["step"]


def test_s03_a_missing_value_does_not_pull_the_mean_to_zero() -> None:
    profile = profile_numbers(numbers([10, 0, 20], missing=[False, True, False]))
    assert profile.view()["descriptive"]["mean"] == 15
    assert (profile.minimum, profile.missing) == (10, 1)


def test_s03_nan_and_infinities_are_counted_and_take_part_in_nothing() -> None:
    profile = profile_numbers(numbers([1, math.nan, 3, math.inf, -math.inf, math.inf]))
    assert (profile.nan, profile.negative_infinity, profile.positive_infinity) == (1, 1, 2)
    plain = profile_numbers(numbers([1, 3])).view()
    view = profile.view()
    assert view["common"]["distinctCount"] == 2
    assert {key: view[key] for key in ("quantile", "descriptive", "histogram")} == {
        key: plain[key] for key in ("quantile", "descriptive", "histogram")
    }


def test_s03_whole_numbers_keep_their_exact_extremes_and_distinct_values() -> None:
    huge = [2**63 - 1, 2**63 - 2, 2**53 + 1, -(2**63)]
    profile = profile_numbers(numbers(huge, np.int64))
    assert (profile.minimum, profile.maximum, profile.distinct.estimate()) == (-(2**63), 2**63 - 1, 4)
    unsigned = profile_numbers(numbers([2**64 - 1, 2**64 - 2, 0], np.uint64))
    assert (unsigned.minimum, unsigned.maximum, unsigned.distinct.estimate()) == (0, 2**64 - 1, 3)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?"])
def test_s03_every_numeric_type_is_profiled(dtype: str) -> None:
    profile = profile_numbers(numbers([0, 1, 1, 0, 1], dtype))
    assert profile.whole == (dtype[0] != "f")
    assert (profile.minimum, profile.maximum, profile.moments.mean) == (0, 1, pytest.approx(0.6))


def test_s03_chunks_do_not_show() -> None:
    values = np.random.default_rng(1).normal(50, 3, 100_001)
    view = profile_numbers(Column(values)).view()
    assert view["descriptive"]["mean"] == pytest.approx(values.mean(), rel=1e-12)
    assert view["descriptive"]["variance"] == pytest.approx(values.var(ddof=1), rel=1e-12)
    assert (view["quantile"]["min"], view["quantile"]["max"]) == (values.min(), values.max())
    bins = np.array(view["histogram"]["bins"])
    assert view["histogram"]["frequencies"] == np.histogram(values, bins)[0].tolist()


def test_none_among_objects_is_missing() -> None:
    profile = profile_numbers(objects([1, None, 3]))
    assert (profile.count, profile.missing, profile.maximum, profile.whole) == (3, 1, 3, True)


@pytest.mark.parametrize("values", [["a", "b"], [1, "b"], [2**64, 1], [b"x"]])
def test_what_is_not_a_number_is_refused(values: list[Any]) -> None:
    with pytest.raises(TypeError, match="expected numbers, received elements of type"):
        profile_numbers(objects(values))


def test_whole_numbers_and_floats_are_not_merged() -> None:
    whole, floats = profile_numbers(numbers([1], int)), profile_numbers(numbers([1.0]))
    with pytest.raises(ValueError, match="cannot be merged"):
        merge_numeric([whole, floats])
    assert merge_numeric([whole, profile_numbers(objects([None]))]).whole
