"""Servables go to sleep, wake, and are looked after, whatever interleaves and whatever got lost."""

import json
import threading
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from functions.adapters.events import to_wanted_event
from functions.core.messages import ServableWanted
from functions.core.models import Application, ApplicationStatus, Servable, ServableStatus
from functions.core.replicas import ASLEEP
from functions.core.scaling import Scaling
from functions.manager.bring_to_size import bring_to_size
from functions.manager.create_application import NewApplication, create_application
from functions.manager.deploy_servable import deploy_servable
from functions.manager.handler import handle_event
from functions.manager.patrol import patrol
from functions.manager.read_log import read_servable_log
from functions.manager.rest_servable import rest_servable
from functions.manager.update_application import ChangedApplication, update_application
from functions.manager.wake_servable import wake_servable
from tests.events import load
from tests.fakes.entities import configuration
from tests.unit.manager.world import World

SLEEPY = Scaling(min_replicas=0, max_replicas=3, idle_seconds=600)
IDLE = 601 + 60  # seconds, with the interval of notes
MINUTE = json.dumps(load("minute_passed"))


@pytest.fixture
def name(world: World) -> str:
    """A servable that serves and may sleep."""
    world.deployments.create(configuration("sleepy", autoscaling=SLEEPY))
    made = deploy_servable(world, world.built(), "sleepy", {}).name
    world.serve(made)
    return made


def of(world: World, name: str) -> Servable:
    return world.servables.get(name)


def wanted(name: str) -> str:
    return to_wanted_event(ServableWanted(servable=name))


def sleep(world: World, name: str) -> None:
    """It is idle, a minute passes, and its replica ends."""
    world.clock.advance(IDLE)
    handle_event(world, MINUTE)
    world.report(name, version=9, stopped=True)


