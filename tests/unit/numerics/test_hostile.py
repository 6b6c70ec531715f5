"""Hostile data has a defined result each: never an exception, a warning, or a number that is not one."""

import json
import math
import warnings
from typing import Any

import numpy as np
import pytest

from functions.core.dtypes import DType
from functions.numerics.profiles.column import Column
from functions.numerics.profiles.field import FieldProfile, merge_fields, profile_column
from functions.numerics.profiles.stored import Profiles, from_bytes, to_bytes
from tests.unit.numerics.columns import field, numbers, objects

BIG = 1.7e308
NUMBER, WHOLE, NAME = field("x", DType.DOUBLE), field("n", DType.INT64), field("s", DType.STRING)


def profiled(named: Any, column: Column) -> FieldProfile:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        profile = profile_column(named, column)
        again = from_bytes(to_bytes(Profiles(column.rows, {"it": profile}))).fields["it"]
        assert json.dumps(again.view(), allow_nan=False) == json.dumps(profile.view(), allow_nan=False)
    return profile


def picked(view: dict[str, Any], names: str) -> dict[str, Any]:
    flat = {**view["common"], **view["quantile"], **view["descriptive"], "bars": view["histogram"]["bars"]}
    return {name: flat[name] for name in names.split()}


NONE = {"min": None, "max": None, "median": None, "mean": None, "std": None, "kurtosis": None, "IQR": None}


@pytest.mark.parametrize(
    ("case", "column", "expected"),
    [
        ("no rows", numbers([]), {"count": 0, "distinctCount": 0, "bars": 0, **NONE}),
        ("all missing", numbers([1, 2], missing=[True, True]), {"count": 2, "missing": 2, "bars": 0, **NONE}),
        ("all None", objects([None, None]), {"count": 2, "missing": 2, "distinctCount": 0, **NONE}),
        ("all NaN", numbers([math.nan] * 3), {"count": 3, "nan": 3, "missing": 0, **NONE}),
        ("all infinite", numbers([math.inf, -math.inf]), {"positiveInfinity": 1, "negativeInfinity": 1, **NONE}),
        (
            "one row",
            numbers([5]),
            {"min": 5, "median": 5, "p95": 5, "mean": 5, "std": None, "skewness": None, "IQR": 0},
        ),
        ("constant", numbers([0.1] * 999), {"mean": 0.1, "std": 0, "variance": 0, "kurtosis": None, "bars": 1}),
        ("constant zero", numbers([0.0, -0.0]), {"mean": 0, "distinctCount": 1, "variationCoef": None, "bars": 1}),
        ("two rows", numbers([1, 3]), {"median": 2, "variance": 2, "skewness": 0, "kurtosis": -2}),
        (
            "largest doubles",
            numbers([BIG, -BIG]),
            {"min": -BIG, "max": BIG, "range": None, "variance": None, "median": 0},
        ),
        ("largest alike", numbers([BIG] * 3), {"mean": BIG, "std": 0, "range": 0, "bars": 1}),
        ("smallest doubles", numbers([5e-324, -5e-324]), {"min": -5e-324, "distinctCount": 2, "bars": 3}),
        ("far outlier", numbers([1, 2, 1e300]), {"max": 1e300, "median": 2, "skewness": None, "variance": None}),
        ("far from zero", numbers([1e15, 1e15 + 1, 1e15 + 2]), {"variance": 1, "mean": 1e15 + 1, "skewness": 0}),
        ("halves", numbers([65504, -65504], np.float16), {"range": 131008, "mean": 0}),
        ("floats", numbers([3e38, -3e38], np.float32), {"mean": 0, "distinctCount": 2}),
    ],
    ids=lambda case: case if isinstance(case, str) else "",
)
def test_numbers_have_a_defined_result(case: str, column: Column, expected: dict[str, Any]) -> None:
    view = profiled(NUMBER, column).view()
    assert picked(view, " ".join(expected)) == pytest.approx(expected, abs=0), case
    finite = view["common"]["count"] - sum(
        view["common"][name] for name in ("missing", "nan", "negativeInfinity", "positiveInfinity")
    )
    assert sum(view["histogram"]["frequencies"]) == finite


