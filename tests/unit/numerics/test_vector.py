"""The profile of vectors, element by element or together."""

import numpy as np
import pytest

from functions.numerics.profiles.categorical import profile_categories
from functions.numerics.profiles.column import Column
from functions.numerics.profiles.numeric import NumericProfile, profile_numbers
from functions.numerics.profiles.vector import ELEMENTS, VectorProfile, merge_vectors, profile_vectors
from tests.unit.numerics.columns import numbers, objects


def extremes(profile: VectorProfile) -> list[tuple[object, object]]:
    return [(element.minimum, element.maximum) for element in profile.elements if isinstance(element, NumericProfile)]


def test_s07_each_element_has_its_profile_in_row_major_order() -> None:
    profile = profile_vectors(numbers([[[1, 2], [3, 4]], [[5, 6], [7, 9]]], int), profile_numbers)
    assert extremes(profile) == [(1, 5), (2, 6), (3, 7), (4, 9)]
    assert (profile.count, profile.together) == (2, False)


def test_s07_many_elements_are_profiled_together() -> None:
    values = np.arange(2.0 * (ELEMENTS + 1)).reshape(2, -1)
    profile = profile_vectors(Column(values), profile_numbers)
    assert (profile.together, extremes(profile)) == (True, [(0, values.max())])
    assert len(profile_vectors(Column(values[:, :ELEMENTS]), profile_numbers).elements) == ELEMENTS


def test_s07_rows_of_different_lengths_are_profiled_together() -> None:
    profile = profile_vectors(objects([[1.0, 2.0], None, np.array([[7.0]])]), profile_numbers)
    assert (profile.count, profile.missing, profile.together) == (3, 1, True)
    assert (extremes(profile), profile.elements[0].count) == ([(1, 7)], 3)


def test_s07_vectors_of_strings_are_categorical() -> None:
    column = Column(np.array([["a", "x"], ["b", "x"]], object))
    first, second = profile_vectors(column, profile_categories).elements
    assert (first.view()["common"]["distinctCount"], second.view()["mode"]) == (2, "x")


@pytest.mark.parametrize("missing", [[True, True], [False, True]])
def test_s07_missing_vectors_are_counted(missing: list[bool]) -> None:
    profile = profile_vectors(numbers([[1, 2], [3, 4]], int, missing), profile_numbers)
    assert (profile.count, profile.missing, len(profile.elements)) == (2, sum(missing), 0 if all(missing) else 2)


def test_s07_merging_pairs_elements_and_gives_up_only_when_it_must() -> None:
    two, other = (profile_vectors(numbers(v, int), profile_numbers) for v in ([[1, 2]], [[3, 9]]))
    three = profile_vectors(numbers([[0, 0, 5]], int), profile_numbers)
    nothing = profile_vectors(numbers([[1, 1]], int, [True]), profile_numbers)
    assert extremes(merge_vectors([two, nothing, other])) == [(1, 3), (2, 9)]
    for order in ([two, other, three], [three, two, other]):
        merged = merge_vectors(order)
        assert (merged.together, extremes(merged), merged.elements[0].count) == (True, [(0, 9)], 7)