def graph(*versions: int) -> dict[str, Any]:
    variants = [
        {"modelVersionId": version, "weight": 100 // len(versions), "deploymentConfigName": "sleepy"}
        for version in versions
    ]
    return {"executionGraph": {"stages": [{"modelVariants": variants}]}}


def application(world: World, version: int) -> Application:
    made = create_application(world, msgspec.convert({"name": "app"} | graph(version), NewApplication))
    world.serve(*made.servables)
    return world.applications.get("app")


def test_x03_what_nobody_called_goes_to_sleep_and_not_a_minute_before(world: World, name: str) -> None:
    world.clock.advance(IDLE - 2)
    handle_event(world, MINUTE)
    assert (of(world, name).desired, world.host.sizes[name]) == (1, 1)
    world.clock.advance(2)
    handle_event(world, MINUTE)
    assert world.host.sizes[name] == 0
    assert (of(world, name).status, of(world, name).message) == (ServableStatus.SERVING, ASLEEP)


def test_x03_a_noted_call_keeps_it_awake(world: World, name: str) -> None:
    world.clock.advance(IDLE - 60)
    world.usage.note([name], world.clock.now())
    world.clock.advance(60)
    handle_event(world, MINUTE)
    assert world.host.sizes[name] == 1


def test_x03_a_call_wakes_it_and_fifty_wake_it_once(world: World, name: str) -> None:
    sleep(world, name)
    world.host.scaled.clear()
    handle_event(world, wanted(name))
    world.clock.advance(1)
    for _ in range(49):
        handle_event(world, wanted(name))
    assert world.host.scaled == [(name, 1)]
    assert of(world, name).status is ServableStatus.STARTING
    world.report(name, "t2", healthy=True)
    assert of(world, name).status is ServableStatus.SERVING


def test_a_wish_for_what_is_gone_or_awake_is_dropped(world: World, name: str) -> None:
    for message in (wanted("nobody"), wanted(name)):
        handle_event(world, message)
    assert world.host.scaled == []


def test_m10_a_log_is_followed_through_a_sleep(world: World, name: str) -> None:
    world.host.say(name, "loaded")
    first = read_servable_log(world, name, None)
    sleep(world, name)
    quiet = read_servable_log(world, name, first.next)
    handle_event(world, wanted(name))
    world.host.say(name, "loaded again")
    assert (first.lines, quiet.lines) == (("loaded",), ())
    assert not quiet.ended
    assert read_servable_log(world, name, quiet.next).lines == ("loaded again",)


def test_x03_an_application_stays_ready_while_its_servable_sleeps_and_wakes(world: World) -> None:
    world.deployments.create(configuration("sleepy", autoscaling=SLEEPY))
    made = application(world, world.built().id)
    [name] = made.servables
    seen = []
    for step in (lambda: None, lambda: sleep(world, name), lambda: handle_event(world, wanted(name))):
        step()
        seen.append(world.applications.get("app").status)
    assert seen == [ApplicationStatus.READY] * 3
    assert world.applications.get("app").revision == made.revision  # no change, and so no event


def test_an_update_does_not_wait_for_a_sleeper(world: World) -> None:
    """The servable that the update keeps sleeps; the one it adds comes up."""
    world.deployments.create(configuration("sleepy", autoscaling=SLEEPY))
    first, second = world.built(), world.built()
    [kept] = application(world, first.id).servables
    sleep(world, kept)
    changed = update_application(world, "app", msgspec.convert(graph(first.id, second.id), ChangedApplication))
    assert changed.candidate is not None
    [added] = set(changed.candidate.servables) - {kept}
    world.serve(added)
    updated = world.applications.get("app")
    assert (updated.status, updated.candidate) == (ApplicationStatus.READY, None)
    assert of(world, kept).is_asleep


def test_a_call_that_is_noted_while_it_goes_to_sleep_wakes_it(world: World, name: str) -> None:
    world.clock.advance(IDLE)
    world.usage.note([name], world.clock.now())  # after the patrol had decided
    rest_servable(world, name)
    assert (of(world, name).desired, world.host.sizes[name]) == (1, 1)


class Interleaved:
    """Lets something happen the moment the host was told a size."""

    def __init__(self, world: World, after: Callable[[], None]) -> None:
        self._tell = world.host.scale
        self._after: Callable[[], None] | None = after

    def __call__(self, servable: Servable) -> None:
        happens, self._after = self._after, None
        if happens:
            happens()
        self._tell(servable)


def test_x03_a_call_in_the_middle_of_going_to_sleep_ends_with_it_awake(world: World, name: str) -> None:
    """The sleep is written, the wish arrives and is done whole, and only then the host hears of the sleep."""
    world.clock.advance(IDLE)
    world.host.scale = Interleaved(world, lambda: wake_servable(world, name))  # type: ignore[method-assign]
    rest_servable(world, name)
    assert of(world, name).desired == 1
    assert [size for _, size in world.host.scaled] == [1, 0, 1]
    assert world.host.sizes[name] == 1


def test_x03_sleeping_and_waking_at_the_same_time_ends_as_the_record_says(world: World, name: str) -> None:
    for _ in range(20):
        world.report(name, "t2", version=int(world.clock.now().timestamp()), healthy=True)
        world.clock.advance(IDLE)
        both = [threading.Thread(target=act, args=(world, name)) for act in (rest_servable, wake_servable)]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        assert world.host.sizes[name] == of(world, name).desired
        wake_servable(world, name)
        assert world.host.sizes[name] == of(world, name).desired == 1


def test_a_lost_wish_is_made_up_for_by_the_note_of_the_call(world: World, name: str) -> None:
    sleep(world, name)
    world.usage.note([name], world.clock.now())
    handle_event(world, MINUTE)
    assert world.host.sizes[name] == 1


def test_a_host_that_never_heard_of_a_wake_up_is_told_again(world: World, name: str) -> None:
    sleep(world, name)
    world.servables.update(name, lambda current: replace(current, desired=1, woken=world.clock.now()))
    world.usage.note([name], world.clock.now())
    world.clock.advance(61)
    patrol(world)
    assert world.host.sizes[name] == 1


def test_a_host_that_never_heard_of_a_sleep_is_told_again(world: World, name: str) -> None:
    world.clock.advance(IDLE)
    world.servables.update(name, lambda current: replace(current, desired=0))
    patrol(world)
    assert world.host.sizes[name] == 0


def test_one_servable_that_cannot_be_put_to_sleep_keeps_no_other_awake(world: World, name: str) -> None:
    other = deploy_servable(world, world.built(), "sleepy", {}).name
    world.serve(other)
    world.clock.advance(IDLE)
    tell = world.host.scale

    def refuse(servable: Servable) -> None:
        if servable.name == min(name, other):
            raise RuntimeError("throttled")
        tell(servable)

    world.host.scale = refuse  # type: ignore[method-assign]
    handle_event(world, MINUTE)
    assert world.host.sizes[max(name, other)] == 0
    world.host.scale = tell  # type: ignore[method-assign]
    handle_event(world, MINUTE)
    assert world.host.sizes == dict.fromkeys((name, other), 0)


def test_what_runs_always_is_never_put_to_sleep(world: World) -> None:
    name = deploy_servable(world, world.built(), "default", {}).name
    world.serve(name)
    world.clock.advance(10**6)
    handle_event(world, MINUTE)
    assert of(world, name).desired == 1
    assert world.host.scaled == []


def test_a_size_is_told_again_when_the_record_changed_meanwhile(world: World, name: str) -> None:
    def raise_it() -> None:
        world.servables.update(name, lambda current: replace(current, desired=2))

    world.host.scale = Interleaved(world, raise_it)  # type: ignore[method-assign]
    bring_to_size(world, name)
    assert world.host.scaled == [(name, 1), (name, 2)]
