"""Types that the community edition has, completed: properties it drops, updates it silently leaves out.

An update that nobody serves fails, with its reason, instead of reporting success.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from local_cloud.stacks import amendments
from local_cloud.stacks.amendments import Amendment
from local_cloud.stacks.casting import cast
from local_cloud.stacks.provider import client_for, failed, input_shape, resource_of
from local_cloud.stacks.resource import Call
from localstack.services.cloudformation.resource_provider import OperationStatus, ProgressEvent, ResourceProvider

Action = Callable[[Any], ProgressEvent]
HARMLESS = {"Tags", "Description", "Metadata", "Comment"}


def with_updates(provider: ResourceProvider | None, resource_type: str) -> ResourceProvider | None:
    """The community's provider of a type, completed; None where there is none."""
    if provider is None:
        return None
    return Amended(provider, resource_type, amendments.AMENDMENTS.get(resource_type, Amendment()))


@dataclass
class Amended(ResourceProvider):
    """Wraps a provider: its creation and deletion, then what is missing."""

    inner: ResourceProvider
    resource_type: str
    amendment: Amendment

    @property
    def SCHEMA(self) -> Mapping[str, Any]:  # noqa: N802 - the engine's name for it
        """The schema, with what else replaces the resource."""
        schema = dict(self.inner.SCHEMA)
        more = [f"/properties/{name}" for name in self.amendment.create_only]
        schema["createOnlyProperties"] = [*schema.get("createOnlyProperties", []), *more]
        return schema

    def create(self, request: Any) -> ProgressEvent:
        """The community's creation, then the properties it drops."""
        event = self.inner.create(request)
        if event.status is OperationStatus.SUCCESS:
            self._apply(replace(request, desired_state=event.resource_model))
        return event

    def delete(self, request: Any) -> ProgressEvent:
        """The community's deletion."""
        return self.inner.delete(request)

    def update(self, request: Any) -> ProgressEvent:
        """The amendment's way, else the community's; fails when there is none and the change matters."""
        try:
            return self._update(request)
        except NotImplementedError:
            return self._unserved(request)
        except Exception as error:  # noqa: BLE001 - the engine would report its own words instead of the reason
            return failed(str(error))

    def _update(self, request: Any) -> ProgressEvent:
        previous = request.previous_state or {}
        kept = {name: previous[name] for name in self.amendment.keeps if name in previous}
        wanted = replace(request, desired_state={**kept, **request.desired_state})
        match self.amendment.update:
            case "put":
                event = self.inner.create(wanted)
            case "recreate":
                event = self._recreate(wanted, previous)
            case "calls":
                event = ProgressEvent(OperationStatus.SUCCESS, resource_model={**previous, **wanted.desired_state})
            case _:
                return self.inner.update(request)
        if event.status is OperationStatus.SUCCESS:
            self._apply(replace(wanted, desired_state=event.resource_model))
        return event

    def _recreate(self, request: Any, previous: Mapping[str, Any]) -> ProgressEvent:
        self.inner.delete(replace(request, desired_state=dict(previous)))
        return self.inner.create(request)

    def _apply(self, request: Any) -> None:
        item = replace(resource_of(request), previous=request.previous_state or {})
        for call in self.amendment.calls:
            if call.applies(item):
                perform(self.amendment.service, call, item)

    def _unserved(self, request: Any) -> ProgressEvent:
        previous = request.previous_state or {}
        changed = {name for name, value in request.desired_state.items() if previous.get(name) != value}
        if changed <= HARMLESS:
            return ProgressEvent(OperationStatus.SUCCESS, resource_model={**previous, **request.desired_state})
        names = ", ".join(sorted(changed))
        return failed(f"{self.resource_type} cannot be updated in the local cloud ({names}): deploy into a new one")


def perform(service: str, call: Call, item: Any) -> Any:
    """One typed API call for a resource."""
    client = client_for(service, item.account, item.region)
    return getattr(client, call.operation)(**cast(call.parameters(item), input_shape(client, call)))
