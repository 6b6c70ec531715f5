"""Predictions of models that run elsewhere."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from functions.core.errors import InvalidRequest
from functions.core.messages import PredictionsMade, decode, encode
from functions.core.observations import EXTERNAL
from functions.sonar.analyze import TOGETHER, Record, Records, analyze
from functions.sonar.locate_rows import rows_of_request
from functions.sonar.observe import observe
from tests.unit.sonar.world import World


def records(*given: dict[str, Any]) -> list[Record]:
    return msgspec.convert({"records": list(given)}, Records).records


def told(world: World, *given: dict[str, Any]) -> list[str]:
    return analyze(world, world.models.by_id(1), records(*given))


def deliver(world: World) -> dict[int, Exception]:
    return observe(world, [encode(message).decode() for message in world.queue.published])


def test_s18_records_are_observed_as_our_own_predictions_are() -> None:
    world = World()
    moment = world.clock.now() - timedelta(hours=3)
    good = {"requestId": "a", "at": moment.isoformat(), "inputs": {"x": 1.5}, "outputs": {"y": 2.5}, "latencyMs": 7.0}
    bad = {"requestId": "b", "at": moment.isoformat(), "inputs": {"x": 1.5}, "error": "out of memory"}
    assert told(world, good, bad) == ["a", "b"]
    assert deliver(world) == {}
    first, second = (row.observation for row in world.log)
    assert (first.request_id, first.at, first.latency_ms) == ("a", moment.timestamp(), 7.0)
    assert first.inputs["x"].elements() == [1.5]
    assert first.outputs is not None
    assert first.outputs["y"].elements() == [2.5]
    assert first.servable_name == EXTERNAL
    assert (second.request_id, second.outputs, second.error) == ("b", None, "out of memory")


def test_s18_a_call_that_is_repeated_is_recorded_once() -> None:
    world = World()
    given = {"requestId": "a", "at": "2026-01-01T00:00:00.123456Z", "inputs": {"x": 1}, "outputs": {"y": 2}}
    told(world, given)
    told(world, given)
    assert deliver(world) == {}
    assert deliver(world) == {}
    assert [row.observation.request_id for row in world.log] == ["a"]


def test_s18_many_records_travel_together_and_all_arrive() -> None:
    world = World()
    ids = told(world, *({"inputs": {"x": at}, "outputs": {"y": at}} for at in range(2 * TOGETHER + 1)))
    assert len(set(ids)) == 2 * TOGETHER + 1
    assert len(world.queue.published) == 3
    assert deliver(world) == {}
    assert sorted(row.observation.request_id for row in world.log) == sorted(ids)


def test_s18_everything_that_is_wrong_is_named_and_nothing_is_queued() -> None:
    world = World()
    late = (datetime.now(UTC) + timedelta(days=400)).isoformat()
    with pytest.raises(InvalidRequest) as caught:
        told(
            world,
            {"inputs": {"x": 1}, "outputs": {"y": 1}},
            {"inputs": {"x": "one"}, "outputs": {}},
            {"inputs": {"x": 1, "z": 2}, "outputs": {"y": 1}, "error": "no", "at": late},
        )
    assert [problem.pointer for problem in caught.value.problems] == [
        "/records/1/inputs/x",
        "/records/1/outputs/y",
        "/records/2/at",
        "/records/2/inputs/z",
        "/records/2/outputs",
    ]
    assert world.queue.published == []


def test_many_at_once_survive_the_queue() -> None:
    world = World()
    told(world, {"inputs": {"x": 1}, "outputs": {"y": 2}})
    [message] = world.queue.published
    assert isinstance(message, PredictionsMade)
    assert decode(encode(message)) == message


def test_s18_what_two_versions_said_of_one_request_at_one_moment_is_recorded_of_both() -> None:
    world = World()
    world.version(2)
    given = {"requestId": "a", "at": "2026-01-01T00:00:00Z", "inputs": {"x": 1}, "outputs": {"y": 2}}
    for version in (1, 2):
        analyze(world, world.models.by_id(version), records(given))
    assert deliver(world) == {}
    assert [row.observation.model_version_id for row in world.log] == [1, 2]
    assert len(rows_of_request(world, "a")) == 2


@pytest.mark.parametrize("name", ["application", "requestId"])
@pytest.mark.parametrize("text", ["", "x" * 129, "a\nb", "a\n"])
def test_s18_ids_and_applications_are_short_and_printable(name: str, text: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=name):
        records({"inputs": {"x": 1}, "error": "no", name: text})
