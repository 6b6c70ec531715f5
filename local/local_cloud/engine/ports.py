"""What the rest of the local cloud needs of an engine that runs containers.

`process.ProcessEngine` is one, `local_cloud.containers.ContainerEngine` another. Builds need no port: they call the
`docker` command, which is the process engine's own or a real one (`local_cloud.docker_command`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

OUT_OF_MEMORY = "OutOfMemoryError: Container killed due to memory usage"


@dataclass(frozen=True)
class ContainerSpec:
    """A container to run. What is None is taken from the image.

    Attributes:
        address: the container's own loopback address.
        memory_mib: more than this, and the container is killed; None is no limit.
        cpus: processors it may keep busy; the process engine does not limit them. None is no limit.
        read_only: its root file system cannot be written to; the process engine cannot keep it from that.
    """

    name: str
    image: str
    address: str
    environment: Mapping[str, str] = field(default_factory=dict)
    entrypoint: tuple[str, ...] | None = None
    command: tuple[str, ...] | None = None
    workdir: str | None = None
    user: str | None = None
    memory_mib: int | None = None
    cpus: float | None = None
    read_only: bool = False


@dataclass(frozen=True)
class Exit:
    """How a container ended; `code` is 128 + n after signal n."""

    code: int
    reason: str | None = None


class Container(Protocol):
    """A container that was started."""

    @property
    def id(self) -> str:
        """The engine's name for it."""

    @property
    def image_digest(self) -> str:
        """ "sha256:..." of the image it runs."""

    def wait(self, timeout: float | None = None) -> Exit | None:
        """How it ended; None when it still runs after `timeout` seconds."""

    def stop(self, grace: float) -> None:
        """Asks it to end (SIGTERM) and ends it `grace` seconds later (SIGKILL); returns when it has ended."""

    def processor_seconds(self) -> float:
        """Processor time that everything in it has used since it started; less than before once it has ended."""

    def execute(self, words: Sequence[str], timeout: float) -> int | None:
        """Runs a command beside the container's own, as `docker exec`; its exit code, None after the timeout."""


class Engine(Protocol):
    """Starts containers."""

    def pull(self, reference: str) -> None:
        """Makes an image ready; raises ImageNotFound."""

    def start(self, spec: ContainerSpec, on_line: Callable[[str], None]) -> Container:
        """Starts a container; `on_line` gets its output. Raises ImageNotFound, StartFailed."""
