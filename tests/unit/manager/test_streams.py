"""Logs and events as the reference system gives them, from a function that answers once."""

import json
from functools import partial
from typing import Any

import pytest
from chalice.test import HTTPResponse

from functions.core.models import ModelVersion
from functions.doors.http import Answer, Request
from functions.doors.pages import FULL
from functions.doors.streams import LONGEST_WAIT, ROUNDS
from functions.manager.complete_upload import complete_upload
from functions.manager.deploy_servable import deploy_servable
from functions.manager.event_streams import whole_stream
from functions.manager.finish_build import finish_build
from functions.manager.log_answers import answer_log
from functions.manager.read_log import read_build_log
from tests.unit.manager.test_routes import application_body
from tests.unit.manager.world import Http, World

ANYTHING = "*/*"  # all that the reference system's clients say
STREAM = "text/event-stream"
END = ("EndOfStream", "end of the log")


def heard(answer: HTTPResponse | Answer) -> list[tuple[str, str]]:
    """Events and their data, read as the standard says: an event without data is none."""
    found = []
    for block in answer.body.decode().split("\n\n"):
        fields = [line.split(": ", 1) for line in block.splitlines()]
        data = "\n".join(value for name, value in fields if name == "data")
        if data:
            found.append((dict(fields)["event"], data))
    return found


def last_id(answer: HTTPResponse | Answer) -> str:
    return str(answer.body.decode().rpartition("id: ")[2].strip())


def request(accept: str = ANYTHING, resume: str = "", **query: str) -> Request:
    headers = {"accept": accept} | ({"last-event-id": resume} if resume else {})
    return Request("GET", "/api/v2/logs", headers, query, b"", "r1")


def assembling(world: World) -> ModelVersion:
    return complete_upload(world, world.uploaded())


def test_m04_a_build_log_is_a_stream_that_ends(http: Http, world: World) -> None:
    version = world.built()
    world.builder.say(version.build_id, "Step 1", "Step 2")
    for accept in (ANYTHING, STREAM):
        answer = http.call("GET", f"/model/version/{version.id}/logs", accept=accept)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        assert heard(answer) == [("Log", "Step 1"), ("Log", "Step 2"), END]


def test_m04_a_stream_resumes_where_its_reader_was_and_tells_it_to_stay_away_after_the_end(
    http: Http, world: World
) -> None:
    version = assembling(world)
    world.builder.say(version.build_id, "one")
    path = f"/model/version/{version.id}/logs"
    first = http.call("GET", path, accept=STREAM)
    assert heard(first) == [("Log", "one")]
    world.builder.say(version.build_id, "two")
    world.builder.succeed(version.build_id)
    finish_build(world, version.build_id)
    second = http.call("GET", path, accept=STREAM, last_event_id=last_id(first))
    assert heard(second) == [("Log", "two"), END]
    assert http.call("GET", path, accept=STREAM, last_event_id=last_id(second)).status_code == 204


def test_a_reader_in_pieces_waits_for_the_first_line_and_no_longer(world: World) -> None:
    version = assembling(world)
    page = partial(read_build_log, world, version.id)
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            world.builder.say(version.build_id, "at last")

    assert heard(answer_log(request(STREAM), page, ends=True, pause=pause)) == [("Log", "at last")]
    assert len(pauses) == 3
    quiet = answer_log(request(STREAM, "1"), page, ends=True, pause=pauses.append)
    assert (heard(quiet), last_id(quiet)) == ([], "1")
    assert sum(pauses[3:]) == LONGEST_WAIT


def test_who_asks_once_is_held_until_the_build_is_over(world: World) -> None:
    version = assembling(world)
    page = partial(read_build_log, world, version.id)
    world.builder.say(version.build_id, "begun")
    held = answer_log(request(), page, ends=True, pause=lambda _: None)
    assert (held.status, held.headers["Location"]) == (307, "?hold=1")

    def finish(_: float) -> None:
        world.builder.say(version.build_id, "done")
        world.builder.fail(version.build_id, "it did not work")
        finish_build(world, version.build_id)

    answer = answer_log(request(hold="1"), page, ends=True, pause=finish)
    assert heard(answer) == [("Log", "begun"), ("Log", "done"), END]


def test_who_was_held_too_long_gets_what_there_is(world: World) -> None:
    version = assembling(world)
    world.builder.say(version.build_id, "begun")
    page = partial(read_build_log, world, version.id)
    answer = answer_log(request(hold=str(ROUNDS)), page, ends=True, pause=lambda _: None)
    assert heard(answer) == [("Log", "begun")]


