"""The HTTP door through Chalice's own test client: what goes in, what comes out, how errors look."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from chalice.app import Blueprint, Chalice
from chalice.test import Client

from functions.core.errors import InvalidRequest, Problem, Unavailable
from functions.doors.http import Answer, Door, Request


class Body(msgspec.Struct):
    count: int
    tags: list[str] = []


routes = Blueprint(__name__)
route = Door(routes)


@route("GET", "/things/{name}")
def show_thing(request: Request, name: str) -> dict[str, str]:
    return {"name": name, "path": request.path}


@route("POST", "/things")
def create_thing(request: Request) -> Answer:
    body = request.json_as(Body)
    return Answer({"count": body.count}, status=201, headers={"Location": "/things/1"})


@route("POST", "/bytes")
def echo_bytes(request: Request) -> Answer:
    return Answer(request.raw, headers={"Content-Type": "application/octet-stream"})


@route("GET", "/fails/{how}")
def fail(request: Request, how: str) -> None:
    if how == "refused":
        raise InvalidRequest.of([Problem("/a", "an integer", "a string")])
    if how == "later":
        raise Unavailable("starting", retry_after=7)
    raise RuntimeError("secret detail")


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    app = Chalice("door-test")
    app.api.binary_types = []
    app.register_blueprint(routes)
    with Client(app) as client:
        yield client


def call(client: Client, method: str, path: str, **more: Any) -> Any:
    return client.http.request(method, path, **more)


def test_an_entity_becomes_json_and_the_real_path_is_known(client: Client) -> None:
    answer = call(client, "GET", "/things/a%20b")
    assert answer.json_body == {"name": "a b", "path": "/things/a b"}


def test_status_and_headers_of_ones_own(client: Client) -> None:
    answer = call(client, "POST", "/things", body=b'{"count": 2}')
    assert (answer.status_code, answer.headers["Location"]) == (201, "/things/1")


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "application/octet-stream"}, {"Content-Type": "image/png"}])
def test_bytes_survive_whatever_the_headers_say(client: Client, headers: dict[str, str]) -> None:
    every_byte = bytes(range(256))
    assert call(client, "POST", "/bytes", body=every_byte, headers=headers).body == every_byte


@pytest.mark.parametrize(
    ("body", "pointer", "expected"),
    [
        (b"{", "", "a JSON body"),
        (b"{}", "/count", "a value"),
        (b'{"count": "two"}', "/count", "int"),
        (b'{"count": 1, "tags": ["a", 2]}', "/tags/1", "str"),
    ],
)
def test_a_bad_body_names_the_field(client: Client, body: bytes, pointer: str, expected: str) -> None:
    answer = call(client, "POST", "/things", body=body)
    problem = json.loads(answer.body)
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert (problem["errors"][0]["pointer"], problem["errors"][0]["expected"]) == (pointer, expected)


def test_a_packed_body_is_named(client: Client) -> None:
    """Open Inference clients can pack; what was packed is no JSON, and the caller hears why."""
    for encoding, status in (("gzip", 400), ("Deflate", 400), ("identity", 201), ("utf-8", 201)):
        answer = call(client, "POST", "/things", body=b'{"count": 1}', headers={"Content-Encoding": encoding})
        assert answer.status_code == status
        assert status == 201 or json.loads(answer.body)["errors"] == [
            {
                "pointer": "/headers/content-encoding",
                "expected": "a body that is not packed",
                "received": encoding.lower(),
            }
        ]


def test_errors_become_problems(client: Client) -> None:
    refused = call(client, "GET", "/fails/refused")
    assert refused.status_code == 400
    assert json.loads(refused.body)["instance"] == "/fails/refused"
    later = call(client, "GET", "/fails/later")
    assert (later.status_code, later.headers["Retry-After"]) == (503, "7")


def test_an_unforeseen_error_tells_the_caller_nothing_but_the_id(client: Client) -> None:
    answer = call(client, "GET", "/fails/badly", headers={"x-request-id": "abc-1"})
    assert answer.status_code == 500
    assert b"secret" not in answer.body
    assert b"abc-1" in answer.body


@pytest.mark.parametrize(("given", "kept"), [("abc-1", True), ("", False), ("x" * 129, False), ("line\nbreak", False)])
def test_request_id_is_the_callers_when_it_is_sane(client: Client, given: str, kept: bool) -> None:
    answered = call(client, "GET", "/things/a", headers={"x-request-id": given}).headers["x-request-id"]
    assert (answered == given) is kept
    assert answered
