"""The authorizer's policy says of every route what core/access.py says."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import pytest

from functions.access import authorizer, wiring
from functions.core.access import digest, new_secret, permits
from functions.core.api_keys import ApiKey, Quota, Role
from functions.gateway.limit import limit_caller
from tests.fakes.clock import FakeClock
from tests.fakes.entities import START
from tests.fakes.stores import FakeKeyStore, FakeQuotaStore

STAGE = "arn:aws:execute-api:eu-west-1:123456789012:abc123/live"
SECRETS = {role: new_secret() for role in Role}

CALLS = [
    ("GET", "/v2"),
    ("GET", "/v2/models/penguins"),
    ("POST", "/v2/models/penguins/infer"),
    ("POST", "/v2/repository/index"),
    ("POST", "/gateway/application/penguins"),
    ("GET", "/api/v2/application"),
    ("POST", "/api/v2/application"),
    ("PUT", "/api/v2/application/penguins"),
    ("DELETE", "/api/v2/model/version/penguins/1"),
    ("GET", "/api/v2/api_key"),
    ("POST", "/api/v2/api_key"),
    ("DELETE", "/api/v2/api_key/ci"),
]


@pytest.fixture(autouse=True)
def keys() -> Iterator[FakeKeyStore]:
    issued = [ApiKey(digest=digest(SECRETS[role]), name=f"a-{role}", role=role, created=START) for role in Role]
    store = FakeKeyStore(*issued)
    wiring.use(wiring.Ports(store, FakeClock()))
    yield store
    wiring.use(None)


def ask(secret: str | None, header: str = "x-api-key", call: str = "GET/v2") -> dict[str, Any]:
    headers = {header: secret, "host": "x"} if secret is not None else {"host": "x"}
    return authorizer.handler({"methodArn": f"{STAGE}/{call}", "headers": headers}, None)


def allows(policy: dict[str, Any], method: str, path: str) -> bool:
    """What API Gateway makes of a policy: a deny beats an allow, nothing is a deny."""
    arn = f"{STAGE}/{method}{path}"
    effects = [
        statement["Effect"]
        for statement in policy["policyDocument"]["Statement"]
        if statement["Action"] == "execute-api:Invoke" and any(fnmatchcase(arn, r) for r in statement["Resource"])
    ]
    return "Allow" in effects and "Deny" not in effects


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("asked", CALLS)
def test_one_policy_holds_for_every_route(role: Role, asked: tuple[str, str]) -> None:
    policy = ask(SECRETS[role], call=f"{asked[0]}{asked[1]}")
    for method, path in CALLS:
        assert allows(policy, method, path) is permits(role, method, path), (role, method, path)


def test_the_policy_is_of_this_api_and_stage_only() -> None:
    for statement in ask(SECRETS[Role.ADMIN])["policyDocument"]["Statement"]:
        assert all(resource.startswith(f"{STAGE}/") for resource in statement["Resource"])
        assert statement["Resource"]


def test_the_caller_is_known_by_name_and_role_and_never_by_key() -> None:
    answer = ask(SECRETS[Role.VIEWER])
    assert answer["context"] == {"name": "a-viewer", "role": "viewer"}
    assert answer["principalId"] == digest(SECRETS[Role.VIEWER])[:16]
    assert SECRETS[Role.VIEWER] not in repr(answer)


def test_x01_the_quota_is_told_to_the_functions_as_texts(keys: FakeKeyStore) -> None:
    secret = new_secret()
    quota = Quota(requests_per_second=2.5, burst=3)
    key = ApiKey(digest=digest(secret), name="limited", role=Role.VIEWER, quota=quota, created=START)
    keys.put(key)
    answer = ask(secret)
    assert answer["context"] == {"name": "limited", "role": "viewer", "requestsPerSecond": "2.5", "burst": "3"}
    store, caller = FakeQuotaStore(), {"principalId": answer["principalId"], **answer["context"]}
    for left in ("2", "1", "0"):
        assert limit_caller(store, caller, lambda: 0.0)["RateLimit-Remaining"] == left
    assert list(store.full_at) == [key.id]


@pytest.mark.parametrize("header", ["x-api-key", "X-Api-Key", "X-API-KEY"])
def test_header_names_have_no_case(header: str) -> None:
    assert ask(SECRETS[Role.VIEWER], header)["context"]["role"] == "viewer"


@pytest.mark.parametrize("secret", [None, "", "nonsense", "dp_unknown", "dp_" + "x" * 43])
def test_who_is_not_known_is_unauthorized(secret: str | None) -> None:
    with pytest.raises(Exception, match=r"^Unauthorized$"):
        ask(secret)


def test_no_headers_at_all() -> None:
    with pytest.raises(Exception, match=r"^Unauthorized$"):
        authorizer.handler({"methodArn": f"{STAGE}/GET/v2", "headers": None}, None)


def test_what_breaks_is_not_an_answer_about_the_key() -> None:
    """A table that cannot be read must be an error, not a 401 that the caller believes."""

    class Broken(FakeKeyStore):
        def find(self, digest: str) -> ApiKey | None:
            raise TimeoutError(digest)

    wiring.use(wiring.Ports(Broken(), FakeClock()))
    with pytest.raises(TimeoutError):
        ask(SECRETS[Role.ADMIN])
