"""What each role may do, route by route: the authorizer's policy and the doors say the same."""

import json
from typing import Any

import pytest

from app import app
from functions.access.policy import to_policy
from functions.core.api_keys import ApiKey, Role
from tests.fakes.entities import START
from tests.unit.access.test_authorizer import STAGE, allows

ROUTES = sorted((method, path) for path, methods in app.routes.items() for method in methods)
FOR_ADMINS = ("/api/v2/api_key", "/monitoring/receivers", "/monitoring/dead_letters")
PREDICTIONS = ("/v2/", "/gateway/")


def expected(role: Role, method: str, path: str) -> bool:
    """Docs/api.md: viewers read and predict, operators also change, administrators also manage keys and receivers."""
    if path.startswith(FOR_ADMINS):
        return role is Role.ADMIN
    return role is not Role.VIEWER or method == "GET" or path.startswith(PREDICTIONS)


def call(role: Role, method: str, path: str) -> Any:
    """As API Gateway hands a call on; a Forbidden one never gets to its use case."""
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    event = {
        "httpMethod": method,
        "path": path,
        "headers": {},
        "multiValueQueryStringParameters": None,
        "pathParameters": dict.fromkeys(names, "1"),
        "stageVariables": None,
        "body": None,
        "isBase64Encoded": False,
        "requestContext": {"resourcePath": path, "httpMethod": method, "authorizer": {"name": "x", "role": role.value}},
    }
    return app(event, None)


@pytest.mark.parametrize("role", list(Role))
def test_x01_every_route_has_its_roles(role: Role) -> None:
    key = ApiKey(digest="0" * 64, name="x", role=role, created=START)
    policy = to_policy(key, f"{STAGE}/GET/v2")
    assert len(ROUTES) > 80
    for method, path in ROUTES:
        concrete = path.replace("{", "").replace("}", "")
        assert allows(policy, method, concrete) is expected(role, method, path), (role, method, path)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_x01_a_door_refuses_whom_the_policy_let_through(role: Role) -> None:
    """Somebody may spell a path so that the policy does not know it and the gateway still finds the route."""
    for method, path in ROUTES:
        if expected(role, method, path):
            continue
        answer = call(role, method, path)
        assert answer["statusCode"] == 403, (role, method, path)
        assert json.loads(answer["body"])["type"] == "urn:dewpoint:forbidden"
