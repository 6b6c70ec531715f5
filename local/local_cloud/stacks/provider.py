"""Runs a `ResourceType` as a LocalStack resource provider: typed boto3 calls against this cloud's own APIs."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from botocore.exceptions import ClientError, ParamValidationError
from local_cloud.stacks.casting import cast
from local_cloud.stacks.resource import Call, Client, Named, Resource, ResourceType, lookup
from localstack.aws.connect import connect_to
from localstack.services.cloudformation.resource_provider import OperationStatus, ProgressEvent, ResourceProvider

PHYSICAL_ID = "PhysicalIdOfTheLocalCloud"
MISSING = ("NotFound", "NoSuch", "DoesNotExist", "ResourceNotFound", "NotFoundException")


def provider_for(type_name: str, spec: ResourceType) -> type[ResourceProvider]:
    """The resource provider class of a type."""

    class Provider(TypedProvider):
        TYPE = type_name
        SPEC = spec
        SCHEMA: ClassVar[dict[str, Any]] = schema_of(spec)

    return Provider


def schema_of(spec: ResourceType) -> dict[str, Any]:
    """What LocalStack asks of a type's schema: where its physical id is and which changes replace it."""
    names = spec.create_only if spec.update else (*spec.create_only, *parameter_names(spec))
    return {
        "primaryIdentifier": [f"/properties/{PHYSICAL_ID}"],
        "createOnlyProperties": [f"/properties/{name}" for name in names],
        "properties": {},
    }


def updates(spec: ResourceType) -> tuple[Call, ...]:
    """The calls of an update; none where every change that the API knows replaces the resource."""
    if isinstance(spec.update, Call):
        return (spec.update,)
    return spec.update or ()


def parameter_names(spec: ResourceType) -> list[str]:
    """The parameters of the creating operation as CloudFormation spells properties."""
    shape = input_shape(client_for(spec.service, "000000000000", "us-east-1"), spec.create)
    return [name[:1].upper() + name[1:] for name in shape.members]


def client_for(service: str, account: str, region: str) -> Client:
    """A client of one of this cloud's APIs."""
    return getattr(connect_to(aws_access_key_id=account, region_name=region), service.replace("-", "_"))


def input_shape(client: Client, call: Call) -> Any:
    """The parameters of an operation as botocore knows them."""
    operation = client.meta.method_to_api_mapping[call.operation]
    return client.meta.service_model.operation_model(operation).input_shape


class TypedProvider(ResourceProvider):
    """Create, update and delete as the type's `SPEC` says; the error of an API call is the reason in the events."""

    SPEC: ClassVar[ResourceType]

    def create(self, request: Any) -> ProgressEvent:
        """Make the resource, then what belongs to it, then wait until it works."""
        item = with_name(resource_of(request), self.SPEC.named)
        reply = self._call(self.SPEC.create, item)
        item = replace(item, id=self.SPEC.identifier(reply, item))
        item = replace(item, properties=nested(item.properties, attributes_of(self.SPEC, reply)))
        return self._complete(item)

    def update(self, request: Any) -> ProgressEvent:
        """Change the resource in place; LocalStack replaces it instead where a create-only property changed."""
        previous = dict(request.previous_state or {})
        # the engine swallows the reason of an exception here, unlike in a creation
        try:
            return self._update(request, previous)
        except (ClientError, ParamValidationError, KeyError, ValueError) as error:
            return failed(str(error))

    def _update(self, request: Any, previous: dict[str, Any]) -> ProgressEvent:
        kept = {**computed(self.SPEC, previous), **dict(request.desired_state)}
        item = replace(resource_of(request), properties=kept, id=previous[PHYSICAL_ID], previous=previous)
        for call in updates(self.SPEC):
            self._call(call, item)
        return self._complete(item)

    def delete(self, request: Any) -> ProgressEvent:
        """Remove the resource; that it is gone already is no error."""
        item = resource_of(request)
        calls = (*self.SPEC.before_delete, self.SPEC.delete) if self.SPEC.delete and item.id else ()
        for call in calls:
            try:
                if call.applies(item):
                    self._call(call, item)
            except ClientError as error:
                if not is_missing(error, self.SPEC.gone):
                    return failed(str(error))
        return ProgressEvent(status=OperationStatus.SUCCESS, resource_model={})

    def _complete(self, item: Resource) -> ProgressEvent:
        for call in self.SPEC.follow_up:
            if call.applies(item):
                self._call(call, item)
        derived = self.SPEC.derived(item) if self.SPEC.derived else {}
        model = {**item.properties, **derived, PHYSICAL_ID: item.id}
        if self.SPEC.settle and (reason := self.SPEC.settle(self._client(item), item)):
            return failed(reason, model)
        return ProgressEvent(status=OperationStatus.SUCCESS, resource_model=model)

    def _client(self, item: Resource) -> Client:
        return client_for(self.SPEC.service, item.account, item.region)

    def _call(self, call: Call, item: Resource) -> Mapping[str, Any]:
        client = self._client(item)
        parameters = cast(call.parameters(item), input_shape(client, call))
        reply: Mapping[str, Any] = getattr(client, call.operation)(**parameters)
        return reply


def resource_of(request: Any) -> Resource:
    """The resource that a request of LocalStack's engine is about."""
    properties = dict(request.desired_state or request.previous_state or {})
    return Resource(
        stack=request.stack_name,
        logical_id=request.logical_resource_id,
        region=request.region_name,
        account=request.account_id,
        properties=properties,
        id=properties.pop(PHYSICAL_ID, ""),
    )


def with_name(item: Resource, named: Named | None) -> Resource:
    """The resource with a name, invented from stack and logical id where the template gives none."""
    if named is None or item.get(named.property):
        return item
    suffix = uuid.uuid4().hex[:12]
    stem = f"{item.stack}-{item.logical_id}"[: named.limit - len(suffix) - 1].rstrip("-")
    name = f"{stem}-{suffix}"
    return replace(item, properties={**item.properties, named.property: name.lower() if named.lower else name})


def attributes_of(spec: ResourceType, reply: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes of Fn::GetAtt that the API answered."""
    found = {name: lookup(reply, path) for name, path in spec.attributes.items()}
    return {name: value for name, value in found.items() if value is not None}


def computed(spec: ResourceType, previous: Mapping[str, Any]) -> dict[str, Any]:
    """What an update does not mention but the resource keeps: its attributes and its invented name."""
    names = [name.split(".")[0] for name in spec.attributes]
    names += [spec.named.property] if spec.named else []
    return {name: previous[name] for name in names if name in previous}


def nested(properties: Mapping[str, Any], attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Properties with attributes laid over them; a dotted attribute name becomes nested objects."""
    model = dict(properties)
    for path, value in attributes.items():
        *parents, last = path.split(".")
        place = model
        for name in parents:
            place[name] = dict(place.get(name) or {})
            place = place[name]
        place[last] = value
    return model


def is_missing(error: ClientError, codes: tuple[str, ...]) -> bool:
    """Whether an API says that the resource is not there."""
    code = str(error.response["Error"].get("Code", ""))
    return code in codes or any(part in code for part in MISSING)


def failed(reason: str, model: dict[str, Any] | None = None) -> ProgressEvent:
    """A failure whose reason shows in the stack's events; with what exists in spite of it, for the rollback."""
    return ProgressEvent(status=OperationStatus.FAILED, resource_model=model or {}, message=reason)
