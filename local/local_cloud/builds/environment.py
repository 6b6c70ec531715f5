"""The variables of a build, and what they are read from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..engine import stored_values
from ..engine.images import DEFAULT_PATH
from ..engine.machine import Machine
from .buildspec import Buildspec
from .errors import SourceError
from .record import BuildRecord
from .workshop import Workshop

Client = Callable[[str], Any]


def variables(spec: Buildspec, record: BuildRecord, client: Client) -> dict[str, str]:
    """Variables of the buildspec, then of the project with its overrides, which win.

    Raises:
        SourceError: a parameter or a secret cannot be read.
    """
    found = dict(spec.variables)
    found |= {name: _parameter(client, value) for name, value in spec.parameters.items()}
    found |= {name: _secret(client, value) for name, value in spec.secrets.items()}
    readers = {"PARAMETER_STORE": _parameter, "SECRETS_MANAGER": _secret}
    for entry in record.project["environment"].get("environmentVariables", []):
        read = readers.get(entry.get("type", "PLAINTEXT"))
        found[entry["name"]] = read(client, entry["value"]) if read else entry["value"]
    return found


def complete(
    own: Mapping[str, str], record: BuildRecord, workshop: Workshop, source: Path, home: Path
) -> dict[str, str]:
    """Everything the build's shell starts with: its own variables cannot replace CodeBuild's."""
    return {
        "LANG": "C.UTF-8",
        **workshop.machine.network,
        **_engine(workshop.machine),
        **own,
        "PATH": f"{workshop.toolbox}:{DEFAULT_PATH}",
        "HOME": str(home),
        "TMPDIR": str(home),
        **workshop.emulator.variables(record.account, record.region),
        "AWS_PAGER": "",
        "CODEBUILD_BUILD_ID": record.id,
        "CODEBUILD_BUILD_ARN": record.arn,
        "CODEBUILD_BUILD_NUMBER": str(record.number),
        "CODEBUILD_BUILD_IMAGE": str(record.project["environment"].get("image", "")),
        "CODEBUILD_BUILD_SUCCEEDING": "1",
        "CODEBUILD_INITIATOR": str(record.project.get("initiator", "local")),
        "CODEBUILD_LOG_PATH": record.stream,
        "CODEBUILD_SRC_DIR": str(source),
        "CODEBUILD_START_TIME": str(int(record.started.timestamp() * 1000)),
    }


def _engine(machine: Machine) -> dict[str, str]:
    """What the `docker` command needs."""
    uv = {"DEWPOINT_UV": machine.uv} if machine.uv else {}
    real = machine.containers.variables if machine.containers else {}
    return {"DEWPOINT_IMAGES": str(machine.images), "DEWPOINT_PYTHON": machine.python, **uv, **real, **machine.marks}


def _parameter(client: Client, name: str) -> str:
    try:
        return stored_values.parameter(client("ssm"), name)
    except Exception as error:
        raise SourceError(f"Error while reading parameter {name}: {error}") from error


def _secret(client: Client, reference: str) -> str:
    try:
        return stored_values.secret(client("secretsmanager"), reference)
    except Exception as error:
        raise SourceError(f"Error while reading secret {reference}: {error}") from error
