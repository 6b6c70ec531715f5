"""The calls of limited keys, counted in DynamoDB for all gateways together.

One conditional write for a call of a key that is busy, two for one that was idle: nothing is read first.
"""

import time
from typing import Any

from functions.adapters.dynamo.refusal import refused
from functions.adapters.dynamo.tables import QuotaRow, bind
from functions.core.api_keys import Quota
from functions.core.errors import Unavailable
from functions.core.quota import Allowance, ask, interval, told

ATTEMPTS = 10
KEPT = 3600  # seconds after the last call


class DynamoQuotaStore:
    def __init__(self, prefix: str) -> None:
        self._row = bind(QuotaRow, prefix)

    def take(self, key: str, quota: Quota, now: float) -> Allowance:
        for _ in range(ATTEMPTS):
            taken = self._add(key, quota, now) or self._begin(key, quota, now)
            if taken is not None:
                return taken
            current = ask(quota, self._full_at(key), now)
            if not current.allowed:
                return current
        raise Unavailable("the calls of this API key come too quickly to be counted")

    def _add(self, key: str, quota: Quota, now: float) -> Allowance | None:
        """To a bucket that is not full now and has room for another call."""
        row = self._row(key)
        step, capacity = interval(quota), quota.burst * interval(quota)
        fits = (self._row.full_at > now) & (self._row.full_at <= now + capacity - step + 1e-9)
        if refused(lambda: row.update([self._row.full_at.set(self._row.full_at + step), self._kept()], condition=fits)):
            return None
        return told(quota, float(row.full_at) - now)

    def _begin(self, key: str, quota: Quota, now: float) -> Allowance | None:
        """With a bucket that is full, or not there."""
        row = self._row(key)
        full = self._row.full_at.does_not_exist() | (self._row.full_at <= now)
        if refused(lambda: row.update([self._row.full_at.set(now + interval(quota)), self._kept()], condition=full)):
            return None
        return told(quota, interval(quota))

    def _kept(self) -> Any:
        return self._row.expires.set(int(time.time()) + KEPT)

    def _full_at(self, key: str) -> float:
        try:
            return float(self._row.get(key, consistent_read=True).full_at)
        except self._row.DoesNotExist:
            return 0.0
