"""What the processes of a session use, of memory and of processors, as the kernel counts it."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

PAGE, TICKS = os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_CLK_TCK")
# fields of /proc/<pid>/stat, counted after the command's closing parenthesis (proc_pid_stat(5), less three)
SESSION, RESIDENT = 3, 21
PROCESSOR = slice(11, 15)  # own user and system time, and that of children who have ended


def resident_by_session() -> dict[int, int]:
    """Resident bytes of every session on this machine."""
    total: dict[int, int] = defaultdict(int)
    for fields in _processes():
        total[int(fields[SESSION])] += int(fields[RESIDENT]) * PAGE
    return total


def processor_seconds(session: int) -> float:
    """Processor time of a session since it began."""
    own = (fields for fields in _processes() if int(fields[SESSION]) == session)
    return sum(int(ticks) for fields in own for ticks in fields[PROCESSOR]) / TICKS


def _processes() -> Iterator[list[str]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                yield (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it has ended
                continue
