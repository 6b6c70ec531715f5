"""Who calls the gRPC door? The same keys and rights as at the HTTP door, where the authorizer asks."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from functions.core.access import digest, identify, require
from functions.core.api_keys import ApiKey
from functions.core.ports import KeyStore, QuotaStore
from functions.gateway.limit import limit

MEMORY = 5.0  # seconds that a deleted key may go on being known
SIZE = 1000


class KeyGuard:
    """Remembers known keys for a moment, by digest. An unknown one is asked for again, so a new key works at once.

    The calls of a key that has a quota are counted, with those over HTTP; `now` tells seconds since the epoch.
    """

    def __init__(
        self,
        keys: KeyStore,
        quotas: QuotaStore,
        *,
        memory: float = MEMORY,
        size: int = SIZE,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._keys = keys
        self._quotas = quotas
        self._now = now
        self._memory = memory
        self._size = size
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, ApiKey]] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, secret: str | None, method: str, path: str) -> None:
        """Raises Unauthenticated for a key nobody issued, Forbidden for one that may not `method` `path`,
        TooManyRequests."""
        key = self._recall(secret) or self._look_up(secret)
        require(key, method, path)
        if key.quota is not None:
            limit(self._quotas, key.id, key.quota, self._now())

    def _recall(self, secret: str | None) -> ApiKey | None:
        if not secret:
            return None
        with self._lock:
            expires, key = self._known.get(digest(secret), (0.0, None))
        return key if self._clock() < expires else None

    def _look_up(self, secret: str | None) -> ApiKey:
        key = identify(self._keys, secret)
        with self._lock:
            self._known[key.digest] = (self._clock() + self._memory, key)
            self._known.move_to_end(key.digest)
            if len(self._known) > self._size:
                self._known.popitem(last=False)
        return key
