"""Alerts over HTTP: listed, silenced, and sent to receivers that administrators name."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from chalice.test import Client

from app import app
from functions.alerts import wiring
from functions.alerts.look_around import look_around
from functions.core.access import permits
from functions.core.api_keys import Role
from functions.core.receivers import Form
from tests.unit.alerts.world import QUIET, World, finding, receiver


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    wiring.use(made)
    yield made
    wiring.use(None)


@pytest.fixture
def http() -> Iterator[Client]:
    with Client(app) as client:
        yield client


def call(http: Client, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    import json

    answer = http.http.request(method, path, body=b"" if body is None else json.dumps(body).encode())
    return answer.status_code, json.loads(answer.body or b"null")


def in_an_hour(world: World) -> str:
    return (world.clock.now() + timedelta(hours=1)).isoformat()


def test_s17_alerts_of_a_version_are_listed_newest_first(world: World, http: Client) -> None:
    world.happen(finding())
    world.clock.advance(QUIET)
    look_around(world)
    world.happen(finding(field="y"), finding(field="z"))
    _, alerts = call(http, "GET", "/monitoring/alerts/1")
    assert [(each["number"], each["check"], each["state"]) for each in alerts] == [
        (3, "check:z/max", "firing"),
        (2, "check:y/max", "firing"),
        (1, "check:x/max", "resolved"),
    ]
    assert [each["number"] for each in call(http, "GET", "/monitoring/alerts/1?state=firing")[1]] == [3, 2]
    assert [each["number"] for each in call(http, "GET", "/monitoring/alerts/1?state=resolved")[1]] == [1]
    status, problem = call(http, "GET", "/monitoring/alerts/1?state=sleeping")
    assert (status, problem["errors"][0]["pointer"]) == (400, "/query/state")
    assert call(http, "GET", "/monitoring/alerts/9")[0] == 404
    assert call(http, "GET", "/monitoring/alerts/penguins")[0] == 404


def test_s17_alerts_come_in_pages(world: World, http: Client) -> None:
    world.happen(*(finding(field=f"x_{n}") for n in range(5)))
    first = http.http.get("/monitoring/alerts/1?limit=2")
    assert [each["number"] for each in first.json_body] == [5, 4]
    second = http.http.get(f"/monitoring/alerts/1?limit=2&next={first.headers['x-next']}")
    assert [each["number"] for each in second.json_body] == [3, 2]


def test_s17_nobody_is_told_of_what_is_silenced(world: World, http: Client) -> None:
    silence = {"check": "check:x/max", "until": in_an_hour(world), "comment": "known"}
    status, made = call(http, "POST", "/monitoring/alerts/1/silences", silence)
    assert (status, made["check"], made["comment"]) == (201, "check:x/max", "known")
    world.happen(finding(), finding(field="y"))
    assert world.told == [("fired", "check:y/max")]
    shown = {each["check"]: each["silenced"] for each in call(http, "GET", "/monitoring/alerts/1")[1]}
    assert shown == {"check:x/max": True, "check:y/max": False}


def test_s17_what_goes_on_after_a_silence_is_told_then(world: World, http: Client) -> None:
    call(http, "POST", "/monitoring/alerts/1/silences", {"until": in_an_hour(world)})
    world.happen(finding())
    world.clock.advance(60)
    assert call(http, "DELETE", "/monitoring/alerts/1/silences/all")[0] == 200
    look_around(world)
    assert world.told == [("fired", "check:x/max")]


def test_s17_a_silence_ends_by_itself(world: World, http: Client) -> None:
    call(http, "POST", "/monitoring/alerts/1/silences", {"until": in_an_hour(world)})
    world.clock.advance(3600)
    assert call(http, "GET", "/monitoring/alerts/1/silences") == (200, [])
    world.happen(finding())
    assert world.told == [("fired", "check:x/max")]


def test_s17_the_end_of_what_somebody_knows_is_told_in_spite_of_a_silence(world: World, http: Client) -> None:
    world.happen(finding())
    call(http, "POST", "/monitoring/alerts/1/silences", {"until": in_an_hour(world)})
    world.clock.advance(QUIET)
    look_around(world)
    assert world.told == [("fired", "check:x/max"), ("resolved", "check:x/max")]


def test_s17_silencing_twice_is_silencing_once(world: World, http: Client) -> None:
    body = {"check": "metric:drift", "until": in_an_hour(world)}
    first, second = (call(http, "POST", "/monitoring/alerts/1/silences", body) for _ in range(2))
    assert first == second
    assert len(call(http, "GET", "/monitoring/alerts/1/silences")[1]) == 1
    path = f"/monitoring/alerts/1/silences/{first[1]['id']}"
    assert [call(http, "DELETE", path)[0] for _ in range(2)] == [200, 404]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"until": "2025-01-01T00:00:00Z"}, "/until"),
        ({"until": "soon"}, "/until"),
        ({"until": "9999-12-31T23:59:59-12:00"}, "/until"),
        ({"until": "2026-06-01T00:00:00"}, "/until"),
        ({}, "/until"),
        ({"until": "2026-06-01T00:00:00Z", "for": 3}, "/for"),
        ({"until": "2026-06-01T00:00:00Z", "check": "x/max"}, "/check"),
        ({"until": "2026-06-01T00:00:00Z", "check": "check:x"}, "/check"),
    ],
)
def test_a_silence_that_cannot_be_is_refused(world: World, http: Client, body: Any, pointer: str) -> None:
    status, problem = call(http, "POST", "/monitoring/alerts/1/silences", body)
    assert (status, problem["errors"][0]["pointer"]) == (400, pointer)


HOOK = {"name": "ops", "url": "https://hooks.example.org/x", "secret": "ops"}


def test_s17_receivers_are_made_listed_tried_and_deleted(world: World, http: Client) -> None:
    status, made = call(http, "POST", "/monitoring/receivers", HOOK)
    assert (status, made["form"], made["lastDelivery"]) == (201, "dewpoint", None)
    assert call(http, "POST", "/monitoring/receivers", HOOK)[0] == 409
    status, tried = call(http, "POST", "/monitoring/receivers/ops/test")
    assert status == 202
    [delivery] = world.deliveries.items
    assert (delivery.receiver, delivery.id) == ("ops", tried["deliveryId"])
    assert delivery.notice.told[0].occasion == "test"
    assert [each["name"] for each in call(http, "GET", "/monitoring/receivers")[1]] == ["ops"]
    assert [call(http, "DELETE", "/monitoring/receivers/ops")[0] for _ in range(2)] == [200, 404]
    assert call(http, "POST", "/monitoring/receivers/ops/test")[0] == 404


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"url": "http://hooks.example.org/x"}, "/url"),
        ({"url": "https://user:pass@hooks.example.org"}, "/url"),
        ({"url": "https:///x"}, "/url"),
        ({"url": "file:///etc/passwd"}, "/url"),
        ({"url": "https://hooks.example.org:99999"}, "/url"),
        ({"url": "https://hooks.example.org/a b"}, "/url"),
        ({"url": "https://hooks.example.org/a\nb"}, "/url"),
        ({"secret": None}, "/secret"),
        ({"secret": "../other"}, "/secret"),
        ({"name": "OPS"}, "/name"),
        ({"models": ["Pen Guins"]}, "/models/0"),
        ({"form": "slack"}, "/form"),
    ],
)
def test_a_receiver_that_cannot_be_is_refused(world: World, http: Client, change: Any, pointer: str) -> None:
    status, problem = call(http, "POST", "/monitoring/receivers", HOOK | change)
    assert (status, problem["errors"][0]["pointer"]) == (400, pointer)
    assert world.receivers.list() == []


def test_alertmanager_needs_no_secret(world: World, http: Client) -> None:
    body = {"name": "am", "url": "https://alerts.example.org", "form": "alertmanager"}
    assert call(http, "POST", "/monitoring/receivers", body)[0] == 201
    assert world.receivers.get("am").form is Form.ALERTMANAGER


def test_s17_only_administrators_say_who_is_told() -> None:
    for path in ("/monitoring/receivers", "/monitoring/receivers/ops/test", "/monitoring/dead_letters/redrive"):
        allowed = {role: permits(role, method, path) for role in Role for method in ("GET", "POST")}
        assert allowed == {Role.VIEWER: False, Role.OPERATOR: False, Role.ADMIN: True}
    assert permits(Role.VIEWER, "GET", "/monitoring/alerts/1")
    assert not permits(Role.VIEWER, "POST", "/monitoring/alerts/1/silences")
    assert permits(Role.OPERATOR, "POST", "/monitoring/alerts/1/silences")


def test_a_receiver_shows_how_its_last_delivery_ended(world: World, http: Client) -> None:
    from functions.alerts.deliver import deliver

    world.receivers.create(receiver())
    call(http, "POST", "/monitoring/receivers/ops/test")
    deliver(world, world.deliveries.items[0])
    [shown] = call(http, "GET", "/monitoring/receivers")[1]
    assert (shown["lastDelivery"]["delivered"], shown["lastDelivery"]["reason"]) == (True, None)
