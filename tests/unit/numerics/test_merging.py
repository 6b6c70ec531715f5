"""A window's profile is a merge: of stored profiles, in any order and grouping, equal to the profile of all rows."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.dtypes import DType
from functions.core.signature import Profile
from functions.numerics.profiles.column import Column
from functions.numerics.profiles.field import merge_fields, profile_column
from functions.numerics.profiles.language_tools import LanguageTools
from functions.numerics.profiles.numeric import NumericProfile
from functions.numerics.profiles.stored import Profiles, from_bytes, merge_profiles, profile_rows, to_bytes
from functions.numerics.sketches.quantiles import RANK_ERROR
from tests.unit.numerics.columns import field, numbers, objects

FIELDS = [
    field("amount", DType.DOUBLE),
    field("visits", DType.UINT64),
    field("city", DType.STRING),
    field("member", DType.BOOL),
    field("level", DType.INT8, profile=Profile.ORDINAL),
    field("position", DType.FLOAT, (3,)),
    field("picture", DType.UINT8, (4, 4), Profile.IMAGE),
    field("note", DType.STRING, profile=Profile.TEXT),
]


def columns(rows: int, seed: int = 0) -> dict[str, Column]:
    rng = np.random.default_rng(seed)
    amount = rng.lognormal(size=rows)
    amount[rng.random(rows) < 0.1] = np.nan
    return {
        "amount": Column(amount, rng.random(rows) < 0.1),
        "visits": Column(rng.integers(2**63, 2**64 - 1, rows, np.uint64)),
        "city": objects([None if pick == 9 else f"city {pick}" for pick in rng.integers(0, 10, rows)]),
        "member": Column(rng.random(rows) < 0.3),
        "level": Column(rng.integers(0, 4, rows).astype(np.int8)),
        "position": Column(rng.random((rows, 3)).astype(np.float32)),
        "picture": Column(rng.integers(0, 255, (rows, 4, 4)).astype(np.uint8)),
        "note": objects([f"note {pick}" for pick in rng.integers(0, 5, rows)]),
    }


def profiles(rows: int, seed: int = 0) -> Profiles:
    made = columns(rows, seed)
    found = {each.name: profile_column(each, made[each.name], LanguageTools()) for each in FIELDS}
    return Profiles(rows, found)


def exact(view: Any, path: str = "") -> dict[str, Any]:
    """What must be equal to the last bit, by its path: everything but moments, quantiles and what follows from them."""
    if isinstance(view, dict):
        skipped = {"descriptive", "p5", "q1", "median", "q3", "p95", "IQR", "analysed"}
        parts = [exact(value, f"{path}/{key}") for key, value in view.items() if key not in skipped]
        return {name: value for part in parts for name, value in part.items() if not name.startswith("/note/mean")}
    if isinstance(view, list) and view and isinstance(view[0], dict):
        return {name: value for at, item in enumerate(view) for name, value in exact(item, f"{path}/{at}").items()}
    return {path: view}


def test_s08_stored_profiles_come_back_whole() -> None:
    data = to_bytes(profiles(500))
    back = from_bytes(data)
    assert to_bytes(back) == data
    assert back.view()["fields"].keys() == {each.name for each in FIELDS}
    assert exact(back.view()["fields"]) == exact(profiles(500).view()["fields"])
    assert len(to_bytes(Profiles(500, {"amount": back.fields["amount"]}))) < 12_000


def test_s08_an_empty_profile_is_stored_too() -> None:
    assert from_bytes(to_bytes(profiles(0))).rows == 0
    assert from_bytes(to_bytes(Profiles())).fields == {}


@pytest.mark.parametrize(
    ("data", "message"), [(b"", "does not begin"), (b"DWP\x63", "format 1, received format 63"), (b"DWP", "nothing")]
)
def test_s08_bytes_of_another_kind_are_refused(data: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        from_bytes(data)


def test_s08_a_day_of_hours_is_the_day() -> None:
    hours = [profiles(200 + hour, seed=hour) for hour in range(24)]
    day = merge_profiles([from_bytes(to_bytes(hour)) for hour in hours])
    whole = {
        each.name: profile_column(each, joined(each.name, [200 + hour for hour in range(24)]), LanguageTools())
        for each in FIELDS
    }
    at_once = Profiles(sum(hour.rows for hour in hours), whole)
    assert exact(day.view()) == exact(at_once.view())
    for name in ("amount", "visits"):
        one, other = day.fields[name], at_once.fields[name]
        assert isinstance(one, NumericProfile)
        assert isinstance(other, NumericProfile)
        assert one.view()["descriptive"] == pytest.approx(other.view()["descriptive"], rel=1e-9)


def joined(name: str, rows: list[int]) -> Column:
    parts = [columns(count, seed=seed)[name] for seed, count in enumerate(rows)]
    missing = [part.missing for part in parts if part.missing is not None]
    return Column(np.concatenate([part.values for part in parts]), np.concatenate(missing) if missing else None)


def test_s08_merging_is_commutative_to_the_bit() -> None:
    one, other = profiles(3000, seed=1), profiles(700, seed=2)
    assert to_bytes(merge_profiles([one, other])) == to_bytes(merge_profiles([other, one]))


def test_s08_the_same_rows_give_the_same_bytes() -> None:
    assert to_bytes(profiles(3000)) == to_bytes(profiles(3000))


values = st.one_of(
    st.floats(width=32), st.sampled_from([0.0, -0.0, 1.0, float("nan"), float("inf"), float("-inf"), 1e300, 5e-324])
)


@given(st.lists(st.lists(values, max_size=30), min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_s08_any_grouping_of_any_numbers_is_one_profile(groups: list[list[float]], random: Any) -> None:
    amount = FIELDS[0]
    every = [value for group in groups for value in group]
    at_once = profile_column(amount, Column(np.array(every, np.float64)))
    random.shuffle(groups)
    parts = [profile_column(amount, Column(np.array(group, np.float64))) for group in groups]
    flat = merge_fields(parts)
    nested = merge_fields([parts[0], merge_fields(parts[1:])]) if len(parts) > 1 else flat
    for merged in (flat, nested):
        assert exact(merged.view()) == exact(at_once.view())
        # so few values are all kept: quantiles are exact as well
        assert merged.view()["quantile"] == pytest.approx(at_once.view()["quantile"], nan_ok=True)


def test_s08_quantiles_of_a_merge_stay_within_the_stated_error() -> None:
    rng = np.random.default_rng(11)
    hours = [rng.normal(hour % 5, 1, 3000) for hour in range(24)]
    merged = merge_fields([profile_column(FIELDS[0], Column(hour)) for hour in hours])
    assert isinstance(merged, NumericProfile)
    ordered = np.sort(np.concatenate(hours))
    for share in (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99):
        (found,) = merged.quantile(share) or [np.nan]
        assert abs(np.searchsorted(ordered, found) / len(ordered) - share) < RANK_ERROR


def test_the_fields_that_have_a_column_are_profiled_in_the_signatures_order() -> None:
    made = {name: column for name, column in columns(20).items() if name not in ("note", "city")}
    found = profile_rows(FIELDS, dict(reversed(made.items())))
    assert (found.rows, list(found.fields)) == (20, list(made))


def test_columns_of_different_lengths_are_refused() -> None:
    made = columns(5) | {"city": objects(["a"])}
    with pytest.raises(ValueError, match=r"one length, received .*'city': 1"):
        profile_rows(FIELDS, made)


def test_s07_scalars_and_vectors_of_a_field_of_any_shape_merge() -> None:
    anything = field("x", DType.DOUBLE, None)
    parts = [numbers([1, 2], missing=[False, True]), objects([[3.0], [4.0, 5.0]]), numbers([[6, 7]])]
    for order in (parts, parts[::-1]):
        (element,) = (merged := merge_fields([profile_column(anything, column) for column in order])).elements
        assert (merged.count, merged.missing, element.count, element.missing) == (5, 1, 6, 0)
        assert (element.minimum, element.maximum) == (1, 7)


def test_profiles_of_different_kinds_are_not_merged() -> None:
    made = profiles(5).fields
    with pytest.raises(ValueError, match="CategoricalProfile, NumericProfile"):
        merge_fields([made["amount"], made["city"]])
