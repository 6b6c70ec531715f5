"""One bash for all commands of a build, so that variables and the working directory last from one to the next.

The shell reads the names of command files from one pipe, sources each, and writes its status to another. Commands do
not inherit the pipes. A command that ends the shell (`exit 3`, or `set -e`) closes the status pipe; its status is
the shell's.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from ..engine.spawn import Order, Spawner

DRIVER = 'while IFS= read -r -u {read} file; do . "$file" {read}<&- {write}>&-; echo $? >&{write}; done'
POLL = 0.2


class ShellSession:
    """A running shell.

    Args:
        scratch: an empty folder for command files.
        check: called several times a second while a command runs; what it raises ends the shell.
    """

    def __init__(
        self,
        spawner: Spawner,
        environment: Mapping[str, str],
        folder: Path,
        scratch: Path,
        say: Callable[[str], None],
        check: Callable[[], None],
    ) -> None:
        self._scratch = scratch
        self._check = check
        self._count = 0
        command_out, self._commands = os.pipe()
        self._statuses, status_in = os.pipe()
        driver = DRIVER.format(read=command_out, write=status_in)
        argv = ("bash", "--noprofile", "--norc", "-c", driver)
        order = Order(argv, folder, environment, pass_fds=(command_out, status_in))
        self._process = spawner.start(order)
        os.close(command_out)
        os.close(status_in)
        self._reader = threading.Thread(target=_read, args=(self._process, say), daemon=True)
        self._reader.start()

    @property
    def is_alive(self) -> bool:
        """Whether it takes another command."""
        return self._process.poll() is None

    def run(self, command: str) -> int:
        """Runs one command (any shell text) and returns its status; re-raises what `check` raises."""
        self._count += 1
        file = self._scratch / f"command-{id(self)}-{self._count}.sh"
        file.write_text(command + "\n")
        try:
            os.write(self._commands, f"{file}\n".encode())
        except BrokenPipeError:
            return self._ended()
        try:
            status = self._status()
        except BaseException:
            self.close()
            raise
        # what the command printed before its status is in the pipe: let it be read first
        time.sleep(0.01)
        return status

    def close(self) -> None:
        """Ends the shell and everything it started."""
        for descriptor in (self._commands, self._statuses):
            _close(descriptor)
        for number in (signal.SIGTERM, signal.SIGKILL):
            _signal(self._process.pid, number)
            try:
                self._process.wait(2)
            except subprocess.TimeoutExpired:
                continue
            break
        _signal(self._process.pid, signal.SIGKILL)
        self._reader.join(2)

    def _status(self) -> int:
        answer = b""
        while not answer.endswith(b"\n"):
            self._check()
            if select.select([self._statuses], [], [], POLL)[0]:
                piece = os.read(self._statuses, 64)
                if not piece:
                    return self._ended()
                answer += piece
        return int(answer)

    def _ended(self) -> int:
        code = self._process.wait()
        return code if code >= 0 else 128 - code


def _read(process: subprocess.Popen[bytes], say: Callable[[str], None]) -> None:
    for line in process.stdout or ():
        say(line.decode(errors="replace").rstrip("\r\n"))


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _close(descriptor: int) -> None:
    try:
        os.close(descriptor)
    except OSError:
        return
