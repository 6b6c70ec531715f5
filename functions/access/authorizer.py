"""API Gateway's REQUEST authorizer: asked before every route."""

from typing import Any

from functions.access import wiring
from functions.access.policy import to_policy
from functions.core.access import HEADER, identify
from functions.core.errors import Unauthenticated


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """The policy for the caller's key. Raises Exception("Unauthorized"): API Gateway's word for 401."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    try:
        key = identify(wiring.ports().keys, headers.get(HEADER))
    except Unauthenticated:
        raise Exception("Unauthorized") from None
    return to_policy(key, event["methodArn"])
