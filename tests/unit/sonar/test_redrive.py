"""Dead letters: why they are there, and back to the queue with them."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from chalice.test import Client

from app import app
from functions.core.errors import Unavailable
from functions.sonar import wiring
from functions.sonar.redrive import Redriven, reasons, redrive
from tests.unit.sonar.world import World, body, prediction


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    wiring.use(made)
    yield made
    wiring.use(None)


def buried(world: World, *bodies: str, reason: str = "not JSON") -> None:
    for text in bodies:
        world.dead_letters.bury(text, reason)
    world.clock.advance(1)


def test_dead_letters_are_counted_by_their_reasons(world: World) -> None:
    buried(world, *(f"a{n}" for n in range(12)))
    buried(world, "b", reason="no such claim")
    for _ in range(2):  # looking takes nothing away
        found, complete = reasons(world)
        assert [(one.reason, one.count, one.example) for one in found] == [
            ("not JSON", 12, "a0"),
            ("no such claim", 1, "b"),
        ]
        assert complete


def test_all_letters_go_back(world: World) -> None:
    buried(world, *(f"a{n}" for n in range(25)))
    assert redrive(world, None) == Redriven(count=25, complete=True)
    assert sorted(world.desk.redriven) == sorted(f"a{n}" for n in range(25))
    assert reasons(world) == ([], True)


def test_letters_of_one_reason_go_back_and_the_others_stay(world: World) -> None:
    buried(world, *(f"a{n}" for n in range(15)))
    buried(world, *(f"b{n}" for n in range(15)), reason="no such claim")
    assert redrive(world, "no such claim").count == 15
    assert [(one.reason, one.count) for one in reasons(world)[0]] == [("not JSON", 15)]


def test_s23_a_redriven_observation_is_recorded_once(world: World) -> None:
    """It may have been recorded before, and it may be redriven twice."""
    recorded, lost = body(prediction("r1")), body(prediction("r2"))
    world.observe(prediction("r1"))
    buried(world, recorded, lost, reason="tried too often")
    for _ in range(2):
        redrive(world, None)
        for text in world.desk.redriven * 2:
            world.observe_bodies(text)
        buried(world, recorded, lost, reason="tried too often")
    assert sorted(one.observation.request_id for one in world.log) == ["r1", "r2"]
    assert world.ledger.head(1).rows == 2


def test_what_still_cannot_be_read_comes_back_and_the_call_ends(world: World) -> None:
    buried(world, "nonsense")
    whole = world.desk.redrive

    def at_once(letters: Any) -> None:
        whole(letters)
        world.dead_letters.bury("nonsense", "not JSON")

    world.desk.redrive = at_once  # type: ignore[method-assign]
    assert redrive(world, None) == Redriven(count=1, complete=True)
    assert [one.count for one in reasons(world)[0]] == [1]


def test_what_the_queue_refuses_stays(world: World) -> None:
    buried(world, "a", "b")
    buried(world, "c", reason="other")

    def refuse(letters: Any) -> None:
        raise Unavailable("no")

    world.desk.redrive = refuse  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        redrive(world, "not JSON")
    assert [one.reason for one in reasons(world)[0]] == ["other"]  # the others at once, these when they show again


def test_operators_redrive_over_http(world: World) -> None:
    buried(world, "a", "b")
    buried(world, "c", reason="other")
    with Client(app) as client:
        shown = client.http.get("/monitoring/dead_letters").json_body
        assert (shown["count"], shown["complete"]) == (3, True)
        assert [(one["reason"], one["count"]) for one in shown["reasons"]] == [("not JSON", 2), ("other", 1)]
        some = client.http.post("/monitoring/dead_letters/redrive", body=json.dumps({"reason": "other"}).encode())
        assert some.json_body == {"redriven": 1, "complete": True}
        rest = client.http.post("/monitoring/dead_letters/redrive", body=b"")
        assert rest.json_body == {"redriven": 2, "complete": True}
        wrong = client.http.post("/monitoring/dead_letters/redrive", body=b'{"why": 1}')
        assert wrong.status_code == 400
