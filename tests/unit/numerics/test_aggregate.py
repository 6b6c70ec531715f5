"""Aggregates: sums that a contribution enters once, however often and in whatever order it comes."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.core.checks import Check, Operator, Verdict, metric_check
from functions.numerics.checks.aggregate import Aggregate, Counts, Tally, add, bucket, tally_of, view


def check(verdict: Verdict) -> Check:
    return Check(name="x", verdict=verdict, description="")


PASS, FAIL, ERROR = check(Verdict.PASSED), check(Verdict.FAILED), check(Verdict.ERRORED)


def test_s15_counts_per_field_and_metric_with_first_and_last() -> None:
    drift = metric_check("drift", Operator.LESS, 1, 2)
    tallies = [
        tally_of("r2", 20.0, {"age": [PASS, PASS]}, {"drift": drift}, latency_ms=4),
        tally_of("r1", 10.0, {"age": [PASS, FAIL], "city": [PASS]}, {"drift": ERROR}, latency_ms=2),
        tally_of("r3", 30.0, {}, {}, failed=True),
    ]
    assert view(add(*tallies)) == {
        "age": {"checks": 2, "passed": 1, "errored": 0},  # min and max of one observation count once
        "city": {"checks": 1, "passed": 1, "errored": 0},
        "_hs_metrics": {"drift": {"checks": 2, "passed": 0, "errored": 1}},
        "_hs_requests": 3,
        "_hs_errors": 1,
        "_hs_mean_latency": 2,
        "_hs_first_id": "r1",
        "_hs_last_id": "r3",
    }


def test_s15_nothing_adds_up_to_nothing() -> None:
    assert add() == Tally()
    assert view(add())["_hs_mean_latency"] is None
    assert tally_of("r", 1.0, {"age": []}, {}).fields == {"age": Counts()}


@pytest.mark.parametrize(("at", "begins"), [(0, 0), (59.9, 0), (60, 60), (1_700_000_001.5, 1_699_999_980), (-1, -60)])
def test_s15_buckets_of_time_begin_at_multiples_of_their_length(at: float, begins: int) -> None:
    assert bucket(at, 60) == begins


tallies = st.builds(
    tally_of,
    st.sampled_from(["a", "b", "c"]),
    st.floats(0, 100),
    st.dictionaries(st.sampled_from(["x", "y"]), st.lists(st.sampled_from([PASS, FAIL, ERROR]), max_size=2)),
    st.dictionaries(st.sampled_from(["m"]), st.sampled_from([PASS, FAIL, ERROR])),
    latency_ms=st.floats(0, 10),
)
aggregates = st.dictionaries(st.sampled_from("pqrs"), tallies, max_size=4).map(Aggregate)


@given(aggregates, aggregates, aggregates)
@settings(deadline=None, max_examples=40)
def test_s15_merging_is_idempotent_commutative_and_associative(one: Any, two: Any, three: Any) -> None:
    assert one.merged(one) == one
    assert one.merged(two) == two.merged(one)
    assert one.merged(two).merged(three) == one.merged(two.merged(three))
    assert one.merged(two).merged(two) == one.merged(two)


@given(st.lists(tallies, min_size=1, max_size=8), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=40)
def test_s15_delivered_twice_and_out_of_order_the_total_is_the_same(contributions: list[Tally], random: Any) -> None:
    parts = [Aggregate({f"request {at}": tally}) for at, tally in enumerate(contributions)]
    deliveries = parts + [part for part in parts if random.random() < 0.5]
    random.shuffle(deliveries)
    merged = Aggregate()
    for delivery in deliveries:
        merged = merged.merged(delivery)
    assert merged.total() == add(*(tally for _, tally in sorted(enumerate(contributions))))
    assert merged.total().requests == len(contributions)


def test_s15_of_one_contribution_the_fuller_version_stays() -> None:
    partial = tally_of("a", 1.0, {"x": [PASS]}, {})
    full = add(partial, tally_of("b", 2.0, {"x": [FAIL]}, {}))
    for order in ([partial, full], [full, partial]):
        merged = Aggregate({"batch": order[0]}).merged(Aggregate({"batch": order[1]}))
        assert merged.total() == full
