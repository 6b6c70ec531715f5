"""The categorical profile: strings, booleans and numbers as categories."""

import math

import numpy as np
import pytest

from functions.numerics.profiles.categorical import merge_categorical, profile_categories
from functions.numerics.profiles.column import Column
from functions.numerics.sketches.distinct import RELATIVE_ERROR
from functions.numerics.sketches.frequencies import BOUND
from tests.unit.numerics.columns import numbers, objects


def test_s04_every_statistic_of_a_small_column() -> None:
    view = profile_categories(objects(["a", "b", None, "a", "ż", "a", "b"])).view()
    assert view["common"] == {"count": 7, "missing": 1, "distinctCount": 3}
    assert (view["mode"], view["exact"], view["otherCount"]) == ("a", True, 0)
    assert [tuple(entry.values()) for entry in view["frequencies"]] == [("a", 3), ("b", 2), ("ż", 1)]
    assert view["entropy"] == pytest.approx(
        -(1 / 2 * math.log2(1 / 2) + 1 / 3 * math.log2(1 / 3) + math.log2(1 / 6) / 6)
    )


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (numbers([True, False, True], bool), {"true": 2, "false": 1}),
        (objects([True, None, True]), {"true": 2}),
        (numbers([3, 3, -1], np.int8), {3: 2, -1: 1}),
        (numbers([2**64 - 1], np.uint64), {2**64 - 1: 1}),
        (objects([5, None, 5]), {5: 2}),
        (numbers([1.5, math.nan, 1.5]), {1.5: 2}),
        (numbers([0.1], np.float32), {0.10000000149011612: 1}),
        (objects(["x", math.nan]), {"x": 1}),
    ],
)
def test_s04_strings_booleans_and_numbers_are_categories(column: object, expected: dict[object, int]) -> None:
    profile = profile_categories(column)  # type: ignore[arg-type]
    assert profile.frequencies.counts == expected
    assert profile.count - profile.missing == sum(expected.values())


def test_s04_beyond_the_bound_frequent_values_and_an_estimate_remain() -> None:
    names = [f"customer {at}" for at in range(3 * BOUND)] + ["often"] * 2 * BOUND
    profile = merge_categorical([profile_categories(objects(part)) for part in (names[:5000], names[5000:])])
    view = profile.view(shown=1)
    assert (view["mode"], view["exact"]) == ("often", False)
    assert 2 * BOUND - view["shortfall"] <= view["frequencies"][0]["count"] <= 2 * BOUND
    assert abs(view["common"]["distinctCount"] / (3 * BOUND + 1) - 1) < 4 * RELATIVE_ERROR
    true = 0.6 * math.log2(5 * BOUND) - 0.4 * math.log2(0.4)
    assert view["entropy"] == pytest.approx(true, rel=0.05)


def test_s04_the_estimate_knows_what_was_counted_before_the_bound() -> None:
    exact = profile_categories(objects([f"a{at}" for at in range(BOUND)]))
    more = profile_categories(objects([f"b{at}" for at in range(BOUND)]))
    assert exact.distinct is None
    merged = merge_categorical([exact, more])
    assert abs(merged.distinct_count / (2 * BOUND) - 1) < 4 * RELATIVE_ERROR


def test_s04_large_whole_numbers_are_told_apart_beyond_the_bound() -> None:
    first, second = np.arange(3000, dtype=np.uint64), np.arange(2**63, 2**63 + 3000, dtype=np.uint64)
    merged = merge_categorical(
        [
            profile_categories(Column(np.concatenate([first, second[:9]]))),
            *[profile_categories(Column(values)) for values in (first, second)],
        ]
    )
    assert abs(merged.distinct_count / 6000 - 1) < 4 * RELATIVE_ERROR


@pytest.mark.parametrize("values", [[b"x"], [1, "b"], [object()], [True, 1]])
def test_what_is_no_category_is_refused(values: list[object]) -> None:
    with pytest.raises(TypeError, match="expected strings, booleans or numbers, received"):
        profile_categories(objects(values))