def test_a_log_that_no_answer_holds_says_so_or_comes_in_pieces(world: World) -> None:
    version = world.built()
    world.builder.say(version.build_id, *["x" * (FULL // 2)] * 3)
    page = partial(read_build_log, world, version.id)
    whole = heard(answer_log(request(), page, ends=True))
    assert whole[-2][1].startswith("... the log goes on")
    assert whole[-1] == END
    assert END not in heard(answer_log(request(STREAM), page, ends=True))


def test_m10_a_servables_log_is_a_stream_of_what_there_is(http: Http, world: World) -> None:
    servable = deploy_servable(world, world.built(), "default", {})
    world.host.say(servable.name, "listening")
    for path in ("logs", "logs?follow=true"):
        answer = http.call("GET", f"/servable/{servable.name}/{path}", accept=ANYTHING)
        assert heard(answer) == [("Log", "listening"), END]
    assert heard(http.call("GET", f"/servable/{servable.name}/logs", accept=STREAM)) == [("Log", "listening")]


def test_m20_events_are_a_stream_that_resumes(http: Http, world: World) -> None:
    world.built()
    first = http.call("GET", "/events?after=0", accept=STREAM)
    pages = http.call("GET", "/events?after=0").json_body["events"]
    assert [(name, json.loads(data)) for name, data in heard(first)] == [(each["type"], each["data"]) for each in pages]
    http.call("POST", "/deployment_configuration", {"name": "small"})
    [(name, data)] = heard(http.call("GET", "/events?after=0", accept=STREAM, last_event_id=last_id(first)))
    assert (name, json.loads(data)["name"]) == ("DeploymentConfigurationUpdate", "small")
    refused = http.call("GET", "/events", accept=STREAM, last_event_id="x")
    assert refused.json_body["errors"][0]["pointer"] == "/headers/last-event-id"


def test_who_waits_for_a_build_is_held_until_it_is_over(world: World) -> None:
    version = assembling(world)
    held = whole_stream(world, request(), pause=lambda _: None)
    assert (held.status, held.headers["Location"]) == (307, "?hold=1")

    def finish(_: float) -> None:
        world.builder.succeed(version.build_id)
        finish_build(world, version.build_id)

    told = heard(whole_stream(world, request(hold="1"), pause=finish))
    assert [(name, json.loads(data)["status"]) for name, data in told] == [("ModelUpdate", "Released")]


def test_who_waits_hears_of_no_state_that_passes(world: World, http: Http) -> None:
    """The reference system's client takes any word of its version for the end of the build."""
    version = world.built()
    http.call("POST", "/application", application_body(version.id))
    [servable] = world.host.running
    world.serve(servable)
    other = assembling(world)
    told = heard(whole_stream(world, request(hold=str(ROUNDS)), pause=lambda _: None))
    states = [(name, json.loads(data)["status"]) for name, data in told]
    assert set(states) == {("ModelUpdate", "Released"), ("ServableUpdate", "Serving"), ("ApplicationUpdate", "Ready")}
    assert other.id not in [json.loads(data).get("id") for name, data in told if name == "ModelUpdate"]


def test_who_waits_hears_of_no_servable_that_is_gone_with_its_version(world: World, http: Http) -> None:
    names = [deploy_servable(world, world.built(), "default", {}).name for _ in range(2)]
    world.serve(*names)
    http.call("DELETE", f"/servable/{names[0]}")
    http.call("DELETE", "/model/version/penguins/1")
    told = heard(http.call("GET", "/events", accept=ANYTHING))
    updated = [json.loads(data)["fullName"] for kind, data in told if kind == "ServableUpdate"]
    assert set(updated) == {names[1]}
    assert ("ServableRemove", f'"{names[0]}"') in told


def test_nobody_is_held_when_nothing_is_on_its_way(http: Http) -> None:
    answer = http.call("GET", "/events", accept=ANYTHING)
    assert (answer.status_code, heard(answer)) == (200, [])


@pytest.mark.parametrize("accept", ["application/json", "application/json, */*"])
def test_who_names_json_gets_json(http: Http, world: World, accept: str) -> None:
    version = world.built()
    assert http.call("GET", f"/model/version/{version.id}/logs", accept=accept).json_body["ended"] is True
    answer: dict[str, Any] = http.call("GET", "/events", accept=accept).json_body
    assert answer["events"] == []
