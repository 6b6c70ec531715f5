"""A container's memory limit, kept by watching: the resident memory of everything in its session.

An address-space limit (RLIMIT_AS) is no substitute: numerical libraries reserve far more than they use.
"""

from __future__ import annotations

import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")
SESSION, RESIDENT = 3, 21  # fields of /proc/<pid>/stat, counted after the command's closing parenthesis


def resident_by_session() -> dict[int, int]:
    """Resident bytes of every session on this machine."""
    total: dict[int, int] = defaultdict(int)
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total[int(fields[SESSION])] += int(fields[RESIDENT]) * PAGE
    return total


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
