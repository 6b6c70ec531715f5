"""A request for a servable without replicas waits for one, up to its deadline."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from functions.core.errors import Unavailable
from functions.core.models import Replica, Servable, ServableStatus
from functions.gateway.inputs import PlainInputs
from functions.gateway.ports import CallOptions
from functions.gateway.predict import Prediction, predict
from functions.gateway.resolve import resolve_application
from functions.gateway.waiting_room import WaitingRoom
from functions.gateway.wake import MARGIN
from tests.unit.gateway.http_client import HttpGateway
from tests.unit.gateway.worlds import World, adding, number

ADDRESS = "10.7.7.7:9091"


class Waking(World):
    """A world in which something happens `at` a moment while others wait."""

    def __init__(self, **ports: Any) -> None:
        self.reads: list[float] = []
        self._events: list[tuple[float, Callable[[], object]]] = []
        super().__init__(**{"sleep": self.sleep} | ports)

    def sleep(self, seconds: float) -> None:
        self.wait(seconds)
        self.reads.append(self.time)
        for event in [event for event in self._events if event[0] <= self.time]:
            self._events.remove(event)
            event[1]()

    def at(self, seconds: float, happens: Callable[[], object]) -> None:
        self._events.append((seconds, happens))

    def change(self, servable: Servable, **values: Any) -> None:
        self.servables.update(servable.name, lambda current: replace(current, **values))

    def wake(self, servable: Servable) -> None:
        self.client.models[ADDRESS] = adding(1)
        replica = Replica(task="t", address=ADDRESS, healthy=True, version=1)
        self.change(servable, replicas=(replica,), status=ServableStatus.SERVING, desired=1)


def asleep(world: World, **values: Any) -> Servable:
    servable = world.servable("m", status=ServableStatus.STARTING)
    world.servables.update(servable.name, lambda current: replace(current, replicas=(), **values))
    world.application("app", [(servable, 100)])
    return servable


def ask(world: World, time_left: float | None = None) -> Prediction:
    options = CallOptions(request_id="r", time_left=time_left)
    return predict(world.ports, resolve_application(world.ports, "app"), PlainInputs({"x": 0}), options)


def test_a_servable_that_goes_to_sleep_under_a_call_is_woken_and_waited_for() -> None:
    """Its record was read while it still served."""
    world = Waking()
    servable = world.servable("m")
    world.application("app", [(servable, 100)])
    route = resolve_application(world.ports, "app")
    world.change(servable, desired=0)
    world.at(2.0, lambda: world.wake(servable))
    answered = predict(world.ports, route, PlainInputs({"x": 0}), CallOptions(request_id="r"))
    assert answered.outputs == {"y": number(1)}
    assert [wish.servable for wish in world.wake_ups.published] == [servable.name]
    assert 2.0 <= world.time <= 2.5


def test_the_reason_reaches_a_caller_whose_time_went_into_looking_up() -> None:
    world = Waking()
    asleep(world)
    options = CallOptions(request_id="r", heard=world.time, time_left=1.0)
    route = resolve_application(world.ports, "app")
    world.wait(0.5)
    with pytest.raises(Unavailable, match="no replica served"):
        predict(world.ports, route, PlainInputs({"x": 0}), options)
    assert world.time == pytest.approx(1.0 - MARGIN)


@pytest.mark.parametrize("path", ["/gateway/application/app", "/v2/models/app/infer"])
def test_g20_the_time_for_a_prediction_counts_from_when_its_caller_was_heard(path: str) -> None:
    def slowly() -> float:
        world.wait(0.5)
        return 0.0

    world = Waking(timeout=2.0, chance=slowly)
    servable = world.servable("m", status=ServableStatus.STARTING)
    world.change(servable, replicas=())
    world.application("app", [(servable, 50), (servable, 50)])
    tensor = {"name": "x", "datatype": "FP64", "shape": [], "data": [0]}
    answer = HttpGateway(world).post(path, {"x": 0} if path.startswith("/gateway") else {"inputs": [tensor]})
    assert answer.status_code == 503
    assert world.time == pytest.approx(2.0 - MARGIN)


@pytest.mark.parametrize(
    "state", [{}, {"desired": 0}, {"desired": 0, "status": ServableStatus.NOT_SERVING, "message": "stopped"}]
)
def test_a_request_is_held_until_the_servable_serves(state: dict[str, Any]) -> None:
    world = Waking()
    servable = asleep(world, **state)
    world.at(3.0, lambda: world.wake(servable))
    assert ask(world).outputs == {"y": number(1)}
    assert 3.0 <= world.time <= 3.5
    (made,) = world.sink.published
    assert made.error is None


def test_the_record_is_read_ever_more_seldom_but_twice_a_second() -> None:
    world = Waking()
    asleep(world)
    with pytest.raises(Unavailable):
        ask(world)
    gaps = [after - before for before, after in zip([0.0, *world.reads], world.reads, strict=False)]
    assert gaps[:4] == pytest.approx([0.1, 0.15, 0.225, 0.3375])
    assert max(gaps) == pytest.approx(0.5)
    assert len(gaps) <= 25


@pytest.mark.parametrize(("time_left", "held"), [(None, 10.0), (2.0, 2.0), (60.0, 10.0), (0.05, 0.0)])
def test_it_is_held_to_the_deadline_and_no_longer_then_unavailable(time_left: float | None, held: float) -> None:
    world = Waking(timeout=10.0)
    asleep(world)
    with pytest.raises(Unavailable, match="is Starting: no replica served within the deadline"):
        ask(world, time_left)
    assert world.time == pytest.approx(max(held - MARGIN, 0))


@pytest.mark.parametrize("state", [{}, {"desired": 0}])
def test_over_http_it_is_503_with_retry_after_and_never_400_or_404(state: dict[str, Any]) -> None:
    world = Waking()
    servable = asleep(world, **state)
    for path in ("/gateway/application/app", f"/gateway/servable/{servable.name}"):
        refused = HttpGateway(world).post(path, {"x": 0})
        assert refused.status_code == 503
        assert int(refused.headers["Retry-After"]) > 0


def test_a_servable_that_fails_while_a_request_waits_ends_the_wait_with_its_reason() -> None:
    world = Waking()
    servable = asleep(world)
    failed = {"status": ServableStatus.NOT_SERVING, "message": "exit code 1", "failure": "exit code 1"}
    world.at(1.0, lambda: world.change(servable, **failed))
    with pytest.raises(Unavailable, match="is NotServing: exit code 1"):
        ask(world)
    assert world.time < 2.0


def test_a_servable_that_is_removed_while_a_request_waits_ends_the_wait() -> None:
    world = Waking()
    servable = asleep(world)
    world.at(1.0, lambda: world.servables.delete(servable.name))
    with pytest.raises(Unavailable, match="was removed"):
        ask(world)
    assert world.time < 2.0


def test_a_servable_that_failed_is_not_waited_for() -> None:
    world = Waking()
    asleep(world, status=ServableStatus.NOT_SERVING, failure="out of memory", message="out of memory", desired=0)
    with pytest.raises(Unavailable, match="out of memory"):
        ask(world)
    assert world.time == 0


def test_only_so_many_requests_are_held_and_a_place_is_given_back() -> None:
    room = WaitingRoom(places=2)
    world = Waking(waiting=room)
    asleep(world)
    with room.place("one"), room.place("two"):
        with pytest.raises(Unavailable, match="many requests wait for a servable already"):
            ask(world)
        assert world.time == 0
    with pytest.raises(Unavailable, match="within the deadline"):
        ask(world)
    assert world.time > 0


def test_requests_that_wait_let_go_of_their_places_when_they_are_answered() -> None:
    room = WaitingRoom(places=1)
    world = Waking(waiting=room)
    servable = asleep(world)
    world.at(0.5, lambda: world.wake(servable))
    ask(world)
    taken = threading.Event()
    with room.place("free again"):
        taken.set()
    assert taken.is_set()
