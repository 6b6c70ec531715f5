"""The docker command line of this machine, as far as the machine's commands need it."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.machine.errors import MachineError

DEFAULT_HOST = "unix:///var/run/docker.sock"
PROBE_SECONDS, PATIENCE = 15.0, 150.0
LABEL = "dewpoint.cloud"  # as local_cloud.containers.names says


def find_client(search: str) -> Path | None:
    """The first client on a search path that builds with BuildKit and its secrets.

    A client without its buildx plugin cannot; the ones before Docker 23 have BuildKit built in.
    """
    candidates = (Path(folder) / "docker" for folder in search.split(os.pathsep) if folder)
    return next((path for path in candidates if os.access(path, os.X_OK) and knows_secrets(path)), None)


def knows_secrets(client: Path) -> bool:
    environment = {**os.environ, "DOCKER_BUILDKIT": "1"}
    words = [str(client), "build", "--help"]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    return done.returncode == 0 and "--secret" in done.stdout


@dataclass(frozen=True)
class DockerClient:
    """A client program, the engine it talks to, and the environment it runs in."""

    program: str
    host: str
    environment: Mapping[str, str]

    def answers(self) -> bool:
        """Whether an engine is there."""
        try:
            return bool(self.ask("version", "--format", "{{.Server.Version}}", patience=PROBE_SECONDS).strip())
        except MachineError:
            return False

    def has_image(self, reference: str, label: str) -> bool:
        """Whether the engine has this image, and with this label (`name=value`)."""
        return bool(self.ask("images", "-q", "--filter", f"label={label}", reference).strip())

    def remove_containers(self, cloud: str) -> list[str]:
        """Ends and removes every container of a cloud; answers their ids."""
        found = self.ask("ps", "-aq", "--filter", f"label={LABEL}={cloud}").split()
        if found:
            self.ask("rm", "-f", "-v", *found)
        return found

    def ask(self, *words: str, patience: float = PATIENCE) -> str:
        """What the client prints. Raises MachineError when it fails or takes longer than `patience` seconds."""
        environment = {**self.environment, "DOCKER_HOST": self.host}
        try:
            done = subprocess.run(
                [self.program, *words], env=environment, capture_output=True, text=True, timeout=patience
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise MachineError(f"docker {words[0]}: {error}") from error
        if done.returncode:
            raise MachineError(f"docker {words[0]} failed: {done.stderr.strip()}")
        return done.stdout
