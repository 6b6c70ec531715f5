"""Build projects of one account and region: what CreateProject and UpdateProject keep."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Mapping
from typing import Any

from .record import now

DEFAULT_TIMEOUT, DEFAULT_QUEUED_TIMEOUT = 60, 480


class Projects:
    """The projects by name."""

    def __init__(self, account: str, region: str) -> None:
        self._prefix = f"arn:aws:codebuild:{region}:{account}:project/"
        self._by_name: dict[str, dict[str, Any]] = {}
        self._numbers: dict[str, itertools.count[int]] = {}

    def __contains__(self, name: str) -> bool:
        return self.short(name) in self._by_name

    def arn(self, name: str) -> str:
        """The ARN a project of this name has or would have."""
        return self._prefix + self.short(name)

    def short(self, name: str) -> str:
        """The name in a name or an ARN."""
        return name.removeprefix(self._prefix)

    def names(self) -> list[str]:
        """Every name, sorted."""
        return sorted(self._by_name)

    def get(self, name: str) -> dict[str, Any] | None:
        """A copy of a project as the API shows it."""
        return copy.deepcopy(self._by_name.get(self.short(name)))

    def create(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Keeps a new project."""
        name = request["name"]
        self._numbers[name] = itertools.count(1)
        self._by_name[name] = {
            "timeoutInMinutes": DEFAULT_TIMEOUT,
            "queuedTimeoutInMinutes": DEFAULT_QUEUED_TIMEOUT,
            "cache": {"type": "NO_CACHE"},
            "badge": {"badgeEnabled": False},
            **copy.deepcopy(dict(request)),
            "arn": self.arn(name),
            "created": now(),
            "lastModified": now(),
        }
        return copy.deepcopy(self._by_name[name])

    def update(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Replaces what the request names."""
        project = self._by_name[self.short(request["name"])]
        changes = {key: value for key, value in request.items() if key != "name"}
        project |= {**copy.deepcopy(changes), "lastModified": now()}
        return copy.deepcopy(project)

    def delete(self, name: str) -> None:
        """Forgets a project; one that is not there is no error."""
        self._by_name.pop(self.short(name), None)

    def next_number(self, name: str) -> int:
        """The number of a project's next build."""
        return next(self._numbers[self.short(name)])


def overridden(project: Mapping[str, Any], request: Mapping[str, Any]) -> dict[str, Any]:
    """The project as one StartBuild request changes it; a variable of the request replaces that of the same name."""
    changed = copy.deepcopy(dict(project))
    names = {
        "sourceTypeOverride": ("source", "type"),
        "sourceLocationOverride": ("source", "location"),
        "buildspecOverride": ("source", "buildspec"),
        "imageOverride": ("environment", "image"),
        "computeTypeOverride": ("environment", "computeType"),
        "environmentTypeOverride": ("environment", "type"),
        "privilegedModeOverride": ("environment", "privilegedMode"),
    }
    for key, (section, name) in names.items():
        if key in request:
            changed[section][name] = request[key]
    for key, name in (("timeoutInMinutesOverride", "timeoutInMinutes"), ("logsConfigOverride", "logsConfig"),
                      ("artifactsOverride", "artifacts"), ("serviceRoleOverride", "serviceRole")):  # fmt: skip
        if key in request:
            changed[name] = request[key]
    variables = {entry["name"]: entry for entry in changed["environment"].get("environmentVariables", [])}
    variables |= {entry["name"]: entry for entry in request.get("environmentVariablesOverride", [])}
    changed["environment"]["environmentVariables"] = [{"type": "PLAINTEXT", **entry} for entry in variables.values()]
    return changed
