"""A function's process: started, its output collected, its death noticed and brought about."""

import contextlib
import os
import select
import signal
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

MAX_OUTPUT_BYTES = 1024 * 1024
GRACE_SECONDS = 0.5


@dataclass(frozen=True)
class Launch:
    """What to run: argument vector, working directory, complete environment.

    `ending` is a command that makes sure of the end of what is not a child, such as a container; empty for a process.
    """

    argv: list[str]
    folder: str
    environment: dict[str, str]
    ending: tuple[str, ...] = ()


Popen = Callable[..., "subprocess.Popen[bytes]"]


class FunctionProcess:
    """One running child and what it has printed since it was last asked (at most 1 MiB)."""

    def __init__(self, launch: Launch, popen: Popen) -> None:
        self._launch = launch
        self._child = popen(
            launch.argv,
            cwd=launch.folder,
            env=launch.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert self._child.stdout is not None
        self._fd = self._child.stdout.fileno()
        os.set_blocking(self._fd, False)
        self._output = bytearray()
        self._lock = threading.Lock()
        self._reader = threading.Thread(target=self._collect, name=f"output-{self.pid}", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """The child's process id, which is its process group's too."""
        return self._child.pid

    @property
    def returncode(self) -> int | None:
        """Exit status, negative for a signal; None while it runs."""
        return self._child.poll()

    def take_output(self) -> str:
        """What was printed and not yet taken. What the child wrote before it answered is included."""
        with self._lock:
            self._drain()
            data, self._output = bytes(self._output), bytearray()
        # awslambdaric prints "\r" for the newlines inside one message
        return data.decode("utf-8", "replace").replace("\r", "\n")

    def peek_output(self) -> str:
        """The same without taking it."""
        with self._lock:
            return bytes(self._output).decode("utf-8", "replace")

    def peak_memory_mb(self) -> int:
        """The largest resident set so far, in MiB; 0 where /proc does not say."""
        try:
            status = Path(f"/proc/{self.pid}/status").read_text()
        except OSError:
            return 0
        peaks = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
        return int(peaks[0]) // 1024 if peaks else 0

    def kill(self) -> None:
        """End the whole process group: SIGTERM, then SIGKILL."""
        for sign, wait in ((signal.SIGTERM, GRACE_SECONDS), (signal.SIGKILL, 2.0)):
            if self.returncode is not None:
                break
            with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
                os.killpg(self.pid, sign)
                self._child.wait(wait)
        if self._launch.ending:
            subprocess.run(self._launch.ending, env=self._launch.environment, capture_output=True, check=False)
        self._reader.join(0.2)

    def _collect(self) -> None:
        poller = select.poll()
        poller.register(self._fd, select.POLLIN)
        while poller.poll():
            with self._lock:
                if not self._drain():
                    return

    def _drain(self) -> bool:
        """Read what is there without waiting; False at the end of the output."""
        while True:
            try:
                data = os.read(self._fd, 65536)
            except BlockingIOError:
                return True
            except OSError:
                return False
            if not data:
                return False
            self._output += data[: max(0, MAX_OUTPUT_BYTES - len(self._output))]
