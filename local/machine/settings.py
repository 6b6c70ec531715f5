"""The environment, read once: where this clone is, where its state lives and what the user asked for."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from local.machine.errors import MachineError

EDGE, GRPC, EMULATOR, REGISTRY = "edge", "grpc", "emulator", "registry"
DEFAULT_PORTS = {EDGE: 8080, GRPC: 8081, EMULATOR: 4566, REGISTRY: 5000}
PROCESSES, CONTAINERS, AUTO = "processes", "containers", "auto"


@dataclass(frozen=True)
class Settings:
    """`asked` holds only the ports that the user set; `inherited` is what the environments of children start from.

    `engine` and `docker_host` are None where the user said nothing.
    """

    root: Path
    state: Path
    cli_config: Path
    python: Path
    asked: Mapping[str, int] = field(default_factory=dict)
    inherited: Mapping[str, str] = field(default_factory=dict)
    engine: str | None = None
    docker_host: str | None = None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], root: Path, python: Path) -> Self:
        """A relative DEWPOINT_STATE is relative to the clone. Raises MachineError for what is no port or no engine."""
        config = environ.get("DEWPOINT_CONFIG")
        return cls(
            root=root,
            state=(root / environ.get("DEWPOINT_STATE", "local/.state")).resolve(),
            cli_config=Path(config).expanduser() if config else Path.home() / ".config/dewpoint/config.json",
            python=python,
            asked={role: port for role in DEFAULT_PORTS if (port := asked_port(environ, role)) is not None},
            inherited=dict(environ),
            engine=asked_engine(environ),
            docker_host=environ.get("DOCKER_HOST") or None,
        )

    @property
    def tools(self) -> Path:
        """Environments that depend on locks only, and so are shared by all state folders of the clone."""
        return self.root / "local/.state/env"

    @property
    def uv(self) -> Path:
        return self.python.with_name("uv")

    @property
    def short_id(self) -> str:
        """Tells two state folders of the same name apart."""
        return hashlib.sha256(str(self.state).encode()).hexdigest()[:6]


def asked_port(environ: Mapping[str, str], role: str) -> int | None:
    name = f"DEWPOINT_{role.upper()}_PORT"
    text = environ.get(name)
    if not text:
        return None
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise MachineError(f"{name}={text} is not a port number")
    return int(text)


def asked_engine(environ: Mapping[str, str]) -> str | None:
    text = environ.get("DEWPOINT_ENGINE") or None
    if text not in (None, PROCESSES, CONTAINERS, AUTO):
        raise MachineError(f"DEWPOINT_ENGINE={text} is neither {PROCESSES} nor {CONTAINERS} nor {AUTO}")
    return text
