"""The feed over HTTP: docs/api.md, Events."""

from typing import Any

import pytest

from functions.core.errors import Gone
from functions.manager.read_events import LOOK_EVERY, read_events
from tests.fakes import entities
from tests.unit.manager.test_routes import application_body
from tests.unit.manager.world import Http, World


def types(answer: dict[str, Any]) -> list[str]:
    return [event["type"] for event in answer["events"]]


def test_a_reader_follows_a_model_from_its_build_to_its_removal(http: Http, world: World) -> None:
    cursor = http.call("GET", "/events").json_body["next"]
    version = world.built()
    http.call("POST", "/application", application_body(version.id))
    world.serve(*world.host.running)
    http.call("DELETE", "/application/shop")
    http.call("DELETE", f"/model/{version.model_id}")
    answer = http.call("GET", f"/events?after={cursor}").json_body
    kinds = list(dict.fromkeys(types(answer)))
    assert kinds == [
        "ModelUpdate",
        "ServableUpdate",
        "ApplicationUpdate",
        "ApplicationRemove",
        "ServableRemove",
        "ModelRemove",
    ]
    assert [event["id"] for event in answer["events"]] == list(range(cursor + 1, answer["next"] + 1))
    assert answer["events"][-1]["data"] == "penguins:1"
    assert http.call("GET", f"/events?after={answer['next']}").json_body == {"events": [], "next": answer["next"]}


def test_the_data_of_an_event_is_what_a_list_shows(http: Http, world: World) -> None:
    version = world.built()
    http.call("POST", "/application", application_body(version.id))
    http.call("POST", "/deployment_configuration", {"name": "small"})
    [servable] = world.host.running
    latest = {event["type"]: event["data"] for event in http.call("GET", "/events?after=0").json_body["events"]}
    assert latest["ModelUpdate"] == http.call("GET", "/model/version/penguins/1").json_body
    assert latest["ServableUpdate"] == http.call("GET", f"/servable/{servable}").json_body
    assert latest["DeploymentConfigurationUpdate"] == http.call("GET", "/deployment_configuration/small").json_body
    assert [latest["ApplicationUpdate"]] == http.call("GET", "/application").json_body
    # its own view has the example besides, which follows from the signature and would make every event long
    alone = http.call("GET", "/application/shop").json_body
    assert alone.pop("example")
    assert latest["ApplicationUpdate"] == alone


def test_a_servable_whose_version_is_gone_is_still_told(http: Http, world: World) -> None:
    world.servables.create(entities.servable("s", model_name="long-gone"))
    [event] = http.call("GET", "/events?after=0").json_body["events"]
    assert (event["data"]["fullName"], event["data"]["modelVersion"]) == ("s", None)


def test_events_come_in_pages_from_any_cursor(http: Http, world: World) -> None:
    for name in "abcde":
        world.deployments.create(entities.configuration(name))
    first = http.call("GET", "/events?after=0&limit=2").json_body
    second = http.call("GET", f"/events?after={first['next']}&limit=100").json_body
    assert [event["data"]["name"] for event in first["events"] + second["events"]] == list("abcde")
    assert (first["next"], second["next"]) == (2, 5)


def test_a_cursor_older_than_the_feed_is_gone_and_oldest_is_not(http: Http, world: World) -> None:
    for name in "abc":
        world.deployments.create(entities.configuration(name))
    world.feed.forget(2)
    answer = http.call("GET", "/events?after=1")
    assert answer.status_code == 410
    assert answer.json_body["type"] == "urn:dewpoint:gone"
    assert http.call("GET", "/events?after=99").status_code == 410
    kept = http.call("GET", "/events?after=oldest").json_body
    assert [event["data"]["name"] for event in kept["events"]] == ["c"]


@pytest.mark.parametrize("query", ["after=x", "after=-1", "after=", "limit=0", "limit=1001", "wait=21", "wait=1.5"])
def test_a_malformed_question_is_refused(http: Http, query: str) -> None:
    answer = http.call("GET", f"/events?{query}")
    assert answer.status_code == 400
    assert answer.json_body["errors"][0]["pointer"] == f"/query/{query.partition('=')[0]}"


def test_a_long_poll_ends_with_the_first_news(world: World) -> None:
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            world.deployments.create(entities.configuration("news"))

    [event] = read_events(world, 0, 10, 20, pause)
    assert event.change.name == "news"
    assert pauses == [LOOK_EVERY] * 3


def test_a_long_poll_without_news_is_an_empty_heartbeat(world: World) -> None:
    pauses: list[float] = []
    assert list(read_events(world, 0, 10, 5, pauses.append)) == []
    assert sum(pauses) == 5
    with pytest.raises(Gone):
        read_events(world, 7, 10, 5, pauses.append)
    assert sum(pauses) == 5
