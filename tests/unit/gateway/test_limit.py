"""A key's quota at both doors: counted together, and said in headers and metadata."""

from datetime import UTC, datetime
from typing import Any

import pytest

from functions.core.access import digest, new_secret
from functions.core.api_keys import ApiKey, Quota, Role
from functions.core.errors import TooManyRequests
from functions.doors.grpc import hints, to_status
from functions.doors.http import read_request, respond
from functions.gateway.authenticate import KeyGuard
from functions.gateway.limit import limit_caller
from functions.gateway.routes import _bound, show_buildinfo
from tests.fakes.stores import FakeKeyStore, FakeQuotaStore
from tests.unit.gateway.worlds import World

QUOTA = Quota(requests_per_second=1.0, burst=2)
PREDICT = ("POST", "/v2/models")


class Current:
    """A request as Chalice hands it on, with what the authorizer said."""

    method, path, query_params, uri_params, raw_body = "GET", "/gateway/buildinfo", None, None, b""

    def __init__(self, authorizer: dict[str, str] | None) -> None:
        self.headers: dict[str, str] = {}
        self.context: dict[str, Any] = {} if authorizer is None else {"authorizer": authorizer}


@pytest.fixture
def world() -> World:
    return World(quotas=FakeQuotaStore())


def ask(world: World, authorizer: dict[str, str] | None) -> Any:
    return respond(_bound(show_buildinfo, lambda: world.ports), read_request(Current(authorizer)), {})


def test_x01_over_http_a_key_is_told_what_is_left_and_then_429(world: World) -> None:
    caller = {"principalId": "k", "name": "ci", "role": "viewer", "requestsPerSecond": "1.0", "burst": "2"}
    first, second, third = (ask(world, caller) for _ in range(3))
    assert [answer.status_code for answer in (first, second, third)] == [200, 200, 429]
    assert [answer.headers["RateLimit-Remaining"] for answer in (first, second, third)] == ["1", "0", "0"]
    assert (third.headers["Retry-After"], third.headers["RateLimit-Limit"]) == ("1", "2")
    assert third.headers["Content-Type"] == "application/problem+json"
    assert "may make 1 calls a second and 2 at once" in third.body


@pytest.mark.parametrize("caller", [None, {"principalId": "k", "name": "ci", "role": "viewer"}])
def test_who_has_no_quota_is_not_counted(world: World, caller: dict[str, str] | None) -> None:
    answers = [ask(world, caller) for _ in range(5)]
    assert {answer.status_code for answer in answers} == {200}
    assert not any("RateLimit-Limit" in answer.headers for answer in answers)


def test_x01_over_grpc_the_same_bucket_counts_and_the_refusal_says_when_to_come_back() -> None:
    quotas, secret = FakeQuotaStore(), new_secret()
    key = ApiKey(digest=digest(secret), name="k", role=Role.VIEWER, quota=QUOTA, created=datetime.now(UTC))
    guard = KeyGuard(FakeKeyStore(key), quotas, now=lambda: 100.0)
    guard(secret, *PREDICT)
    over_http = {"principalId": key.id, "requestsPerSecond": "1.0", "burst": "2"}
    assert limit_caller(quotas, over_http, lambda: 100.0)["RateLimit-Remaining"] == "0"
    with pytest.raises(TooManyRequests) as refused:
        guard(secret, *PREDICT)
    assert to_status(refused.value)[0].name == "RESOURCE_EXHAUSTED"
    assert dict(hints(refused.value)) == {
        "retry-after": "1",
        "ratelimit-limit": "2",
        "ratelimit-remaining": "0",
        "ratelimit-reset": "2",
    }
