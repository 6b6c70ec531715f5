"""The state folder: what one local cloud remembers between commands.

machine.json         the record below          stack-outputs.json   what the stacks answered
outputs.json         the addresses, for users  logs/ images/ data/ cdk.out/ cdk-home/
engine/ registry/    with containers: the data of an engine of our own, the images of the registry
"""

import contextlib
import fcntl
import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from local.machine.errors import Busy

OWN_FOLDERS = ("logs", "images", "data", "cdk.out", "cdk-home", "engine", "registry")
OWN_FILES = ("machine.json", "outputs.json", "stack-outputs.json")


class Started(msgspec.Struct, frozen=True):
    """A process this cloud started. `began` (clock ticks after boot) tells it from a later one with the same pid;
    `made_of` is the fingerprint of the code and arguments it runs."""

    pid: int
    began: int
    made_of: str

    @property
    def instance(self) -> str:
        return f"{self.pid}-{self.began}"


class Record(msgspec.Struct):
    """`bootstrapped`, `deployed` and `key_of` name the emulator instance they were done for: its state is in memory.

    `engine` is `processes` or `containers`; with containers `docker` and `docker_host` name the client and the engine,
    and `dockerd` is the engine where it is our own.
    """

    cloud: str
    ports: dict[str, int] = {}
    engine: str = ""
    docker: str = ""
    docker_host: str = ""
    dockerd: Started | None = None
    registry: Started | None = None
    emulator: Started | None = None
    edge: Started | None = None
    bootstrapped: str = ""
    deployed: str = ""
    api_key: str = ""
    key_of: str = ""


class State:
    """The folder and its record. `record` is read when first needed; call `save` after changing it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._record: Record | None = None

    @property
    def record(self) -> Record:
        if self._record is None:
            self._record = read_record(self.folder) or Record(cloud=str(uuid.uuid4()))
        return self._record

    def save(self) -> None:
        write_private(self.folder / "machine.json", msgspec.json.format(msgspec.json.encode(self.record)))

    def log(self, name: str) -> Path:
        logs = self.folder / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        return logs / f"{name}.log"

    def purge(self) -> None:
        """Remove what this cloud wrote; other things in the folder (shared environments) stay."""
        for name in OWN_FOLDERS:
            shutil.rmtree(self.folder / name, ignore_errors=True)
        for name in OWN_FILES:
            (self.folder / name).unlink(missing_ok=True)
        self._record = None

    @contextlib.contextmanager
    def lock(self, patience: float, waiting: Callable[[str], None]) -> Iterator[None]:
        """Hold the folder against other commands; raises Busy after `patience` seconds. The record is read afresh."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with exclusive(self.folder / "lock", patience, waiting):
            self._record = None
            yield


@contextlib.contextmanager
def exclusive(path: Path, patience: float, waiting: Callable[[str], None]) -> Iterator[None]:
    """Hold a lock file; raises Busy after `patience` seconds. A holder that dies lets go."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        deadline = time.monotonic() + patience
        told = False
        while not try_lock(file.fileno()):
            holder = f"process {path.read_text().strip() or '?'} is at work in {path.parent}"
            if time.monotonic() > deadline:
                raise Busy(f"{holder}; let it finish or stop it, then try again")
            if not told:
                waiting(f"waiting: {holder}")
                told = True
            time.sleep(0.2)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def read_record(folder: Path) -> Record | None:
    """The record of a state folder, or None when there is none that can be read."""
    try:
        return msgspec.json.decode((folder / "machine.json").read_bytes(), type=Record)
    except (OSError, msgspec.DecodeError):
        return None


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner reads, all of it or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    draft.replace(path)
