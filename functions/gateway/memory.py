"""What the gateway read a moment ago, for a process that answers many calls a second.

Over HTTP every call reads the tables (`ttl` 0: nothing is kept). The gRPC process keeps what it read for at most half a
second, counted from before the read: a deleted application stops answering within that time. What is not there, and a
servable without a replica that serves, are never kept, so a new application and a servable that wakes are seen at once.
Calls that miss the same thing at the same time share one reading: it began before the last of them looked.
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


class Sharing:
    """Of those who miss the same thing at the same time one reads, and the others look again when it has. Where nothing
    is `kept`, everybody reads."""

    def __init__(self, *, kept: bool) -> None:
        self._kept = kept
        self._reading: dict[str, threading.Event] = {}
        self._lock = threading.Lock()

    def get(self, name: str, look: Callable[[], T | None], read: Callable[[], T]) -> T:
        """What `look` finds, or else `read`; what the first reading left nothing of, everybody reads for himself."""
        known = look()
        if known is not None:
            return known
        if not self._kept:
            return read()
        with self._lock:
            ahead = self._reading.get(name)
            if ahead is None:
                mine = self._reading[name] = threading.Event()
        if ahead is not None:
            ahead.wait()
            return look() or read()
        try:
            return read()
        finally:
            with self._lock:
                del self._reading[name]
            mine.set()


class Memory:
    """Raises ValueError for a `ttl` longer than what is promised."""

    def __init__(self, ttl: float = 0.0, size: int = SIZE, clock: Callable[[], float] = time.monotonic) -> None:
        if ttl > LONGEST:
            raise ValueError(f"a memory of {ttl} seconds is longer than {LONGEST}")
        self._clock = clock
        self._sharing = Sharing(kept=ttl > 0)
        self._applications: Recent[Application] = Recent(ttl, size)
        self._servables: Recent[Servable] = Recent(ttl, size)

    def application(self, name: str, read: Callable[[str], Application]) -> Application:
        """Raises what `read` raises."""

        def keep() -> Application:
            now = self._clock()
            application = read(name)
            self._applications.put(name, application, now)
            return application

        return self._sharing.get(f"application {name}", lambda: self._applications.get(name, self._clock()), keep)

    def servables(
        self, names: Iterable[str], read: Callable[[list[str]], Mapping[str, Servable]]
    ) -> dict[str, Servable]:
        """Those that exist, by name; all that are not known are read at once."""
        wanted = list(dict.fromkeys(names))

        def look() -> dict[str, Servable] | None:
            known = self._known(wanted)
            return known if len(known) == len(wanted) else None

        def keep() -> dict[str, Servable]:
            now = self._clock()
            known = self._known(wanted)
            missing = [name for name in wanted if name not in known]
            found = read(missing)
            for name in missing:
                if name in found and found[name].endpoints:
                    self._servables.put(name, found[name], now)
            return {**known, **found}

        return self._sharing.get(f"servables {' '.join(wanted)}", look, keep)

    def _known(self, names: list[str]) -> dict[str, Servable]:
        now = self._clock()
        known = {name: self._servables.get(name, now) for name in names}
        return {name: servable for name, servable in known.items() if servable is not None}

    def forget_application(self, name: str) -> None:
        self._applications.forget(name)

    def forget_servable(self, name: str) -> None:
        self._servables.forget(name)
