"""No check is lost because a metric model or a shadow sleeps, and no prediction waits for ever."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from functions.core.checks import Verdict
from functions.core.errors import Postponed
from functions.core.messages import PredictionMade
from functions.core.models import Servable, ServableStatus
from functions.core.scaling import Scaling
from functions.core.sleep import rest, wake
from functions.core.tensor import Tensor
from functions.sonar import wiring
from functions.sonar.await_servables import DELIVERIES, PUT_OFF, STARTS_WITHIN
from functions.sonar.handler import handler
from functions.sonar.observe import observe
from tests.fakes.usage import FakeUsageStore, FakeWakeUpSink
from tests.unit.sonar.test_shadows import doubling
from tests.unit.sonar.world import START, World, body, call, number, prediction

SLEEPY = Scaling(min_replicas=0, max_replicas=2, idle_seconds=400)


def near(_: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {"value": number(0.5)}


def change(world: World, name: str, **changes: Any) -> None:
    world.servables.update(name, lambda current: replace(current, **changes))


def sleeping(world: World, name: str = "near") -> str:
    """The servable of a metric of version 1, asleep."""
    servable = world.metric(name, near).servable_name
    change(world, servable, scaling=SLEEPY)
    world.servables.update(servable, rest)
    assert world.servables.get(servable).is_asleep
    return servable


def wakes(world: World, name: str, after: int = 1) -> None:
    """The servable is up when sonar has paused `after` times, if somebody has asked for it."""
    pause = world.pause

    def passing(seconds: float) -> None:
        pause(seconds)
        if len(world.pauses) == after and name in [wish.servable for wish in world.wake_ups.published]:
            replicas = world.servables.get(name).replicas
            change(world, name, desired=1, replicas=replicas, status=ServableStatus.SERVING)

    world.pause = passing  # type: ignore[method-assign]


def verdicts(world: World) -> list[Verdict]:
    return [check.verdict for row in world.log for check in row.metrics.values()]


def delivered(world: World, *made: PredictionMade, count: int) -> dict[int, Exception]:
    return observe(world, [body(one) for one in made], [count] * len(made))


def test_s11_a_metric_model_that_sleeps_is_woken_and_waited_for() -> None:
    world = World()
    servable = sleeping(world)
    wakes(world, servable, after=3)
    assert world.observe(prediction()) == {}
    assert verdicts(world) == [Verdict.PASSED]
    assert len(world.pauses) == 3
    assert [wish.servable for wish in world.wake_ups.published] == [servable]


def test_s11_what_is_not_up_in_time_is_put_off_and_checked_the_next_time() -> None:
    world = World()
    servable = sleeping(world)
    failures = world.observe(prediction())
    assert isinstance(failures[0], Postponed)
    assert servable in failures[0].detail
    assert world.log == []
    assert sum(world.pauses) == world.rules.wake_timeout
    world.servables.update(servable, lambda current: wake(current, world.clock.now()))
    change(world, servable, status=ServableStatus.SERVING)
    assert delivered(world, prediction(), count=2) == {}
    assert verdicts(world) == [Verdict.PASSED]


def test_s11_the_last_delivery_is_recorded_with_an_errored_check_that_says_why() -> None:
    world = World()
    sleeping(world)
    for count in range(1, DELIVERIES):
        assert list(delivered(world, prediction(), count=count)) == [0]
    assert delivered(world, prediction(), count=DELIVERIES) == {}
    [row] = world.log
    assert row.metrics["near"].verdict is Verdict.ERRORED
    assert "asleep" in row.metrics["near"].reason


def test_a_process_waits_once_for_the_same_servable_and_puts_off_what_comes_after() -> None:
    world = World()
    sleeping(world)
    world.observe(prediction("first"))
    waited = len(world.pauses)
    assert isinstance(world.observe(prediction("second"))[0], Postponed)
    assert len(world.pauses) == waited
    world.clock.advance(PUT_OFF)
    world.observe(prediction("third"))
    assert len(world.pauses) == 2 * waited


def test_predictions_that_need_nobody_who_sleeps_are_recorded_without_waiting() -> None:
    world = World()
    sleeping(world)
    world.version(2)
    waits = prediction("waits", START)
    failed = prediction("failed", START + 1, calls=(call(outputs=None, error="the model failed"),))
    other = prediction("other", START + 2, calls=(call(model_version=2, model_version_id=2),))
    recorded: list[list[str]] = []
    pause = world.pause

    def passing(seconds: float) -> None:
        pause(seconds)
        recorded.append([row.observation.request_id for row in world.log])

    world.pause = passing  # type: ignore[method-assign]
    assert list(world.observe(waits, failed, other)) == [0]
    assert recorded[0] == ["failed", "other"]


def test_m17_a_metric_model_that_was_just_deployed_is_waited_for_but_not_for_ever() -> None:
    world = World()
    servable = world.metric("near", near).servable_name
    change(world, servable, status=ServableStatus.STARTING, replicas=(), created=world.clock.now())
    assert isinstance(world.observe(prediction())[0], Postponed)
    world.clock.advance(STARTS_WITHIN.total_seconds())
    assert world.observe(prediction()) == {}
    [row] = world.log
    assert "is Starting" in row.metrics["near"].reason


@pytest.mark.parametrize("status", [ServableStatus.NOT_SERVING, ServableStatus.NOT_AVAILABLE])
def test_what_has_failed_is_not_waited_for(status: ServableStatus) -> None:
    world = World()
    servable = world.metric("near", near).servable_name
    change(world, servable, status=status, replicas=(), message="out of memory")
    assert world.observe(prediction()) == {}
    assert world.pauses == []
    assert "out of memory" in world.log[0].metrics["near"].reason


def test_g13_a_shadow_that_sleeps_is_woken_and_waited_for() -> None:
    world = World()
    world.version(2)
    shadow = world.servable(2, doubling).name
    change(world, shadow, scaling=SLEEPY)
    world.servables.update(shadow, rest)
    wakes(world, shadow)
    assert world.observe(prediction(calls=(call(shadows=(shadow,)),))) == {}
    assert world.log_of(2)[0].observation.error is None
    assert len(world.usage) == 0  # the gateway has noted it


def test_x03_calls_of_metric_models_that_may_sleep_are_noted_now_and_then() -> None:
    world = World()
    servable = world.metric("near", near).servable_name
    change(world, servable, scaling=SLEEPY)
    world.metric("always", near)
    for minutes in (0, 0, 1, 5):
        world.clock.advance(minutes * 60)
        world.observe(prediction(f"r{world.clock.now().timestamp()}"))
    begun = world.servables.get(servable).created
    assert world.usage.notes == [(servable, begun + timedelta(minutes=m)) for m in (0, 1, 6)]


def test_g17_what_cannot_be_noted_or_asked_for_is_tried_again_and_stops_nothing() -> None:
    def refuse() -> None:
        raise RuntimeError("throttled")

    world = World(usage=FakeUsageStore(refuse), wake_ups=FakeWakeUpSink(refuse))
    servable = sleeping(world)
    assert isinstance(world.observe(prediction())[0], Postponed)
    world.usage, world.wake_ups = FakeUsageStore(), FakeWakeUpSink()
    world.clock.advance(PUT_OFF)
    wakes(world, servable, after=len(world.pauses) + 1)
    assert world.observe(prediction()) == {}
    assert len(world.usage) == len(world.wake_ups) == 1


def test_a_servable_that_is_removed_while_it_is_awaited_is_awaited_no_more() -> None:
    world = World()
    servable = sleeping(world)
    pause = world.pause

    def passing(seconds: float) -> None:
        pause(seconds)
        world.servables.delete(servable)

    world.pause = passing  # type: ignore[method-assign]
    assert world.observe(prediction()) == {}
    assert len(world.pauses) == 1
    assert "is gone" in world.log[0].metrics["near"].reason


def test_the_queue_is_told_when_a_message_comes_again() -> None:
    world = World()
    sleeping(world)
    wiring.use(world)
    try:
        records = [record("first", 1), record("last", DELIVERIES, START + 1)]
        assert handler({"Records": records}, None) == {"batchItemFailures": [{"itemIdentifier": "first"}]}
        assert world.redelivery.put_offs == [("receipt of first", PUT_OFF)]
        world.redelivery.put_off = _refuse  # type: ignore[method-assign]
        assert handler({"Records": records[:1]}, None) == {"batchItemFailures": [{"itemIdentifier": "first"}]}
    finally:
        wiring.use(None)


def record(name: str, count: int, at: float = START) -> dict[str, Any]:
    attributes = {"ApproximateReceiveCount": str(count)}
    made = body(prediction(name, at))
    return {"messageId": name, "receiptHandle": f"receipt of {name}", "body": made, "attributes": attributes}


def _refuse(receipt: str, seconds: int) -> None:
    raise RuntimeError("throttled")


def test_a_servable_is_read_again_only_while_it_is_awaited() -> None:
    world = World()
    servable = sleeping(world)
    reads: list[set[str]] = []
    read = world.servables.get_many

    def counting(names: Any) -> dict[str, Servable]:
        reads.append(set(names))
        return read(names)

    world.servables.get_many = counting  # type: ignore[method-assign]
    wakes(world, servable, after=2)
    world.observe(*(prediction(f"r{n}", START + n) for n in range(5)))
    assert reads == [{servable}] * 3
