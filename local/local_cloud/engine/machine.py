"""What of this machine a build or a container may see, read once from the environment.

DEWPOINT_IMAGES  folder of the image store
DEWPOINT_PYTHON  interpreter behind `FROM python:*` (default: the one this program runs on)
DEWPOINT_UV      the uv program, which installs packages in builds in place of pip when it is given
DEWPOINT_CLOUD   id of the local cloud, carried by every process of it
DEWPOINT_ENGINE  `containers`: images and tasks are those of a real container engine; else they are processes
DEWPOINT_DOCKER, DOCKER_HOST, DEWPOINT_REGISTRY
                 its client program, its socket, and host:port of the registry on loopback that holds ECR's images
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CONTAINERS = "containers"

# How this machine reaches package indexes; the same that a container engine would be configured with.
NETWORK_PREFIXES = ("PIP_", "UV_", "SSL_CERT_")
NETWORK_NAMES = {"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"} | {
    name for word in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY") for name in (word, word.lower())
}


@dataclass(frozen=True)
class ContainerSettings:
    """Where a real container engine is."""

    docker: str
    host: str
    registry: str

    @property
    def variables(self) -> dict[str, str]:
        """The same, for the environment of a program."""
        return {
            "DEWPOINT_ENGINE": CONTAINERS,
            "DEWPOINT_DOCKER": self.docker,
            "DOCKER_HOST": self.host,
            "DEWPOINT_REGISTRY": self.registry,
        }


@dataclass(frozen=True)
class Machine:
    """Settings of the engine."""

    images: Path
    python: str
    uv: str | None
    cloud: str | None
    network: Mapping[str, str]
    containers: ContainerSettings | None = None

    @property
    def marks(self) -> dict[str, str]:
        """The variable by which `make down` finds a process of this cloud."""
        return {"DEWPOINT_CLOUD": self.cloud} if self.cloud else {}


def read(environ: Mapping[str, str]) -> Machine:
    """Reads the settings from an environment."""
    home = Path(environ.get("HOME") or "/")
    default = home / ".local/state/dewpoint/images"
    return Machine(
        images=Path(environ.get("DEWPOINT_IMAGES") or default).absolute(),
        python=environ.get("DEWPOINT_PYTHON") or sys.executable,
        uv=environ.get("DEWPOINT_UV") or None,
        cloud=environ.get("DEWPOINT_CLOUD") or None,
        network=_network(environ, home),
        containers=_containers(environ),
    )


def _containers(environ: Mapping[str, str]) -> ContainerSettings | None:
    if environ.get("DEWPOINT_ENGINE") != CONTAINERS:
        return None
    return ContainerSettings(environ["DEWPOINT_DOCKER"], environ["DOCKER_HOST"], environ["DEWPOINT_REGISTRY"])


def _network(environ: Mapping[str, str], home: Path) -> dict[str, str]:
    found = {
        name: value
        for name, value in environ.items()
        if name in NETWORK_NAMES or (name.startswith(NETWORK_PREFIXES) and name != "UV_PYTHON")
    }
    cache = Path(environ.get("XDG_CACHE_HOME") or home / ".cache")
    config = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    # a build has another HOME, so what lies in the real one is named
    found.setdefault("UV_CACHE_DIR", str(cache / "uv"))
    found.setdefault("PIP_CACHE_DIR", str(cache / "pip"))
    for name, file in (("PIP_CONFIG_FILE", config / "pip/pip.conf"), ("UV_CONFIG_FILE", config / "uv/uv.toml")):
        if file.is_file() and os.access(file, os.R_OK):
            found.setdefault(name, str(file))
    return found
