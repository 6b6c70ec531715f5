"""A key with a quota is counted before anything else is done for it; one without pays nothing.

The authorizer says who calls and what the quota is; its answer may be some minutes old, the count never is.
"""

from collections.abc import Callable, Mapping

from functions.core.api_keys import Quota
from functions.core.ports import QuotaStore
from functions.core.quota import headers, refusal


def limit(quotas: QuotaStore, key: str, quota: Quota, now: float) -> dict[str, str]:
    """Counts one call; headers that say what is left. Raises TooManyRequests."""
    allowance = quotas.take(key, quota, now)
    if not allowance.allowed:
        raise refusal(quota, allowance)
    return headers(quota, allowance)


def limit_caller(quotas: QuotaStore, caller: Mapping[str, str], now: Callable[[], float]) -> dict[str, str]:
    """The same for what the authorizer (functions/access/policy.py) says of a caller; no headers without a quota."""
    rate = caller.get("requestsPerSecond")
    if rate is None:
        return {}
    quota = Quota(requests_per_second=float(rate), burst=int(caller["burst"]))
    return limit(quotas, caller["principalId"], quota, now())
