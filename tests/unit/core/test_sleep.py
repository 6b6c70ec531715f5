"""When a servable may sleep, and what its record and its applications say meanwhile."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.models import ApplicationStatus, Replica, Servable, ServableStatus, application_status
from functions.core.replicas import ASLEEP, WAKING, observe
from functions.core.scaling import Scaling
from functions.core.sleep import is_idle, may_sleep, note_interval, rest, wake
from tests.fakes.entities import START, servable

SLEEPY = Scaling(min_replicas=0, max_replicas=3, idle_seconds=600)


def replica(task: str = "t1", version: int = 1, **state: object) -> Replica:
    fields: dict[str, object] = {"address": f"10.0.0.1:{task}", "healthy": False}
    return Replica(task=task, version=version, **fields | state)  # type: ignore[arg-type]


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


@pytest.fixture
def serving() -> Servable:
    return observe(servable(scaling=SLEEPY), replica(healthy=True))


def test_x03_a_sleeping_servable_serves_without_a_replica_and_its_application_is_ready(serving: Servable) -> None:
    asleep = rest(serving)
    assert (asleep.status, asleep.message, asleep.endpoints) == (ServableStatus.SERVING, ASLEEP, ())
    assert application_status([asleep]) == (ApplicationStatus.READY, "")
    gone = observe(asleep, replica(version=2, stopped=True))
    assert (gone.status, gone.message) == (ServableStatus.SERVING, ASLEEP)


def test_x03_a_waking_servable_starts_and_its_application_stays_ready(serving: Servable) -> None:
    gone = observe(rest(serving), replica(version=2, stopped=True))
    waking = wake(gone, after(1000))
    assert (waking.status, waking.message, waking.desired) == (ServableStatus.STARTING, WAKING, 1)
    assert application_status([waking])[0] is ApplicationStatus.READY
    awake = observe(waking, replica("t2", healthy=True))
    assert (awake.status, awake.message) == (ServableStatus.SERVING, "")


def test_a_servable_that_cannot_wake_says_why_and_so_does_its_application(serving: Servable) -> None:
    waking = wake(rest(serving), after(1000))
    crashed = replica("t2", stopped=True, reason="exit code 1", since=after(1010))
    broken = observe(observe(waking, replica(version=2, stopped=True)), crashed)
    assert (broken.status, broken.message) == (ServableStatus.NOT_SERVING, "exit code 1")
    assert application_status([broken])[0] is ApplicationStatus.FAILED


def test_a_crash_before_the_last_sleep_says_nothing_about_today(serving: Servable) -> None:
    crash = replica("t0", stopped=True, reason="exit code 1", since=after(10))
    waking = wake(rest(observe(serving, crash)), after(1000))
    assert observe(waking, replica(version=2, stopped=True)).status is ServableStatus.STARTING


def test_a_late_report_wakes_nothing(serving: Servable) -> None:
    asleep = rest(serving)
    assert observe(asleep, replica(version=2, healthy=True)).endpoints == ()
    assert observe(asleep, replica("t2", healthy=True)).message == ASLEEP


@pytest.mark.parametrize("status", [s for s in ServableStatus if s is not ServableStatus.SERVING])
def test_only_what_serves_is_put_to_sleep(status: ServableStatus) -> None:
    broken = servable(scaling=SLEEPY, status=status)
    assert rest(broken) == broken


def test_only_what_may_go_to_zero_sleeps(serving: Servable) -> None:
    for scaling in (None, Scaling(), Scaling(min_replicas=1, max_replicas=9)):
        awake = observe(servable(scaling=scaling), replica(healthy=True))
        assert not may_sleep(awake)
        assert rest(awake) == awake


def test_waking_what_is_awake_or_failed_changes_nothing(serving: Servable) -> None:
    assert wake(serving, after(5)) == serving
    failed = servable(scaling=SLEEPY, desired=0, failure="gave up")
    assert wake(failed, after(5)) == failed


@given(called=st.none() | st.floats(0, 5000), woken=st.none() | st.floats(0, 5000), idle=st.integers(1, 1000))
def test_x03_nobody_sleeps_within_the_idle_time_of_a_call(called: float | None, woken: float | None, idle: int) -> None:
    """A note may be older than the call it stands for by one interval, and no call is forgotten for that."""
    scaling = Scaling(min_replicas=0, idle_seconds=idle)
    one = servable(scaling=scaling, woken=None if woken is None else after(woken))
    last = max(0, called or 0, woken or 0)
    noted = None if called is None else after(called)
    assert not is_idle(one, noted, after(last + idle))
    assert not is_idle(one, noted, after(last + idle + note_interval(scaling) - 0.001))
    assert is_idle(one, noted, after(last + idle + note_interval(scaling) + 0.001))


def test_notes_are_written_at_most_once_a_minute_for_the_usual_idle_times() -> None:
    assert note_interval(Scaling(min_replicas=0)) == 60
    assert note_interval(Scaling(min_replicas=0, idle_seconds=240)) == 60
    assert note_interval(Scaling(min_replicas=0, idle_seconds=4)) == 1
