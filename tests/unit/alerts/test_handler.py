"""The queue door of the watch."""

import json
from pathlib import Path

from functions.alerts.handler import handle
from functions.core.errors import Unavailable
from functions.core.messages import LogGrew, LookAround, encode
from tests.unit.alerts.world import World, finding

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
