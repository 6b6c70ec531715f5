"""Each sketch alone: exact where it says so, within its stated error elsewhere."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.numerics.sketches.counting import count_numbers, count_strings
from functions.numerics.sketches.distinct import EXACT, RELATIVE_ERROR, Distinct, merge_distinct
from functions.numerics.sketches.frequencies import BOUND, Frequencies, frequencies_of, merge_frequencies
from functions.numerics.sketches.hashing import hash_numbers, hash_strings, mix, mix_one
from functions.numerics.sketches.histogram import BARS, WHOLE, histogram_of, merge_histograms
from functions.numerics.sketches.quantiles import RANK_ERROR, K, Quantiles, merge_quantiles


def hashed_one_by_one(string: str) -> int:
    data, word = string.encode("utf-8", "surrogatepass"), 2**64 - 1
    state = (len(data) + 1) * 0x9E3779B97F4A7C15 & word
    for at in range(0, len(data), 8):
        state = mix_one(state ^ int.from_bytes(data[at : at + 8], "little") * 0x94D049BB133111EB & word)
    return state


def test_hashes_are_the_same_on_every_machine() -> None:
    assert hash_numbers(np.array([1.5, -3.0])).tolist() == [15481881892811333770, 8976719991007165520]
    strings = ["", "a", "a long string of words", "żółw", "x" * 64]
    assert hash_strings(strings).tolist() == [hashed_one_by_one(string) for string in strings]


def test_one_number_is_mixed_as_an_array_is() -> None:
    words = np.array([0, 1, 2**64 - 1, 123456789], np.uint64)
    assert [mix_one(int(word)) for word in words] == mix(words.copy()).tolist()


@given(st.lists(st.text(max_size=20), max_size=50))
def test_a_string_hashes_alike_whatever_stands_beside_it(strings: list[str]) -> None:
    assert hash_strings(strings).tolist() == [int(hash_strings([string])[0]) for string in strings]


def test_strings_that_differ_in_length_alone_hash_differently() -> None:
    strings = ["", "\0", "\0\0", "a", "a\0", "\0a", "é", "\ud800"]
    assert len(set(hash_strings(strings).tolist())) == len(strings)


def test_numbers_hash_by_value_not_by_width() -> None:
    assert hash_numbers(np.array([1.5], np.float32)) == hash_numbers(np.array([1.5]))
    assert hash_numbers(np.array([7], np.int8)) == hash_numbers(np.array([7], np.int64))
    assert hash_numbers(np.array([-0.0])) == hash_numbers(np.array([0.0]))
    huge = np.array([2**53, 2**53 + 1, 2**63 - 1], np.int64)
    assert len(set(hash_numbers(huge).tolist())) == 3


@pytest.mark.parametrize("different", [0, 1, EXACT])
def test_few_values_are_counted_exactly(different: int) -> None:
    sketch = Distinct()
    for _ in range(3):
        sketch = sketch.updated(hash_numbers(np.arange(different)))
    assert (sketch.estimate(), sketch.is_exact) == (different, True)


def test_many_repetitions_of_few_values_are_counted_exactly() -> None:
    assert Distinct().updated(hash_numbers(np.arange(300_000) % EXACT)).estimate() == EXACT


@pytest.mark.parametrize("different", [600, 5_000, 40_000, 300_000])
def test_many_values_are_counted_within_four_standard_errors(different: int) -> None:
    estimate = Distinct().updated(hash_numbers(np.arange(different) * 7)).estimate()
    assert abs(estimate / different - 1) < 4 * RELATIVE_ERROR


@given(st.lists(st.integers(0, 3000), min_size=1, max_size=6), st.randoms())
def test_distinct_counts_forget_order_and_grouping(sizes: list[int], random: "np.random.Generator") -> None:
    groups = [hash_numbers(np.arange(size) + size) for size in sizes]
    at_once = Distinct().updated(np.concatenate(groups))
    random.shuffle(groups)
    merged = merge_distinct([Distinct().updated(group) for group in groups])
    assert merged.hashes.tolist() == at_once.hashes.tolist()
    assert (merged.registers is None) == (at_once.registers is None)
    if merged.registers is not None and at_once.registers is not None:
        assert merged.registers.tolist() == at_once.registers.tolist()


def worst_rank_error(sketch: Quantiles, values: np.ndarray) -> float:
    ordered = np.sort(values)
    probes = ordered[:: max(1, len(ordered) // 500)]
    true = np.searchsorted(ordered, probes, side="right") / len(ordered)
    return max(abs(sketch.rank(float(probe)) - rank) for probe, rank in zip(probes, true, strict=True))


@pytest.mark.parametrize("batch", [40_000, 777])
def test_ranks_stay_within_the_stated_error(batch: int) -> None:
    values = np.random.default_rng(7).lognormal(size=120_000)
    sketch = Quantiles()
    for at in range(0, len(values), batch):
        sketch = sketch.updated(np.sort(values[at : at + batch]))
    assert sketch.count == len(values)
    assert worst_rank_error(sketch, values) < RANK_ERROR
    assert len(sketch.items) < 4 * K


@given(st.lists(st.integers(0, 4000), min_size=1, max_size=5))
def test_every_value_keeps_its_weight(sizes: list[int]) -> None:
    rng = np.random.default_rng(len(sizes))
    merged = merge_quantiles([Quantiles().updated(np.sort(rng.normal(size=size))) for size in sizes])
    assert merged.count == sum(sizes)
    assert sum(size << height for height, size in enumerate(merged.sizes)) == merged.count
    assert sum(merged.sizes) == len(merged.items)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=K))
def test_quantiles_of_few_values_are_numpys(values: list[float]) -> None:
    ordered = np.sort(np.array(values))
    shares = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1]
    found = Quantiles().updated(ordered).at(shares, ordered[0], ordered[-1])
    assert found == pytest.approx(np.quantile(ordered, shares).tolist(), rel=1e-9, abs=1e-9)


def test_merging_quantiles_is_commutative_to_the_bit() -> None:
    rng = np.random.default_rng(3)
    one, other = (Quantiles().updated(np.sort(rng.normal(size=size))) for size in (5000, 700))
    forth, back = merge_quantiles([one, other]), merge_quantiles([other, one])
    assert (forth.sizes, forth.items.tobytes()) == (back.sizes, back.items.tobytes())


doubles = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(st.lists(doubles, min_size=1, max_size=40), min_size=1, max_size=4), st.randoms())
def test_histograms_are_exact_in_every_order(groups: list[list[float]], random: "np.random.Generator") -> None:
    every = np.sort(np.array([value for group in groups for value in group]))
    at_once = histogram_of(every)
    random.shuffle(groups)
    merged = merge_histograms([histogram_of(np.sort(np.array(group))) for group in groups])
    assert (merged.exponent, merged.first) == (at_once.exponent, at_once.first)
    assert merged.counts.tolist() == at_once.counts.tolist()


@given(st.lists(doubles, min_size=1, max_size=60))
def test_a_histogram_counts_each_value_where_it_lies(values: list[float]) -> None:
    histogram = histogram_of(np.sort(np.array(values)))
    edges = histogram.edges()
    assert 1 <= len(histogram.counts) <= BARS
    assert int(histogram.counts.sum()) == len(values)
    for at, count in enumerate(histogram.counts):
        last = at == len(histogram.counts) - 1
        inside = sum(edges[at] <= value < edges[at + 1] or (last and value == edges[-1]) for value in values)
        assert inside == count


def test_bars_of_whole_numbers_are_whole() -> None:
    histogram = histogram_of(np.array([0.0, 1.0, 1.0, 3.0]), WHOLE)
    assert (histogram.step, histogram.counts.tolist(), histogram.edges()) == (1, [1, 2, 0, 1], [0, 1, 2, 3, 4])


@given(st.lists(st.sampled_from(["a", "b", "c", "", "é", "\0", "long enough for two words"]), max_size=80))
def test_strings_are_counted(strings: list[str]) -> None:
    counted = count_strings(np.array([*strings, None], object)[:-1])
    found = {strings[at]: int(n) for at, n in zip(counted.positions, counted.counts, strict=True)}
    assert found == {string: strings.count(string) for string in strings}


def test_counting_joins_chunks() -> None:
    values = np.arange(100_000) % 70_000
    counted = count_numbers(values)
    assert np.array_equal(np.sort(values[counted.positions]), np.arange(70_000))
    assert counted.counts[values[counted.positions] < 30_000].tolist() == [2] * 30_000


def frequencies(values: np.ndarray) -> Frequencies:
    return frequencies_of(count_numbers(values), values)


def test_beyond_the_bound_no_frequent_value_is_lost() -> None:
    rng = np.random.default_rng(5)
    values = np.minimum(rng.zipf(1.2, 60_000), 1_000_000)
    merged = merge_frequencies([frequencies(part) for part in np.array_split(values, 5)])
    assert merged.count == len(values)
    assert len(merged.counts) <= BOUND
    assert 0 < merged.shortfall <= len(values) / BOUND
    true = dict(zip(*np.unique(values, return_counts=True), strict=True))
    for value, count in true.items():
        assert count - merged.shortfall <= merged.counts.get(int(value), 0) <= count


def test_frequencies_up_to_the_bound_are_exact() -> None:
    merged = merge_frequencies([frequencies(np.arange(BOUND)), frequencies(np.arange(BOUND))])
    assert (merged.is_exact, merged.count, set(merged.counts.values())) == (True, 2 * BOUND, {2})
    assert math.isclose(sum(merged.counts.values()), merged.count)
