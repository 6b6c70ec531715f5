"""What the gateway tells about servables that may sleep: bounded, beside the prediction, and again when it was lost."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from msgspec.structs import replace

from functions.core.errors import Unavailable
from functions.core.inference import ModelName
from functions.core.models import Replica, Servable, ServableStatus
from functions.core.replicas import settle
from functions.core.scaling import Scaling
from functions.gateway.describe import check_ready
from functions.gateway.inputs import PlainInputs
from functions.gateway.predict import predict
from functions.gateway.resolve import resolve_application
from functions.gateway.sleepers import AGAIN, Sleepers
from functions.gateway.waiting_room import WaitingRoom
from tests.fakes.usage import FakeUsageStore, FakeWakeUpSink
from tests.unit.gateway.http_client import HttpGateway
from tests.unit.gateway.worlds import OPTIONS, World, adding, field, number, signature

SLEEPY = Scaling(min_replicas=0, idle_seconds=900)
ADDRESS = "10.9.9.9:9091"


def serve(world: World, scaling: Scaling | None = SLEEPY, model_name: str = "m") -> Servable:
    servable = world.servable(model_name, model=adding(1))
    world.servables.update(servable.name, lambda current: replace(current, scaling=scaling))
    return servable


def put_to_sleep(world: World, servable: Servable) -> None:
    world.servables.update(servable.name, lambda current: settle(replace(current, desired=0, replicas=())))


def wake(world: World, name: str) -> None:
    world.client.models[ADDRESS] = adding(1)
    awake = (Replica(task="t", address=ADDRESS, healthy=True, version=1),)
    world.servables.update(name, lambda current: settle(replace(current, desired=1, replicas=awake)))


def ask(world: World, name: str = "app") -> Any:
    return predict(world.ports, resolve_application(world.ports, name), PlainInputs({"x": 0}), OPTIONS).outputs


def test_x03_a_call_is_noted_once_a_minute_however_often_it_comes() -> None:
    world = World()
    servable = serve(world)
    world.application("app", [(servable, 100)])
    for _ in range(125):
        ask(world)
        world.wait(1)
    assert [name for name, _ in world.usage.notes] == [servable.name] * 3


def test_what_never_sleeps_costs_no_write() -> None:
    world = World()
    world.application("app", [(serve(world, scaling), 50) for scaling in (None, Scaling())])
    for _ in range(20):
        ask(world)
    assert len(world.usage) == 0


def test_x03_shadows_are_kept_awake_by_the_application_that_feeds_them() -> None:
    world = World()
    servable, shadow = serve(world, None), serve(world)
    world.application("app", [(servable, 100), (shadow, 0)])
    ask(world)
    assert [name for name, _ in world.usage.notes] == [shadow.name]


def test_a_short_idle_time_is_noted_more_often() -> None:
    world = World()
    world.application("app", [(serve(world, Scaling(min_replicas=0, idle_seconds=4)), 100)])
    for _ in range(6):
        ask(world)
        world.wait(0.5)
    assert len(world.usage) == 3


def refuse() -> None:
    raise ConnectionError("throttled")


def test_x03_a_prediction_does_not_fail_because_its_call_could_not_be_noted() -> None:
    usage = FakeUsageStore(noting=refuse)
    world = World()
    world = World(sleepers=Sleepers(usage, world.wake_ups, patience=5, clock=lambda: world.time))
    world.application("app", [(serve(world), 100)])
    assert ask(world) == {"y": number(1)}
    usage.noting = lambda: None
    ask(world)
    assert len(usage) == 1  # at once: what failed counts as not noted


def test_a_prediction_waits_for_its_note_no_longer_than_it_is_patient() -> None:
    hold = threading.Event()
    usage = FakeUsageStore(noting=lambda: hold.wait(30))
    world = World(sleepers=Sleepers(usage, FakeWakeUpSink()))
    world.application("app", [(serve(world), 100)])
    ask(world)  # returns although nothing was written
    assert len(usage) == 0
    hold.set()


@pytest.fixture
def sleeping() -> World:
    """An application whose servable sleeps."""
    world = World()
    first = serve(world)
    world.application("app", [(first, 100)])
    put_to_sleep(world, first)
    return world


def test_x03_a_call_to_a_sleeper_asks_for_it_and_is_answered_when_it_is_awake(sleeping: World) -> None:
    [name] = sleeping.applications.get("app").servables
    pauses = []

    def sleep(seconds: float) -> None:
        sleeping.wait(seconds)
        pauses.append(seconds)
        if sleeping.time > 2:
            wake(sleeping, name)

    world = replace(sleeping.ports, sleep=sleep)
    answer = predict(world, resolve_application(world, "app"), PlainInputs({"x": 0}), OPTIONS)
    assert answer.outputs == {"y": number(1)}
    assert [wish.servable for wish in sleeping.wake_ups.published] == [name]
    assert [noted for noted, _ in sleeping.usage.notes] == [name]
    assert pauses


def test_it_is_asked_for_again_while_it_sleeps_on(sleeping: World) -> None:
    with pytest.raises(Unavailable, match="is asleep: no replica served within the deadline"):
        ask(sleeping)
    assert len(sleeping.wake_ups) == 1 + int(sleeping.time // AGAIN)


def test_a_wish_that_could_not_be_sent_is_sent_again_at_the_next_look() -> None:
    outcomes = iter([ConnectionError, ConnectionError, None])

    def before() -> None:
        error = next(outcomes, None)
        if error:
            raise error("queue refused")

    world = World()
    sink = FakeWakeUpSink(before)
    world = World(sleepers=Sleepers(world.usage, sink, clock=lambda: world.time))
    servable = serve(world)
    world.application("app", [(servable, 100)])
    put_to_sleep(world, servable)
    with pytest.raises(Unavailable):
        ask(world)
    assert sink.published[0].servable == servable.name


def test_all_sleeping_stages_are_asked_for_before_the_first_is_awake() -> None:
    world = World()
    stages = [serve(world, model_name=name) for name in ("first", "second")]
    world.servables.update(
        stages[1].name, lambda current: replace(current, signature=signature([field("y")], [field("z")]))
    )
    for servable in stages:
        put_to_sleep(world, servable)
    stages = [world.servables.get(servable.name) for servable in stages]
    world.application("app", *([(servable, 100)] for servable in stages))
    with pytest.raises(Unavailable):
        ask(world)
    assert [wish.servable for wish in world.wake_ups.published[:2]] == [servable.name for servable in stages]


def test_x03_a_readiness_probe_says_ready_and_wakes_nobody(sleeping: World) -> None:
    assert check_ready(sleeping.ports, ModelName("app", "")).ready
    assert check_ready(sleeping.ports, ModelName("app", "1")).ready
    assert len(sleeping.wake_ups) == len(sleeping.usage) == 0


def test_x03_fifty_callers_at_zero_get_an_answer_or_503_and_one_wish_is_sent() -> None:
    """Real threads and real waiting; the platform needs a second."""
    usage, sink = FakeUsageStore(), FakeWakeUpSink()
    world = World(
        sleepers=Sleepers(usage, sink),
        sleep=time.sleep,
        clock=time.monotonic,
        timeout=20.0,
        waiting=WaitingRoom(),
    )
    servable = serve(world)
    world.application("app", [(servable, 100)])
    put_to_sleep(world, servable)
    gateway = HttpGateway(world)
    threading.Timer(1.0, wake, (world, servable.name)).start()
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: gateway.post("/gateway/application/app", {"x": 0}), range(50)))
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) <= {200, 503}
    assert statuses.count(200) >= 16  # as many as may wait
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers if answer.status_code == 503)
    assert [wish.servable for wish in sink.published] == [servable.name]
    assert gateway.post("/gateway/application/app", {"x": 0}).status_code == 200


def test_a_servable_that_failed_is_not_asked_for() -> None:
    world = World()
    servable = serve(world)
    world.application("app", [(servable, 100)])
    failed = {"desired": 0, "failure": "gave up", "status": ServableStatus.NOT_SERVING, "message": "gave up"}
    world.servables.update(servable.name, lambda current: replace(current, **failed))
    with pytest.raises(Unavailable, match="gave up"):
        ask(world)
    assert len(world.wake_ups) == 0
