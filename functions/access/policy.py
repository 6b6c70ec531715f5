"""The authorizer's answer: an IAM policy for the whole stage, so that a cached answer holds for every route."""

from typing import Any

from functions.core.access import ALLOWED, DENIED
from functions.core.api_keys import ApiKey, Quota, Role

VERSION = "2012-10-17"


def to_policy(key: ApiKey, method_arn: str) -> dict[str, Any]:
    """`method_arn` is the call's: arn:aws:execute-api:region:account:api/stage/METHOD/path."""
    stage = "/".join(method_arn.split("/")[:2])
    statements = [
        _statement("Allow", stage, ALLOWED[key.role]),
        _statement("Deny", stage, DENIED[key.role]),
    ]
    return {
        "principalId": key.id,
        "policyDocument": {"Version": VERSION, "Statement": [item for item in statements if item["Resource"]]},
        "context": {"name": key.name, "role": Role(key.role).value, **_limits(key.quota)},
    }


def _limits(quota: Quota | None) -> dict[str, str]:
    """What functions/gateway/limit.py reads; API Gateway hands texts on and no objects."""
    if quota is None:
        return {}
    return {"requestsPerSecond": repr(quota.requests_per_second), "burst": str(quota.burst)}


def _statement(effect: str, stage: str, patterns: tuple[str, ...]) -> dict[str, Any]:
    resources = [f"{stage}/{pattern}" for pattern in patterns]
    return {"Action": "execute-api:Invoke", "Effect": effect, "Resource": resources}
