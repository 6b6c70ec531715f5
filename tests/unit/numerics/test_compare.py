"""Two profiles side by side, without a look at the data."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.dtypes import DType
from functions.core.leaves import leaves
from functions.numerics.profiles.column import Column
from functions.numerics.profiles.compare import compare
from functions.numerics.profiles.numeric import merge_numeric, profile_numbers
from functions.numerics.profiles.stored import field_from_bytes, from_bytes, names_in_bytes, profile_rows, to_bytes
from functions.numerics.profiles.vector import profile_vectors
from functions.numerics.sketches.histogram import on_common_bars
from tests.unit.numerics.columns import field, numbers, objects

# apart from the edges of bars, so that doubles decide as exact numbers would
VALUES = st.lists(st.integers(-(10**6), 10**6).map(lambda n: n + 0.3), max_size=40)


@given(VALUES, VALUES)
def test_s03_counts_on_common_bars_are_those_of_the_data(training: list[float], production: list[float]) -> None:
    profiles = [profile_numbers(numbers(values)) for values in (training, production)]
    edges, counts = on_common_bars([profile.histogram for profile in profiles])
    if not training and not production:
        assert (edges, [len(each) for each in counts]) == ([], [0, 0])
        return
    for values, found in zip((training, production), counts, strict=True):
        assert found.tolist() == np.histogram(values, edges)[0].tolist()
    merged = merge_numeric(profiles).histogram
    assert edges == merged.edges()
    assert np.sum(counts, axis=0).tolist() == merged.counts.tolist()


def test_s04_categories_of_both_sides_are_counted_with_what_is_not_shown() -> None:
    training = profile("x", ["a"] * 3 + [f"t{n:03}" for n in range(150)])
    production = profile("x", ["a", "b", "b"])
    found = compare(training, production)
    assert found is not None
    shown = found["frequencies"]
    by_value = dict(zip(shown["values"], zip(shown["training"], shown["production"], strict=True), strict=True))
    assert (by_value["a"], by_value["b"]) == ((3, 1), (0, 2))
    assert sum(shown["training"]) + shown["otherTraining"] == 153
    assert shown["otherProduction"] == 0


def profile(name: str, values: list[str]) -> Any:
    fields = leaves([field(name, DType.STRING)])
    return profile_rows(fields, {name: objects(values)}).fields[name]


def test_s07_vectors_are_compared_element_by_element_or_not_at_all() -> None:
    two, three = (profile_vectors(numbers(np.ones((4, width))), profile_numbers) for width in (2, 3))
    found = compare(two, two)
    assert found is not None
    assert [each["histogram"]["training"] for each in found["elements"]] == [[4], [4]]
    assert compare(two, three) is None
    assert compare(two, profile_numbers(numbers([1.0]))) is None


def test_s08_one_field_is_read_without_the_others() -> None:
    fields = leaves([field("a", DType.DOUBLE), field("b", DType.DOUBLE)])
    stored = to_bytes(profile_rows(fields, {"a": numbers([1.0, 2.0]), "b": Column(np.array([3.0, 4.0]))}))
    assert names_in_bytes(stored) == ["a", "b"]
    one = field_from_bytes(stored, "b")
    assert (one.rows, list(one.fields)) == (2, ["b"])
    assert one.fields["b"].view() == from_bytes(stored).fields["b"].view()
    assert field_from_bytes(stored, "c").fields == {}
    with pytest.raises(ValueError, match="not a profile"):
        field_from_bytes(b"?", "a")
