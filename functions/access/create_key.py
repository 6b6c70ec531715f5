"""Issues an API key. The key itself leaves here once; only its digest is kept."""

import math

from functions.core import access
from functions.core.api_keys import ApiKey, Quota, Role
from functions.core.errors import InvalidRequest, Problem
from functions.core.naming import APPLICATION, check_name
from functions.core.ports import Clock, KeyStore

FASTEST = 500  # calls a second; a key's bucket is one item, of which DynamoDB writes some 1,000 a second
LARGEST_BURST = 10_000


def create_key(keys: KeyStore, clock: Clock, name: object, role: object, quota: object = None) -> tuple[ApiKey, str]:
    """The stored key and its secret. Raises InvalidRequest for a bad name, role or quota, Conflict for a taken name."""
    secret = access.new_secret()
    key = ApiKey(
        digest=access.digest(secret),
        name=check_name(APPLICATION, name),
        role=check_role(role),
        quota=check_quota(quota),
        created=clock.now(),
    )
    keys.put(key)
    return key, secret


def check_quota(quota: object) -> Quota | None:
    """`{"requestsPerSecond": 5, "burst": 10}`; without `burst` what a second brings. Raises InvalidRequest."""
    if quota is None:
        return None
    if not isinstance(quota, dict) or set(quota) - {"requestsPerSecond", "burst"}:
        raise InvalidRequest.of([Problem("/quota", "requestsPerSecond and burst", repr(quota)[:80])])
    rate = check_number(quota.get("requestsPerSecond"), "/quota/requestsPerSecond", FASTEST)
    burst = quota.get("burst", math.ceil(rate))
    if not isinstance(burst, int) or burst < 1:
        raise InvalidRequest.of([Problem("/quota/burst", "a whole number, at least 1", repr(burst)[:80])])
    return Quota(requests_per_second=rate, burst=int(check_number(burst, "/quota/burst", LARGEST_BURST)))


def check_number(value: object, pointer: str, largest: int) -> float:
    """Raises InvalidRequest."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= largest:
        raise InvalidRequest.of([Problem(pointer, f"a number above 0, at most {largest}", repr(value)[:80])])
    return float(value)


def check_role(role: object) -> Role:
    """Raises InvalidRequest for what is not a role."""
    if not isinstance(role, str) or role not in list(Role):
        raise InvalidRequest.of([Problem("/role", f"one of {', '.join(Role)}", repr(role))])
    return Role(role)
