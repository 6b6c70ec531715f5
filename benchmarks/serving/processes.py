"""Servers as processes: started on given processors, frozen while others are measured, ended with all they started."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

START_SECONDS = 120
TICK = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Process:
    """`command`, running from construction until `stop`, on the processors `cpus`, with its output in `log`."""

    def __init__(
        self, command: Sequence[str], folder: Path, environ: Mapping[str, str], cpus: Collection[int], log: Path
    ) -> None:
        self._log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                env={"PATH": os.environ["PATH"], "HOME": str(log.parent), **environ},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=lambda: os.sched_setaffinity(0, cpus),
            )

    def wait_until(self, ready: Callable[[], object]) -> None:
        """Until `ready` raises no more. Raises RuntimeError with the process's last words when it ends or never is."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                ready()
                return
            except (OSError, ValueError) as error:
                ended = self._process.poll() is not None
                if ended or time.monotonic() > deadline:
                    words = self._log.read_text(errors="replace")[-2000:]
                    raise RuntimeError(f"a server did not start ({error}):\n{words}") from error
            time.sleep(0.2)

    def freeze(self) -> None:
        """Stands still, so that it takes nothing from those who are measured."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def cpu_seconds(self) -> float:
        """Processor time of the process and those it started, so far."""
        return sum(map(_cpu_seconds, self._family()))

    def memory(self) -> float:
        """MiB that the process and those it started hold alone, and their part of what they share."""
        return sum(map(_memory, self._family()))

    def stop(self) -> None:
        """The family is told to end, and killed when it has not after ten seconds."""
        family = self._family()
        self.thaw()
        self._signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=10)
        for pid in {*family, *self._family()}:
            _kill(pid, signal.SIGKILL)
        self._process.wait()

    def _signal(self, number: int) -> None:
        for pid in self._family():
            _kill(pid, number)

    def _family(self) -> list[int]:
        """The process and its descendants, some of which may lead sessions of their own."""
        parents = {int(path.name): _parent(int(path.name)) for path in Path("/proc").iterdir() if path.name.isdigit()}
        family = [self._process.pid]
        for pid in family:
            family += [child for child, parent in parents.items() if parent == pid]
        return family


def _kill(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _parent(pid: int) -> int | None:
    fields = _stat(pid)
    return int(fields[1]) if fields else None


def _cpu_seconds(pid: int) -> float:
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / TICK if fields else 0.0


def _memory(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)
