"""The statistics equal scipy's, pandas' and NumPy's; the sketches are as good as Apache DataSketches' of their size."""

import datasketches
import numpy as np
import pandas as pd
import pytest
import scipy.stats

from functions.numerics.profiles.categorical import profile_categories
from functions.numerics.profiles.column import Column
from functions.numerics.profiles.numeric import merge_numeric, profile_numbers
from functions.numerics.sketches.distinct import REGISTERS, Distinct
from functions.numerics.sketches.hashing import hash_numbers
from functions.numerics.sketches.quantiles import RANK_ERROR, Quantiles

pytestmark = pytest.mark.slow

DRAWS = {
    "normal": lambda rng, size: rng.normal(3, 2, size),
    "far from zero": lambda rng, size: rng.normal(1e9, 1e-2, size),
    "skewed": lambda rng, size: rng.lognormal(0, 2, size),
    "uniform": lambda rng, size: rng.uniform(-1, 1, size),
    "heavy tails": lambda rng, size: rng.standard_t(3, size),
    "whole": lambda rng, size: rng.poisson(3, size),
    "huge whole": lambda rng, size: rng.integers(-(2**62), 2**62, size),
    "floats": lambda rng, size: rng.normal(size=size).astype(np.float32),
}


@pytest.mark.parametrize("name", DRAWS)
@pytest.mark.parametrize("size", [2, 10, 400, 150_000])
def test_s03_the_statistics_equal_scipys_and_pandas(name: str, size: int) -> None:
    values = DRAWS[name](np.random.default_rng(size), size)
    missing = np.random.default_rng(1).random(size) < 0.2
    missing[:2] = False
    present = values[~missing]
    series = pd.Series(present).astype(np.float64)
    parts = np.array_split(np.arange(size), 3)
    merged = merge_numeric([profile_numbers(Column(values[part], missing[part])) for part in parts])
    for profile in (profile_numbers(Column(values, missing)), merged):
        view = profile.view()
        assert view["common"]["count"] == size
        assert view["common"]["missing"] == missing.sum()
        assert view["quantile"]["min"] == present.min()
        assert view["quantile"]["max"] == present.max()
        found = view["descriptive"]
        assert found["mean"] == pytest.approx(series.mean(), rel=1e-12, abs=series.std() * 1e-12)
        assert found["std"] == pytest.approx(series.std(), rel=1e-9)
        assert found["variance"] == pytest.approx(series.var(), rel=1e-9)
        # scipy's own mean is rounded: what it is given is centred, as it is not far from zero then
        centred = series - series.iloc[0]
        if present.min() == present.max():
            assert (found["skewness"], found["kurtosis"]) == (None, None)
        else:
            assert found["skewness"] == pytest.approx(scipy.stats.skew(centred), rel=1e-8, abs=1e-8)
            assert found["kurtosis"] == pytest.approx(scipy.stats.kurtosis(centred), rel=1e-8, abs=1e-8)
        variation = 100 * scipy.stats.variation(series, ddof=1)
        assert found["variationCoef"] == pytest.approx(variation, rel=1e-6)
        distinct = pd.Series(present).nunique()
        assert view["common"]["distinctCount"] == pytest.approx(distinct, rel=0 if distinct <= 512 else 0.065)
        if len(present) <= 400:
            shares = {"p5": 0.05, "q1": 0.25, "median": 0.5, "q3": 0.75, "p95": 0.95}
            for each, share in shares.items():
                assert view["quantile"][each] == pytest.approx(series.quantile(share), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("different", [1, 2, 30, 3000])
def test_s04_the_statistics_equal_scipys_and_pandas(different: int) -> None:
    picks = np.minimum(np.random.default_rng(different).zipf(1.5, 20_000), different)
    series = pd.Series([f"category {pick}" for pick in picks])
    view = profile_categories(Column(series.to_numpy(object))).view(shown=5000)
    counts = series.value_counts()
    assert {entry["value"]: entry["count"] for entry in view["frequencies"]} == counts.to_dict()
    assert view["mode"] == counts.index[0]
    assert view["common"]["distinctCount"] == series.nunique()
    assert view["entropy"] == pytest.approx(scipy.stats.entropy(counts, base=2), abs=1e-12)


def worst(ordered: np.ndarray, rank: object) -> float:
    at = np.linspace(0, len(ordered) - 1, 300).astype(int)
    true = np.searchsorted(ordered, ordered[at], side="right") / len(ordered)
    return max(abs(rank(float(value)) - exact) for value, exact in zip(ordered[at], true, strict=True))  # type: ignore[operator]


@pytest.mark.parametrize("batch", [60_000, 500])
def test_s03_ranks_are_closer_than_those_of_a_kll_sketch_of_the_same_size(batch: int) -> None:
    ours, theirs = [], []
    for seed in range(12):
        values = np.random.default_rng(seed).normal(size=60_000)
        sketch, kll = Quantiles(), datasketches.kll_doubles_sketch(510)
        for at in range(0, len(values), batch):
            sketch = sketch.updated(np.sort(values[at : at + batch]))
            kll.update(values[at : at + batch])
        ordered = np.sort(values)
        ours.append(worst(ordered, sketch.rank))
        theirs.append(worst(ordered, lambda value, kll=kll: kll.get_rank(value, inclusive=True)))
        assert sketch.items.nbytes <= 1.05 * len(kll.serialize())
    assert max(ours) < RANK_ERROR
    assert np.mean(ours) < np.mean(theirs)


def test_s03_distinct_counts_are_as_close_as_a_hyperloglog_of_the_same_size() -> None:
    ours, theirs = [], []
    for seed in range(20):
        values = np.random.default_rng(seed).integers(0, 2**62, 30_000)
        hll = datasketches.hll_sketch(12)
        for value in values.tolist():
            hll.update(value)
        ours.append(Distinct().updated(hash_numbers(values)).estimate() / len(values) - 1)
        theirs.append(hll.get_estimate() / len(values) - 1)
    assert REGISTERS == 1 << 12
    assert np.std(ours) < 1.5 * np.std(theirs)
    assert np.std(ours) < 0.025
