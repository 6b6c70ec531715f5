"""Issues an API key. The key itself leaves here once; only its digest is kept."""

import math

from functions.core import access
from functions.core.api_keys import ApiKey, Quota, Role
from functions.core.describe import describe
from functions.core.errors import InvalidRequest, Problem
from functions.core.naming import APPLICATION, check_name
from functions.core.ports import Clock, KeyStore

FASTEST = 500  # calls a second; a key's bucket is one item, of which DynamoDB writes some 1,000 a second
SLOWEST = 1e-5  # about one call a day
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
    rate = check_number(quota.get("requestsPerSecond"), "/quota/requestsPerSecond", SLOWEST, FASTEST)
    burst = quota.get("burst", math.ceil(rate))
    if not isinstance(burst, int):
        raise InvalidRequest.of([Problem("/quota/burst", f"a whole number from 1 to {LARGEST_BURST}", describe(burst))])
    return Quota(requests_per_second=rate, burst=int(check_number(burst, "/quota/burst", 1, LARGEST_BURST)))


def check_number(value: object, pointer: str, least: float, largest: int) -> float:
    """Raises InvalidRequest."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= largest:
        raise InvalidRequest.of([Problem(pointer, f"a number from {least:g} to {largest}", describe(value))])
    return float(value)


def check_role(role: object) -> Role:
    """Raises InvalidRequest for what is not a role."""
    if not isinstance(role, str) or role not in list(Role):
        raise InvalidRequest.of([Problem("/role", f"one of {', '.join(Role)}", repr(role))])
    return Role(role)
