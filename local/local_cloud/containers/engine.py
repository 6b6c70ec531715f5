"""Tasks as containers of a Docker engine."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from typing import Any

from docker import DockerClient
from docker.errors import DockerException, NotFound
from docker.errors import ImageNotFound as NoSuchImage
from docker.types import LogConfig
from requests import RequestException

from ..engine.errors import ImageNotFound, PullFailed, StartFailed
from ..engine.machine import ContainerSettings, Machine
from ..engine.ports import ContainerSpec
from .container import RunningContainer
from .names import LABEL, on_loopback

PIDS = 1024  # numerical libraries start a thread per processor, and more than once
LOG_SIZE = "8m"  # of the engine's own copy: CloudWatch has the log


class ContainerEngine:
    """An engine (see `local_cloud.engine.ports`) that runs real containers.

    They outlive an emulator that is killed: the machine's commands remove them, by their label.
    """

    def __init__(self, machine: Machine, settings: ContainerSettings) -> None:
        self._registry = settings.registry
        self._marks = machine.marks
        self._cloud = machine.cloud or ""
        self._docker = DockerClient(base_url=settings.host, timeout=60)

    def pull(self, reference: str) -> None:
        """Raises ImageNotFound, or PullFailed when the registry or the engine fails."""
        try:
            self._docker.images.pull(on_loopback(reference, self._registry))
        except NotFound as error:
            raise ImageNotFound(reference) from error
        except (DockerException, RequestException) as error:
            raise PullFailed(f"cannot pull {reference}: {_said(error)}") from error

    def start(self, spec: ContainerSpec, on_line: Callable[[str], None]) -> RunningContainer:
        """Starts a container; raises ImageNotFound, StartFailed."""
        try:
            image = self._docker.images.get(on_loopback(spec.image, self._registry))
            created = self._docker.containers.create(image.id, **self._options(spec))
        except NoSuchImage as error:
            raise ImageNotFound(spec.image) from error
        except (DockerException, RequestException) as error:
            raise StartFailed(_said(error)) from error
        try:
            return RunningContainer(created, _digest(image), on_line)
        except (DockerException, RequestException) as error:
            with contextlib.suppress(DockerException, RequestException):
                created.remove(force=True, v=True)
            raise StartFailed(_said(error)) from error

    def _options(self, spec: ContainerSpec) -> dict[str, Any]:
        memory = f"{spec.memory_mib}m" if spec.memory_mib else None
        given = {
            "entrypoint": list(spec.entrypoint) if spec.entrypoint is not None else None,
            "command": list(spec.command) if spec.command is not None else None,
            "working_dir": spec.workdir,
            "user": spec.user,
            "mem_limit": memory,
            "memswap_limit": memory,  # the same: no swap
            # the engine refuses more processors than there are
            "nano_cpus": int(min(spec.cpus, os.cpu_count() or 1) * 1e9) if spec.cpus else None,
        }
        return {
            **{name: value for name, value in given.items() if value is not None},
            "name": spec.name,
            "environment": {**spec.environment, **self._marks},
            "labels": {LABEL: self._cloud},
            "network_mode": "host",  # so that it can listen at its own address, 127.a.b.c
            "read_only": spec.read_only,
            "pids_limit": PIDS,
            "cap_drop": ["ALL"],
            "security_opt": ["no-new-privileges"],
            "log_config": LogConfig(type=LogConfig.types.JSON, config={"max-size": LOG_SIZE}),
        }


def _digest(image: Any) -> str:
    """The image's digest on a registry; its own id when it was never pushed."""
    known = image.attrs.get("RepoDigests") or [image.id]
    return str(known[0]).rpartition("@")[2]


def _said(error: Exception) -> str:
    """The engine's own words, without the client's."""
    return str(getattr(error, "explanation", None) or error)
