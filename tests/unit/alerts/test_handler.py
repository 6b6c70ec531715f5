"""The queue door of the watch."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from functions.alerts import wiring
from functions.alerts.delivery_handler import handler as delivery_handler
from functions.alerts.handler import handle, handler
from functions.core.errors import Unavailable
from functions.core.messages import LogGrew, LookAround, encode
from tests.unit.alerts.world import World, finding, receiver

LOOK = encode(LookAround()).decode()


def grew(*versions: int) -> str:
    return encode(LogGrew(version_ids=versions)).decode()


def test_each_version_is_looked_at_once_however_many_messages_tell_of_it() -> None:
    world = World()
    world.version(2)
    world.publish(finding())
    world.publish(finding(), version=2)
    assert handle(world, [grew(1), grew(1, 2), grew(1)]) == {}
    assert len(world.firing(1)) == len(world.firing(2)) == 1
    assert world.watches.writes == 4  # two watches, each once with a notice and once without


def test_a_message_that_nobody_reads_fails_alone() -> None:
    world = World()
    world.publish(finding())
    failures = handle(world, ["nonsense", '{"type": "Other"}', LOOK])
    assert set(failures) == {0, 1}
    assert len(world.firing()) == 1


def test_what_failed_comes_again() -> None:
    world = World()
    world.version(2)
    world.publish(finding())

    def refuse() -> None:
        raise Unavailable("no")

    world.deliveries.before = refuse
    assert set(handle(world, [grew(1), grew(2), LOOK])) == {0, 2}


def test_the_clock_says_what_the_door_understands() -> None:
    source = (Path(__file__).resolve().parents[3] / "cdk/stacks/alerts.py").read_text()
    assert 'LOOK = {"type": "LookAround"}' in source
    assert handle(World(), [json.dumps({"type": "LookAround"})]) == {}


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    wiring.use(made)
    yield made
    wiring.use(None)


def event(*bodies: str) -> dict[str, Any]:
    return {"Records": [{"messageId": f"m{at}", "body": body} for at, body in enumerate(bodies)]}


def test_s17_the_queue_gets_back_what_failed(world: World) -> None:
    world.publish(finding())
    assert handler(event(grew(1), "nonsense"), None) == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert world.told == [("fired", "check:x/max")]


def test_s17_deliveries_fail_alone(world: World) -> None:
    world.receivers.create(receiver())
    world.happen(finding())
    bodies = [encode(delivery).decode() for delivery in world.deliveries.items]
    world.poster.refuse = Unavailable("answered 503")
    assert delivery_handler(event(*bodies), None) == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert len(world.topic.published) == 1
