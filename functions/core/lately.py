"""What need not be said again so soon."""

import threading
import time
from collections.abc import Callable

REMEMBERED = 10_000  # names


class Lately:
    """Lets a name through when it was not let through lately."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last: dict[str, float] = {}
        self._lock = threading.Lock()

    def admits(self, name: str, pause: float) -> bool:
        with self._lock:
            now = self._clock()
            if now - self._last.get(name, -pause) < pause:
                return False
            if len(self._last) >= REMEMBERED:
                self._last.clear()
            self._last[name] = now
            return True

    def forget(self, name: str) -> None:
        with self._lock:
            self._last.pop(name, None)
