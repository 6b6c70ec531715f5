"""The processes of one local cloud: all that carry its id in their environment, whoever started them.

The operating system is the only register: a list of our own would miss what the emulator starts and what outlives a
crash. Signals go through a process descriptor, so a process id that was reused in between is never hit.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.machine.errors import MachineError

MARKER = "DEWPOINT_CLOUD"
GRACE = 5.0
SETTLE = 0.1
PROC = Path("/proc")


@dataclass(frozen=True)
class Process:
    """`began` is in clock ticks after boot; `memory` is the resident set in bytes."""

    pid: int
    began: int
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    memory: int

    @property
    def instance(self) -> str:
        return f"{self.pid}-{self.began}"


class Processes:
    """The living processes of the cloud `cloud`."""

    def __init__(self, cloud: str) -> None:
        self._cloud = cloud

    def living(self) -> list[Process]:
        """Every living process of the cloud, except the caller and its ancestors."""
        spared = set(own_line())
        found = (read_process(pid) for pid in process_ids() if pid not in spared)
        return [process for process in found if process is not None and self._is_ours(process)]

    def find(self, instance: str) -> Process | None:
        pid = int(instance.partition("-")[0])
        process = read_process(pid)
        return process if process and process.instance == instance and self._is_ours(process) else None

    def start(self, argv: Sequence[str], environment: Mapping[str, str], cwd: Path, log: Path) -> "Child":
        """Start a process of the cloud that outlives the caller; its output is appended to `log`."""
        with log.open("ab") as output:
            popen = subprocess.Popen(
                argv,
                env={**environment, MARKER: self._cloud},
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return Child(popen)

    def stop(self, only: Callable[[Process], bool] = lambda _: True, grace: float = GRACE) -> list[Process]:
        """Stop processes: politely, then after `grace` seconds by force. Answers those that were stopped.

        Raises MachineError when some are still there at the end.
        """
        stopped: dict[int, Process] = {}
        politely_until = time.monotonic() + grace
        give_up_at = politely_until + 10
        told: set[str] = set()
        while remaining := self._remaining(only):
            now = time.monotonic()
            if now > give_up_at:
                raise MachineError(f"these processes would not stop: {', '.join(str(p.pid) for p in remaining)}")
            for process in remaining:
                stopped[process.pid] = process
                if now > politely_until:
                    self._signal(process, signal.SIGKILL)
                elif process.instance not in told:
                    told.add(process.instance)
                    self._signal(process, signal.SIGTERM)
            time.sleep(0.05)
        return list(stopped.values())

    def _remaining(self, only: Callable[[Process], bool]) -> list[Process]:
        found = [process for process in self.living() if only(process)]
        if found:
            return found
        # for a moment a process that is just being started shows no environment at all: look twice
        time.sleep(SETTLE)
        return [process for process in self.living() if only(process)]

    def _is_ours(self, process: Process) -> bool:
        return process.environment.get(MARKER) == self._cloud

    def _signal(self, process: Process, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            descriptor = os.pidfd_open(process.pid)
            try:
                if self.find(process.instance):
                    signal.pidfd_send_signal(descriptor, number)
            finally:
                os.close(descriptor)


class Child:
    """A process just started: known by its instance, and asked whether it is still there."""

    def __init__(self, popen: "subprocess.Popen[bytes]") -> None:
        self._popen = popen
        self.pid = popen.pid
        self.began = start_time(popen.pid) or 0

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._popen.poll()


def process_ids() -> Iterator[int]:
    return (int(entry.name) for entry in PROC.iterdir() if entry.name.isdecimal())


def read_process(pid: int) -> Process | None:
    """A process as /proc shows it; None when it is gone, is a zombie, or belongs to somebody else."""
    folder = PROC / str(pid)
    try:
        pairs = (item.partition(b"=") for item in (folder / "environ").read_bytes().split(b"\0"))
        environment = {os.fsdecode(name): os.fsdecode(value) for name, _, value in pairs if name}
        argv = tuple(os.fsdecode(item) for item in (folder / "cmdline").read_bytes().rstrip(b"\0").split(b"\0"))
        pages = int((folder / "statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return None
    began = start_time(pid)
    return None if began is None else Process(pid, began, argv, environment, pages * os.sysconf("SC_PAGE_SIZE"))


def start_time(pid: int) -> int | None:
    """When a process started, in clock ticks after boot; None when it is gone or a zombie."""
    fields = stat_fields(pid)
    return None if fields is None or fields[0] == "Z" else int(fields[19])


def own_line() -> Iterator[int]:
    """The caller's process id and its ancestors'."""
    pid = os.getpid()
    while pid > 1:
        yield pid
        fields = stat_fields(pid)
        pid = int(fields[1]) if fields else 0


def stat_fields(pid: int) -> list[str] | None:
    """The fields of /proc/<pid>/stat from the state on: the name before it may hold spaces and brackets."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
