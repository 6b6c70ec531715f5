"""A container's memory limit, kept by watching: the resident memory of everything in its session.

An address-space limit (RLIMIT_AS) is no substitute: numerical libraries reserve far more than they use.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from .sessions import resident_by_session


class MemoryWatch:
    """Calls back once for each session that goes over its limit.

    Args:
        interval: seconds between two looks.
    """

    def __init__(self, interval: float = 1.0, measure: Callable[[], dict[int, int]] = resident_by_session) -> None:
        self._limits: dict[int, tuple[int, Callable[[], None]]] = {}
        self._lock = threading.Lock()
        self._interval = interval
        self._measure = measure
        threading.Thread(target=self._run, name="memory-watch", daemon=True).start()

    def add(self, session: int, limit_bytes: int, on_excess: Callable[[], None]) -> None:
        """Watches a session."""
        with self._lock:
            self._limits[session] = (limit_bytes, on_excess)

    def remove(self, session: int) -> None:
        """Forgets a session."""
        with self._lock:
            self._limits.pop(session, None)

    def look(self) -> None:
        """Measures now."""
        with self._lock:
            limits = dict(self._limits)
        used = self._measure() if limits else {}
        for session, (limit, on_excess) in limits.items():
            if used.get(session, 0) > limit:
                self.remove(session)
                on_excess()

    def _run(self) -> None:
        while True:
            time.sleep(self._interval)
            self.look()
