"""docs/openapi.json is true of what sonar answers about training data and profiles."""

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest

from functions.sonar import wiring
from functions.sonar.training.profile_training_data import profile_training_data
from tests.unit.openapi.test_answers import check
from tests.unit.sonar.http import Http
from tests.unit.sonar.world import World, prediction

CSV = b"x,spare\n1,2\nbad,4\n"
BATCH, PATTERN = "/profiles/batch/1", "/profiles/batch/{version_id}"


@pytest.fixture
def http() -> Iterator[Http]:
    yield Http(World())
    wiring.use(None)


def given(document: Any, http: Http) -> World:
    """Every way in, checked, and then profiled."""
    world: World = wiring.ports()  # type: ignore[assignment]
    announcement = {"sha256": hashlib.sha256(CSV).hexdigest(), "size": len(CSV)}
    announced = http.call("POST", BATCH, announcement)
    assert announced.status_code == 201
    check(document, "POST", f"/monitoring{PATTERN}", announced)
    file = announced.json_body["file"]["id"]
    world.training_objects.write(f"training-data/1/{announcement['sha256']}", CSV)
    completed = http.call("POST", f"{BATCH}/{file}/complete")
    check(document, "POST", f"/monitoring{PATTERN}/{{file_id}}/complete", completed)
    check(document, "POST", f"/monitoring{PATTERN}", http.call("POST", BATCH, CSV))
    path = {"path": f"s3://observations/training-data/1/{announcement['sha256']}"}
    check(document, "POST", f"/monitoring{PATTERN}/s3", http.call("POST", f"{BATCH}/s3", path))
    for wanted in world.training_queue.sent:
        profile_training_data(world, wanted, lambda: 900.0)
    return world


def test_training_data_and_profiles_are_answered_as_described(document: Any, http: Http) -> None:
    empty = http.call("GET", f"{BATCH}/status")
    check(document, "GET", f"/monitoring{PATTERN}/status", empty)
    world = given(document, http)
    world.observe(prediction())
    for pattern, path in (
        (f"{PATTERN}/status", f"{BATCH}/status"),
        ("/training_data", "/training_data?modelVersionId=1"),
        ("/fields/{version_id}", "/fields/1"),
        ("/profiles/{version_id}/{field}", "/profiles/1/x"),
        ("/profiles/{version_id}/{field}", "/profiles/1/x?from=2027-01-01"),
    ):
        answer = http.call("GET", path)
        assert answer.status_code == 200, answer.body
        check(document, "GET", f"/monitoring{pattern}", answer)
    file = http.json("GET", "/training_data?modelVersionId=1")[0]["id"]
    removed = http.call("DELETE", f"/training_data/1/{file}")
    check(document, "DELETE", "/monitoring/training_data/{version_id}/{file_id}", removed)
