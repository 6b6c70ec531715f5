"""Servables of metric models are shared: one for a version and a configuration, made for the first metric spec that
needs it and stopped with the last.

Somebody may stop one at the very moment at which somebody else chooses it. So whoever would stop it closes it first,
looks whether it is used, and opens it again if it is; and whoever chose it looks whether it is open after his spec is
written. One of the two sees the other.
"""

import uuid

from msgspec.structs import replace

from functions.core.models import ModelVersion, Servable, ServableStatus
from functions.manager.deploy_servable import deploy_servable
from functions.manager.ports import Ports

METRICS = "dewpoint.metrics"  # metadata of a servable that was made for metric specs
OPEN = "open"


def share_servable(ports: Ports, version: ModelVersion, configuration: str) -> Servable:
    """One that runs for metrics already, else a new one. Raises as deploy_servable does."""
    for servable in ports.servables.list():
        if serves(servable, version.id, configuration) and is_open(servable):
            return servable
    return deploy_servable(ports, version, configuration, {METRICS: OPEN})


def serves(servable: Servable, version_id: int, configuration: str) -> bool:
    """Is it what a metric spec of that version and configuration needs? What has failed is not."""
    asked = (servable.model_version_id, servable.deployment_configuration_name)
    return asked == (version_id, configuration) and servable.status is not ServableStatus.NOT_SERVING


def is_open(servable: Servable | None) -> bool:
    return servable is not None and servable.metadata.get(METRICS) == OPEN


def close(ports: Ports, name: str) -> str:
    """Nobody chooses it from now on. The token opens it again, unless somebody else has closed it too."""
    token = uuid.uuid4().hex
    _mark(ports, name, token)
    return token


def reopen(ports: Ports, name: str, token: str) -> None:
    _mark(ports, name, OPEN, only_from=token)


def _mark(ports: Ports, name: str, mark: str, only_from: str | None = None) -> None:
    def change(current: Servable) -> Servable:
        if only_from not in (None, current.metadata.get(METRICS)):
            return current
        return replace(current, metadata=current.metadata | {METRICS: mark})

    ports.servables.update(name, change)
