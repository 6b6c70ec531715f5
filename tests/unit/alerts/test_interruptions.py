"""Word of the log may come twice, late or never, and a watch may die: the alerts are those of the log."""

import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from functions.alerts.keep_watch import keep_watch
from functions.alerts.look_around import look_around
from functions.core.alerts import Alert
from functions.core.bulletins import Bulletin
from functions.core.errors import Unavailable
from tests.unit.alerts.world import World, finding, receiver


def test_s17_word_that_comes_again_changes_nothing() -> None:
    world = World()
    world.happen(finding())
    before, writes = world.watches.get(1), world.watches.writes
    for _ in range(3):
        keep_watch(world, 1)
        look_around(world)
    assert (world.watches.get(1), world.watches.writes) == (before, writes)
    assert len(world.deliveries.items) == 1


def test_s17_word_that_is_lost_is_found_by_looking_around() -> None:
    world = World()
    world.version(2)
    world.publish(finding())
    world.publish(finding(), version=2)
    look_around(world)
    assert len(world.firing(1)) == len(world.firing(2)) == 1


def outcome(world: World) -> tuple[list[Alert], list[Alert], list[tuple[str, str]]]:
    return world.firing(), list(world.archive.of_version(1)), world.told


def story(world: World, chance: random.Random) -> None:
    """Good and bad times, of which word arrives now and then, sometimes twice."""
    script = random.Random(7)
    for _ in range(60):
        found = [finding(script.randint(1, 9), field) for field in "xyz" if script.random() < 0.3]
        world.publish(*found)
        for _ in range(chance.randint(0, 2)):
            keep_watch(world, 1)
        world.clock.advance(script.choice([1, 10, 70]))
    look_around(world)


def test_s17_the_same_log_gives_the_same_alerts_however_word_of_it_arrives() -> None:
    worlds = [World() for _ in range(4)]
    for seed, world in enumerate(worlds):
        story(world, random.Random(seed))
    first, *others = map(outcome, worlds)
    assert len(first[2]) > 10
    for other in others:
        assert [alert.number for alert in other[1]] == [alert.number for alert in first[1]]
        assert [(a.key, a.started, a.failures) for a in other[1]] == [(a.key, a.started, a.failures) for a in first[1]]
        assert sorted(other[2]) == sorted(first[2])


class Crash(Exception):
    """The worker dies here."""


def dying(steps: int) -> Callable[[], None]:
    left = [steps]

    def step() -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Crash

    return step


@pytest.mark.parametrize("survives", range(6))
def test_s17_a_watch_that_dies_anywhere_loses_and_doubles_nothing(survives: int) -> None:
    world = World()
    world.receivers.create(receiver("ops"))
    world.publish(finding())
    world.watches.before = world.deliveries.before = dying(survives)
    try:
        keep_watch(world, 1)
    except Crash:
        world.watches.before = world.deliveries.before = lambda: None
        keep_watch(world, 1)
    (alert,) = world.firing()
    assert (alert.number, alert.failures) == (1, 5)
    assert world.told == [("fired", "check:x/max")]
    delivered = {each.id for each in world.deliveries.items}  # a repetition has the id of the first
    assert delivered == {"1-1", "1-1-ops"}


def test_s17_watches_that_meet_count_once() -> None:
    world = World()
    for _ in range(10):
        world.publish(finding())
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: keep_watch(world, 1), range(8)))
    (alert,) = world.firing()
    assert (alert.failures, alert.requests) == (50, 100)
    assert world.told == [("fired", "check:x/max")]


def test_rows_of_which_no_bulletin_is_kept_are_passed_by() -> None:
    world = World()
    world.publish(rows=50)
    world.ledger.bulletins.clear()
    world.happen(finding())
    assert world.watches.get(1)[0].rows == 60
    assert len(world.firing()) == 1


def test_a_bulletin_that_a_query_passed_by_is_waited_for() -> None:
    world = World()
    world.publish(finding(), rows=10)
    world.publish(rows=10)
    late = world.ledger.bulletins.pop((1, 0))
    whole = world.ledger.after

    def after(version_id: int, row: int, limit: int = 100) -> Sequence[Bulletin]:
        seen = whole(version_id, row, limit)
        world.ledger.bulletins[(1, 0)] = late
        return seen

    world.ledger.after = after  # type: ignore[method-assign]
    keep_watch(world, 1)
    assert [alert.requests for alert in world.firing()] == [20]


def test_a_queue_that_refuses_is_tried_again() -> None:
    world = World()

    def refuse() -> None:
        raise Unavailable("no")

    world.deliveries.before = refuse
    with pytest.raises(Unavailable):
        world.happen(finding())
    world.deliveries.before = lambda: None
    look_around(world)
    assert world.told == [("fired", "check:x/max")]
