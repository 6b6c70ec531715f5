"""The scheduler's decisions, over counted tasks."""

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from local_cloud.tasks.plan import Fact, Plan, Wish, plan

NUMBERS = count()


def facts(deployment: str, ready: int, starting: int = 0, unhealthy: int = 0) -> list[Fact]:
    kinds = [(True, False)] * ready + [(False, False)] * starting + [(False, True)] * unhealthy
    return [Fact(f"{deployment}-{next(NUMBERS)}", deployment, good, bad) for good, bad in kinds]


def wish(desired: int, least: int | None = None, most: int | None = None, may_start: bool = True) -> Wish:
    least = desired if least is None else least
    return Wish("new", desired, least, 2 * desired if most is None else most, may_start)


def moves(found: Plan) -> tuple[int, int, int, int]:
    return found.start, len(found.unhealthy), len(found.surplus), len(found.replaced)


@pytest.mark.parametrize(
    ("tasks", "wanted", "expected"),
    [
        ([], wish(2), (2, 0, 0, 0)),
        ([], wish(2, may_start=False), (0, 0, 0, 0)),
        (facts("new", 2), wish(2), (0, 0, 0, 0)),
        (facts("new", 1, 1), wish(1), (0, 0, 1, 0)),
        (facts("new", 2), wish(0), (0, 0, 2, 0)),
        (facts("new", 1, unhealthy=1), wish(2), (1, 1, 0, 0)),
        (facts("old", 1), wish(1), (1, 0, 0, 0)),
        (facts("old", 1) + facts("new", 0, 1), wish(1), (0, 0, 0, 0)),
        (facts("old", 1) + facts("new", 1), wish(1), (0, 0, 0, 1)),
        (facts("old", 0, 1) + facts("new", 0, 1), wish(1), (0, 0, 0, 1)),
        (facts("old", 2), wish(2, least=1, most=2), (0, 0, 0, 1)),
        (facts("old", 1), wish(2, least=1, most=2), (1, 0, 0, 0)),
    ],
)
def test_moves(tasks: list[Fact], wanted: Wish, expected: tuple[int, int, int, int]) -> None:
    assert moves(plan(tasks, wanted)) == expected


@given(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5), st.integers(0, 5), st.integers(1, 5))
def test_a_roll_out_never_goes_below_or_above(old: int, fresh: int, starting: int, idle: int, desired: int) -> None:
    tasks = facts("old", old, idle) + facts("new", fresh, starting)
    found = plan(tasks, wish(desired))
    stopped = {*found.surplus, *found.replaced}
    ready = [fact for fact in tasks if fact.is_ready]
    left = [fact for fact in ready if fact.arn not in stopped]
    assert len(left) >= min(desired, len(ready))
    assert found.start == 0 or len(tasks) + found.start <= 2 * desired


@given(st.integers(0, 4), st.integers(0, 4))
def test_it_arrives(old: int, desired: int) -> None:
    tasks = facts("old", old)
    for _ in range(12):
        found = plan(tasks, wish(desired))
        gone = {*found.surplus, *found.replaced}
        tasks = [Fact(f.arn, f.deployment, is_ready=True, is_unhealthy=False) for f in tasks if f.arn not in gone]
        tasks += facts("new", 0, found.start)
    assert sorted(f.deployment for f in tasks) == ["new"] * desired
    assert plan(tasks, wish(desired)) == Plan()
