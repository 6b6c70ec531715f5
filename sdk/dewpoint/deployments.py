"""Deployment configurations: named, immutable resources, replicas and environments."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from dewpoint.entities import DeploymentConfiguration
from dewpoint.transport import Transport

ROOT = "/api/v2/deployment_configuration"


class DeploymentConfigurations:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self) -> list[DeploymentConfiguration]:
        return sorted(map(DeploymentConfiguration.from_json, self._transport.get_all(ROOT)), key=lambda each: each.name)

    def get(self, name: str) -> DeploymentConfiguration:
        """Raises NotFound."""
        return DeploymentConfiguration.from_json(self._transport.get(_path(name)))

    def create(self, document: Mapping[str, Any]) -> DeploymentConfiguration:
        """Raises BadRequest, Conflict when the name is taken."""
        return DeploymentConfiguration.from_json(self._transport.send("POST", ROOT, dict(document)))

    def delete(self, name: str) -> None:
        """Raises NotFound, Conflict while it is in use."""
        self._transport.send("DELETE", _path(name))


def _path(name: str) -> str:
    return f"{ROOT}/{quote(name, safe='')}"
