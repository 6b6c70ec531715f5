"""A servable's status follows from what is known of its replicas, in whatever order it became known."""

import random
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from functions.core.models import Replica, Servable, ServableStatus
from functions.core.replicas import MAX_STOPPED, observe, settle
from tests.fakes.entities import START, servable

STARTING = servable(desired=2)
SLEEPS: list[dict[str, Any]] = [{}, {"desired": 0}, {"woken": START + timedelta(seconds=3)}]


def replica(task: str = "t1", version: int = 1, **state: object) -> Replica:
    fields: dict[str, object] = {"address": "10.0.0.1:9091", "healthy": False}
    return Replica(task=task, version=version, **fields | state)  # type: ignore[arg-type]


def seen(*reports: Replica, base: Servable = STARTING) -> Servable:
    for report in reports:
        base = observe(base, report)
    return base


def test_m11_a_servable_starts_serves_and_says_when_replicas_are_missing() -> None:
    assert seen(replica()).status is ServableStatus.STARTING
    half = seen(replica(), replica(version=2, healthy=True))
    assert (half.status, half.message) == (ServableStatus.SERVING, "1 of 2 replicas serve")
    whole = seen(replica("t2", healthy=True), base=half)
    assert (whole.status, whole.message) == (ServableStatus.SERVING, "")
    assert len(whole.endpoints) == 2


def test_m11_a_servable_whose_replica_stopped_does_not_serve() -> None:
    stopped = seen(replica(healthy=True), replica(version=2, stopped=True, reason="exit code 1"))
    assert (stopped.status, stopped.message) == (ServableStatus.NOT_SERVING, "exit code 1")
    assert stopped.endpoints == ()
    again = seen(replica("t2", healthy=True), base=stopped)
    assert again.status is ServableStatus.SERVING


def test_m11_an_unhealthy_replica_makes_it_not_available() -> None:
    ill = seen(replica(healthy=True), replica(version=2, reason="the health check fails"))
    assert (ill.status, ill.message) == (ServableStatus.NOT_AVAILABLE, "the health check fails")


def test_the_last_stop_is_the_reason() -> None:
    first = replica("t9", stopped=True, reason="first", since=START)
    second = replica("t1", stopped=True, reason="second", since=START + timedelta(seconds=1))
    assert seen(first, second).message == seen(second, first).message == "second"


def test_a_failed_rollout_does_not_start_any_more() -> None:
    failed = settle(replace(STARTING, failure="circuit breaker"))
    assert (failed.status, failed.message) == (ServableStatus.NOT_SERVING, "circuit breaker")
    explained = seen(replica(stopped=True, reason="exit code 1"), base=failed)
    assert explained.message == "exit code 1"


@pytest.mark.parametrize("late", [replica(version=1, healthy=True), replica(version=9, healthy=True)])
def test_a_stopped_replica_never_comes_back(late: Replica) -> None:
    stopped = seen(replica(version=5, stopped=True, reason="over"))
    assert observe(stopped, late) == stopped
    assert observe(stopped, late, direct=True) == stopped


def test_a_direct_look_knows_better_than_a_report_of_the_same_version() -> None:
    reported = seen(replica(version=3))
    assert observe(reported, replica(version=3, healthy=True)) == reported
    assert observe(reported, replica(version=3, healthy=True), direct=True).status is ServableStatus.SERVING
    assert observe(seen(replica(version=4)), replica(version=3, healthy=True), direct=True).endpoints == ()


def test_only_so_many_stopped_replicas_are_remembered() -> None:
    crashes = [
        replica(f"t{at}", stopped=True, reason=f"crash {at}", since=START + timedelta(seconds=at)) for at in range(60)
    ]
    looping = seen(replica("alive"), *crashes)
    assert len(looping.replicas) == MAX_STOPPED + 1
    assert looping.message == "crash 59"


def test_m11_a_host_with_one_address_for_all_copies_counts_them() -> None:
    """Lambda and SageMaker share out calls themselves: one address, and a number behind it."""
    base = servable(desired=3)
    two = seen(replica(healthy=True, copies=2), base=base)
    assert (two.status, two.message, len(two.endpoints)) == (ServableStatus.SERVING, "2 of 3 replicas serve", 1)
    assert seen(replica(version=2, healthy=True, copies=3), base=two).message == ""


def test_m11_a_replica_that_was_asked_to_go_is_no_failure() -> None:
    one = seen(replica(healthy=True), replica(version=2, stopped=True, reason=""))
    assert (one.status, one.endpoints) == (ServableStatus.STARTING, ())
    rest = seen(replica("t2", healthy=True), base=one)
    assert (rest.status, rest.message) == (ServableStatus.SERVING, "1 of 2 replicas serve")


@st.composite
def lives(draw: st.DrawFn) -> list[Replica]:
    """What a host says about a few tasks: numbered reports, stopping last."""
    reports = []
    for task in range(draw(st.integers(1, 4))):
        states = draw(st.lists(st.sampled_from(["starting", "healthy", "ill"]), min_size=1, max_size=4))
        if draw(st.booleans()):
            states.append("stopped")
        for version, state in enumerate(states, start=1):
            report = replica(
                f"t{task}",
                version,
                healthy=state == "healthy",
                stopped=state == "stopped",
                reason={"ill": "ill", "stopped": draw(st.sampled_from([f"end of t{task}", ""]))}.get(state, ""),
                since=START + timedelta(seconds=draw(st.integers(0, 5))),
            )
            reports.append(report)
    return reports


@given(
    reports=lives(),
    seed=st.randoms(use_true_random=False),
    failure=st.sampled_from(["", "gave up"]),
    sleep=st.sampled_from(SLEEPS),
)
def test_m11_order_and_repetition_make_no_difference(
    reports: list[Replica], seed: random.Random, failure: str, sleep: dict[str, Any]
) -> None:
    base = settle(replace(STARTING, failure=failure, **sleep))
    expected = seen(*reports, base=base)
    shuffled = reports + seed.choices(reports, k=3)
    seed.shuffle(shuffled)
    assert seen(*shuffled, base=base) == expected
