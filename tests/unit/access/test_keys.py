"""Issuing, listing and taking back API keys, over HTTP and by direct invocation."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from chalice.test import Client, HTTPResponse

from app import app
from functions.access import issuer, wiring
from functions.access.create_key import create_key
from functions.access.delete_key import delete_key
from functions.core.access import digest, identify
from functions.core.api_keys import Role
from functions.core.errors import Conflict, InvalidRequest, Unauthenticated
from tests.fakes.clock import FakeClock
from tests.fakes.stores import FakeKeyStore

PATH = "/api/v2/api_key"


@pytest.fixture
def keys() -> Iterator[FakeKeyStore]:
    store = FakeKeyStore()
    wiring.use(wiring.Ports(store, FakeClock()))
    yield store
    wiring.use(None)


def call(method: str, path: str = PATH, body: Any = None) -> HTTPResponse:
    return Client(app).http.request(method, path, body=json.dumps(body).encode())


def test_x02_a_key_is_shown_once_and_kept_as_a_digest(keys: FakeKeyStore) -> None:
    answer = call("POST", body={"name": "ci", "role": "viewer"})
    assert answer.status_code == 201
    made = dict(answer.json_body)
    secret = made.pop("key")
    assert made == {"name": "ci", "role": "viewer", "quota": None, "created": "2026-01-01T00:00:00Z"}
    assert identify(keys, secret).role is Role.VIEWER
    assert call("GET").json_body == [made]
    assert secret not in repr(keys.items)
    assert digest(secret) not in call("GET").body.decode()


def test_a_key_taken_back_opens_nothing(keys: FakeKeyStore) -> None:
    secret = call("POST", body={"name": "ci", "role": "viewer"}).json_body["key"]
    assert call("DELETE", f"{PATH}/ci").status_code == 200
    with pytest.raises(Unauthenticated):
        identify(keys, secret)
    assert call("DELETE", f"{PATH}/ci").status_code == 404


def test_a_key_cannot_take_itself_back(keys: FakeKeyStore) -> None:
    for name in ("admin", "other"):
        create_key(keys, FakeClock(), name, "admin")
    with pytest.raises(Conflict, match="admin is the one that asks"):
        delete_key(keys, "admin", caller="admin")
    delete_key(keys, "other", caller="admin")
    assert [key.name for key in keys.list()] == ["admin"]


def test_x01_a_key_may_have_a_quota(keys: FakeKeyStore) -> None:
    for name, quota, kept in (
        ("a", {"requestsPerSecond": 2.5}, {"requestsPerSecond": 2.5, "burst": 3}),
        ("b", {"requestsPerSecond": 5, "burst": 20}, {"requestsPerSecond": 5.0, "burst": 20}),
    ):
        assert call("POST", body={"name": name, "role": "viewer", "quota": quota}).json_body["quota"] == kept
    assert [key["quota"]["burst"] for key in call("GET").json_body] == [3, 20]
    issued = issuer.handler({"name": "c", "role": "viewer", "quota": {"requestsPerSecond": 1}}, None)
    assert issued["quota"] == {"requestsPerSecond": 1.0, "burst": 1}


@pytest.mark.parametrize(
    ("quota", "pointer"),
    [
        ({}, "/quota/requestsPerSecond"),
        ({"requestsPerSecond": 0}, "/quota/requestsPerSecond"),
        ({"requestsPerSecond": 1e-300}, "/quota/requestsPerSecond"),
        ({"requestsPerSecond": 10**400}, "/quota/requestsPerSecond"),
        ({"requestsPerSecond": True}, "/quota/requestsPerSecond"),
        ({"requestsPerSecond": 501}, "/quota/requestsPerSecond"),
        ({"requestsPerSecond": 1, "burst": 0}, "/quota/burst"),
        ({"requestsPerSecond": 1, "burst": 10_001}, "/quota/burst"),
        ({"requestsPerSecond": 1, "burst": 1.5}, "/quota/burst"),
        ({"requestsPerSecond": 1, "perDay": 7}, "/quota"),
        (7, "/quota"),
    ],
)
def test_x01_quotas_that_cannot_be(keys: FakeKeyStore, quota: Any, pointer: str) -> None:
    answer = call("POST", body={"name": "ci", "role": "viewer", "quota": quota})
    assert answer.status_code == 400
    assert [problem["pointer"] for problem in answer.json_body["errors"]] == [pointer]
    assert len(keys) == 0


@pytest.mark.parametrize(
    "body", [{"name": "ci"}, {"name": "ci", "role": "king"}, {"name": "c i", "role": "viewer"}, [], {"name": 1}]
)
def test_keys_that_cannot_be(keys: FakeKeyStore, body: Any) -> None:
    assert call("POST", body=body).status_code == 400
    assert len(keys) == 0


def test_a_name_is_taken_once(keys: FakeKeyStore) -> None:
    assert call("POST", body={"name": "ci", "role": "viewer"}).status_code == 201
    assert call("POST", body={"name": "ci", "role": "admin"}).status_code == 409
    assert len(keys) == 1


def test_the_issuer_makes_the_first_key(keys: FakeKeyStore) -> None:
    issued = issuer.handler({"name": "first", "role": "admin"}, None)
    assert (issued["name"], issued["role"]) == ("first", "admin")
    assert identify(keys, issued["key"]).role is Role.ADMIN
    with pytest.raises(Conflict):
        issuer.handler({"name": "first", "role": "admin"}, None)
    for event in ({}, {"name": "x"}, {"name": "x", "role": []}):
        with pytest.raises(InvalidRequest):
            issuer.handler(event, None)