@pytest.mark.parametrize(
    ("case", "column", "expected"),
    [
        ("beyond 2^53", numbers([2**53, 2**53 + 1], np.int64), {"min": 2**53, "max": 2**53 + 1, "distinctCount": 2}),
        ("int64", numbers([2**63 - 1, -(2**63)], np.int64), {"range": 2**64 - 1, "distinctCount": 2, "median": 0}),
        ("uint64", numbers([2**64 - 1, 0], np.uint64), {"max": 2**64 - 1, "range": 2**64 - 1, "distinctCount": 2}),
        ("bytes", numbers([-128, 127], np.int8), {"range": 255, "mean": -0.5, "median": -0.5}),
    ],
    ids=lambda case: case if isinstance(case, str) else "",
)
def test_whole_numbers_have_a_defined_result(case: str, column: Column, expected: dict[str, Any]) -> None:
    view = profiled(WHOLE, column).view()
    for name, value in picked(view, " ".join(expected)).items():
        assert value == expected[name], (case, name)
    assert sum(view["histogram"]["frequencies"]) == column.rows


@pytest.mark.parametrize(
    ("case", "values", "mode", "distinct", "missing"),
    [
        ("no rows", [], None, 0, 0),
        ("all None", [None, None], None, 0, 2),
        ("one row", ["a"], "a", 1, 0),
        ("empty strings", ["", "", "a"], "", 2, 0),
        ("zero bytes", ["\0", "\0\0", "\0"], "\0", 2, 0),
        ("unicode", ["é", "e\u0301", "日本", "日本", "👍🏽"], "日本", 4, 0),
        ("a lone surrogate", ["\ud800", "\ud800", "a"], r"\ud800", 2, 0),
        ("long", ["x" * 9000, "x" * 8999 + "y", "x" * 9000], "x" * 9000, 2, 0),
        ("all different", [f"id {at}" for at in range(9000)], None, 9000, 0),
    ],
    ids=lambda case: case if isinstance(case, str) and len(case) < 20 else "",
)
def test_strings_have_a_defined_result(
    case: str, values: list[Any], mode: str | None, distinct: int, missing: int
) -> None:
    view = profiled(NAME, objects(values)).view()
    assert (view["mode"], view["common"]["count"], view["common"]["missing"]) == (mode, len(values), missing), case
    assert view["common"]["distinctCount"] == pytest.approx(distinct, rel=0.05)
    assert view["entropy"] == (None if len(values) == missing else pytest.approx(view["entropy"]))


@pytest.mark.slow
def test_ten_million_rows_come_in_batches() -> None:
    rng = np.random.default_rng(2)
    whole = np.array([], np.float64)
    profile: FieldProfile | None = None
    for _ in range(20):
        batch = rng.gamma(2.0, size=500_000)
        whole = np.concatenate((whole, batch))
        part = profile_column(NUMBER, Column(batch))
        profile = part if profile is None else merge_fields([profile, part])
    assert profile is not None
    view = profile.view()
    assert view["common"]["count"] == 10_000_000
    assert view["descriptive"]["mean"] == pytest.approx(whole.mean(), rel=1e-12)
    assert view["descriptive"]["variance"] == pytest.approx(whole.var(ddof=1), rel=1e-12)
    assert (view["quantile"]["min"], view["quantile"]["max"]) == (whole.min(), whole.max())
    assert np.mean(whole <= view["quantile"]["median"]) == pytest.approx(0.5, abs=0.005)
    assert view["common"]["distinctCount"] == pytest.approx(10_000_000, rel=0.065)
    assert len(to_bytes(Profiles(10_000_000, {"x": profile}))) < 25_000
