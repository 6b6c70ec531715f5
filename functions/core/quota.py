"""How many calls a key may make: a bucket of `burst` calls that fills again at `requests_per_second`.

The bucket is one number, the moment at which it will be full again: the generic cell rate algorithm (ITU-T I.371,
annex A), which counts as a token bucket does and needs no timer.
"""

import math

import msgspec

from functions.core.api_keys import Quota
from functions.core.errors import TooManyRequests


class Allowance(msgspec.Struct, frozen=True):
    """`remaining` calls are left in the bucket; seconds until the next call is allowed, and until it is full."""

    allowed: bool
    remaining: int
    retry_after: float
    reset: float


def interval(quota: Quota) -> float:
    """Seconds in which the bucket gains a call."""
    return 1 / quota.requests_per_second


def ask(quota: Quota, full_at: float, now: float) -> Allowance:
    """What one more call at `now` is told; when it is allowed, the bucket is full after `reset` seconds."""
    step, capacity = interval(quota), quota.burst * interval(quota)
    empty = max(full_at - now, 0.0)
    if empty + step > capacity + 1e-9:  # seconds since the epoch are told to a fraction of a microsecond
        return Allowance(allowed=False, remaining=0, retry_after=empty + step - capacity, reset=empty)
    return told(quota, empty + step)


def told(quota: Quota, reset: float) -> Allowance:
    """The allowance of a call after which the bucket is full in `reset` seconds."""
    left = quota.burst - reset * quota.requests_per_second
    return Allowance(allowed=True, remaining=max(math.floor(left + 1e-6), 0), retry_after=0.0, reset=reset)


def headers(quota: Quota, allowance: Allowance) -> dict[str, str]:
    """RateLimit headers (draft-ietf-httpapi-ratelimit-headers, in the form that clients know)."""
    return {
        "RateLimit-Limit": str(quota.burst),
        "RateLimit-Remaining": str(allowance.remaining),
        "RateLimit-Reset": str(math.ceil(allowance.reset)),
    }


def refusal(quota: Quota, allowance: Allowance) -> TooManyRequests:
    detail = f"the API key may make {quota.requests_per_second:g} calls a second and {quota.burst} at once"
    return TooManyRequests(detail, max(1, math.ceil(allowance.retry_after)), headers(quota, allowance))
