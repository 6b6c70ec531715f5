"""Containers as processes.

The command of an image runs in its working directory below the image's rootfs, with the image's virtual environment
first on the path, in a session of its own, with no variable but the image's and the caller's. The files of an image
are shared by all its containers: treat them as read-only.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from . import scratch
from .errors import StartFailed
from .identity import Identity, choose
from .images import DEFAULT_PATH, Image, ImageStore, inside
from .machine import Machine
from .memory import MemoryWatch
from .ports import OUT_OF_MEMORY, ContainerSpec, Exit
from .sessions import processor_seconds
from .spawn import Order, Spawner

MIB = 1 << 20


@dataclass(frozen=True)
class Command:
    """What to run: arguments, folder, complete environment."""

    argv: tuple[str, ...]
    cwd: Path
    environment: dict[str, str]


def container_command(
    image: Image,
    environment: Mapping[str, str],
    entrypoint: Sequence[str] | None = None,
    command: Sequence[str] | None = None,
    workdir: str | None = None,
) -> Command:
    """How an image is run as a process; what is None is taken from the image.

    Raises:
        StartFailed: nothing to run, or the program is not to be found.
    """
    config = image.config
    own = config.command if entrypoint is None else ()
    argv = (*(config.entrypoint if entrypoint is None else entrypoint), *(own if command is None else command))
    if not argv:
        raise StartFailed("no command specified")
    merged = {"PATH": DEFAULT_PATH, **config.env, **environment}
    merged["PATH"] = f"{image.venv}/bin:{merged['PATH']}"
    merged["VIRTUAL_ENV"] = str(image.venv)
    cwd = inside(image.rootfs, workdir or config.workdir)
    program = argv[0] if "/" not in argv[0] else str(cwd / argv[0])
    if shutil.which(program, path=merged["PATH"]) is None:
        raise StartFailed(f'exec: "{argv[0]}": executable file not found in $PATH')
    return Command(argv, cwd, merged)


class ProcessEngine:
    """An engine (see `ports`) that needs nothing but processes."""

    def __init__(self, machine: Machine, spawner: Spawner, memory: MemoryWatch) -> None:
        self._store = ImageStore(machine.images)
        self._scratch = scratch.folder(machine.images)
        self._marks = machine.marks
        self._spawner = spawner
        self._memory = memory

    def pull(self, reference: str) -> None:
        """Raises ImageNotFound when the store has no such image."""
        self._store.get(reference)

    def start(self, spec: ContainerSpec, on_line: Callable[[str], None]) -> ProcessContainer:
        """Starts a container; raises ImageNotFound, StartFailed."""
        image = self._store.get(spec.image)
        environment = {**spec.environment, **self._marks}
        command = container_command(image, environment, spec.entrypoint, spec.command, spec.workdir)
        needed = (command.cwd / "x", image.venv / "bin/python")
        identity = choose(spec.user or image.config.user, needed)
        home = Path(tempfile.mkdtemp(prefix="home-", dir=self._scratch))
        container = ProcessContainer(self._spawner, image, command, identity, home, on_line)
        if spec.memory_mib:
            self._memory.add(container.session, spec.memory_mib * MIB, container.kill_for_memory)
        container.on_end(lambda: self._memory.remove(container.session))
        return container


class ProcessContainer:
    """A running command and everything it started."""

    def __init__(
        self,
        spawner: Spawner,
        image: Image,
        command: Command,
        identity: Identity,
        home: Path,
        on_line: Callable[[str], None],
    ) -> None:
        self.id = uuid.uuid4().hex
        self.image_digest = image.digest
        self._spawner = spawner
        self._identity = identity
        self._home = home
        # whatever the image says: a container's own /tmp is what this folder stands for
        private = {"HOME": str(home), "TMPDIR": str(home)}
        self._command = replace(command, environment={"LANG": "C.UTF-8", **command.environment, **private})
        if identity.uid is not None:
            os.chown(self._home, identity.uid, identity.uid)
        self._reason: str | None = None
        self._exit: Exit | None = None
        self._ended = threading.Event()
        self._at_end: list[Callable[[], None]] = []
        self._process = self._start(self._command.argv)
        self._reader = threading.Thread(target=self._read, args=(on_line,), daemon=True)
        self._reader.start()
        threading.Thread(target=self._await_end, daemon=True).start()

    @property
    def session(self) -> int:
        """Process id of the command, which is its session's and group's as well."""
        return self._process.pid

    def wait(self, timeout: float | None = None) -> Exit | None:
        """How it ended; None when it still runs after `timeout` seconds."""
        self._ended.wait(timeout)
        return self._exit

    def on_end(self, call: Callable[[], None]) -> None:
        """Adds something to do when it has ended; may be done twice when it is just ending."""
        self._at_end.append(call)
        if self._ended.is_set():
            call()

    def stop(self, grace: float) -> None:
        """SIGTERM to the command, SIGKILL to everything `grace` seconds later."""
        self._signal(self._process.pid, signal.SIGTERM)
        if self.wait(grace) is None:
            self._kill_all()
            self._ended.wait()

    def kill_for_memory(self) -> None:
        """Ends it at once and gives the reason."""
        self._reason = OUT_OF_MEMORY
        self._kill_all()

    def processor_seconds(self) -> float:
        """Processor time of everything in its session."""
        return processor_seconds(self.session)

    def execute(self, words: Sequence[str], timeout: float) -> int | None:
        """Runs a command with the container's environment, folder and user; its exit code, None after the timeout."""
        try:
            process = self._start(words, stdout=subprocess.DEVNULL)
        except OSError:
            return 127
        try:
            return process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None
        finally:
            self._signal(-process.pid, signal.SIGKILL)
            process.wait()

    def _start(self, argv: Sequence[str], stdout: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
        command = self._command
        order = Order(
            argv,
            command.cwd,
            command.environment,
            self._identity.uid,
            self._identity.drop_capabilities,
            stdout,
        )
        return self._spawner.start(order)

    def _read(self, on_line: Callable[[str], None]) -> None:
        for line in self._process.stdout or ():
            on_line(line.decode(errors="replace").rstrip("\r\n"))

    def _await_end(self) -> None:
        code = self._process.wait()
        # as in a container, nothing outlives the first process
        self._kill_all()
        self._reader.join(2)
        shutil.rmtree(self._home, ignore_errors=True)
        self._exit = Exit(code if code >= 0 else 128 - code, self._reason)
        self._ended.set()
        for call in self._at_end:
            call()

    def _kill_all(self) -> None:
        self._signal(-self._process.pid, signal.SIGKILL)

    @staticmethod
    def _signal(pid: int, number: signal.Signals) -> None:
        try:
            os.kill(pid, number)
        except (ProcessLookupError, PermissionError):
            return
