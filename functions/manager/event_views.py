"""Events as the API shows them: `data` is the entity as a list would have shown it, or the name of what is gone."""

from collections.abc import Sequence
from typing import Any

import msgspec

from functions.core.deployments import DeploymentConfiguration
from functions.core.errors import NotFound
from functions.core.feed import Event, Subject
from functions.core.metric_specs import MetricSpec
from functions.core.models import Application, ModelVersion, Servable
from functions.manager.ports import Ports
from functions.manager.views import (
    View,
    application_view,
    deployment_view,
    metric_spec_view,
    servable_view,
    version_view,
)


def event_views(ports: Ports, events: Sequence[Event]) -> list[View]:
    """What an entity says about others (its model version, who uses it) is as of now."""
    viewer = _Viewer(ports, ports.applications.list() if events else [])
    return [
        {
            "id": event.id,
            "type": event.change.type.value,
            "at": msgspec.to_builtins(event.at),
            "data": viewer.view(event.change.entity) if event.change.entity else event.change.name,
        }
        for event in events
    ]


class _Viewer:
    def __init__(self, ports: Ports, applications: list[Application]) -> None:
        self._ports = ports
        self._applications = applications
        self._versions: dict[tuple[str, int], View | None] = {}

    def view(self, entity: Subject) -> Any:
        match entity:
            case ModelVersion():
                return version_view(entity, self._applications)
            case Servable():
                return self._servable(entity)
            case Application():
                return application_view(entity)
            case DeploymentConfiguration():
                return deployment_view(entity)
            case MetricSpec():
                found = self._ports.servables.get_many([entity.servable_name]).values()
                return metric_spec_view(entity, next(map(self._servable, found), None))

    def _servable(self, servable: Servable) -> View:
        version = self._version(servable.model_name, servable.model_version)
        return servable_view(servable, version, self._applications)

    def _version(self, name: str, number: int) -> View | None:
        """None when it is gone."""
        if (name, number) not in self._versions:
            try:
                view = version_view(self._ports.models.get(name, number), self._applications)
            except NotFound:
                view = None
            self._versions[name, number] = view
        return self._versions[name, number]
