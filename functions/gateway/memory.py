"""What the gateway read a moment ago, for a process that answers many calls a second.

Over HTTP every call reads the tables (`ttl` 0: nothing is kept). The gRPC process keeps what it read for at most half a
second, counted from before the read: a deleted application stops answering within that time. What is not there, and a
servable without a replica that serves, are never kept, so a new application and a servable that wakes are seen at once.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import Generic, TypeVar

from functions.core.models import Application, Servable

LONGEST = 0.5  # seconds; docs/api.md promises it
SIZE = 1000

T = TypeVar("T")


class Recent(Generic[T]):
    """At most `size` things by name, each for `ttl` seconds; those kept longest go first."""

    def __init__(self, ttl: float, size: int) -> None:
        self._ttl = ttl
        self._size = size
        self._kept: OrderedDict[str, tuple[float, T]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, name: str, now: float) -> T | None:
        read, thing = self._kept.get(name, (0.0, None))
        return thing if now - read < self._ttl else None

    def put(self, name: str, thing: T, read: float) -> None:
        if not self._ttl:
            return
        with self._lock:
            self._kept[name] = (read, thing)
            self._kept.move_to_end(name)
            if len(self._kept) > self._size:
                self._kept.popitem(last=False)

    def forget(self, name: str) -> None:
        with self._lock:
            self._kept.pop(name, None)


class Memory:
    """Raises ValueError for a `ttl` longer than what is promised."""

    def __init__(self, ttl: float = 0.0, size: int = SIZE, clock: Callable[[], float] = time.monotonic) -> None:
        if ttl > LONGEST:
            raise ValueError(f"a memory of {ttl} seconds is longer than {LONGEST}")
        self._clock = clock
        self._applications: Recent[Application] = Recent(ttl, size)
        self._servables: Recent[Servable] = Recent(ttl, size)

    def application(self, name: str, read: Callable[[str], Application]) -> Application:
        """Raises what `read` raises."""
        now = self._clock()
        known = self._applications.get(name, now)
        if known is None:
            known = read(name)
            self._applications.put(name, known, now)
        return known

    def servables(
        self, names: Iterable[str], read: Callable[[list[str]], Mapping[str, Servable]]
    ) -> dict[str, Servable]:
        """Those that exist, by name; all that are not known are read at once."""
        now = self._clock()
        known = {name: self._servables.get(name, now) for name in names}
        found = {name: servable for name, servable in known.items() if servable is not None}
        missing = [name for name in known if name not in found]
        if missing:
            found |= read(missing)
            for name in missing:
                if name in found and found[name].endpoints:
                    self._servables.put(name, found[name], now)
        return found

    def forget_application(self, name: str) -> None:
        self._applications.forget(name)

    def forget_servable(self, name: str) -> None:
        self._servables.forget(name)
