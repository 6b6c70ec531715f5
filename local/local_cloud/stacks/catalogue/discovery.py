"""Cloud Map."""

import time
from collections.abc import Mapping
from typing import Any

from local_cloud.stacks.provider import client_for
from local_cloud.stacks.resource import Call, Resource, ResourceType, answer

ATTEMPTS = 100
POLL_SECONDS = 0.1


def namespace_id(reply: Mapping[str, Any], item: Resource) -> str:
    """A namespace is made by an operation that has to be waited for."""
    client = client_for("servicediscovery", item.account, item.region)
    for _ in range(ATTEMPTS):
        operation = client.get_operation(OperationId=reply["OperationId"])["Operation"]
        if operation["Status"] == "FAIL":
            raise RuntimeError(operation.get("ErrorMessage", "the namespace could not be made"))
        if namespace := operation.get("Targets", {}).get("NAMESPACE"):
            return str(namespace)
        time.sleep(POLL_SECONDS)
    raise RuntimeError("the namespace was not made in time")


def namespace_arn(item: Resource) -> dict[str, str]:
    """Attributes that the operation does not answer."""
    return {"Id": item.id, "Arn": f"arn:aws:servicediscovery:{item.region}:{item.account}:namespace/{item.id}"}


def namespace_type(kind: str) -> ResourceType:
    """The type of one kind of namespace; any change replaces it."""
    return ResourceType(
        service="servicediscovery",
        create=Call(f"create_{kind}_namespace"),
        identifier=namespace_id,
        derived=namespace_arn,
        delete=Call("delete_namespace", lambda item: {"Id": item.id}),
    )


TYPES = {
    "AWS::ServiceDiscovery::HttpNamespace": namespace_type("http"),
    "AWS::ServiceDiscovery::PrivateDnsNamespace": namespace_type("private_dns"),
    "AWS::ServiceDiscovery::PublicDnsNamespace": namespace_type("public_dns"),
    "AWS::ServiceDiscovery::Service": ResourceType(
        service="servicediscovery",
        create=Call("create_service"),
        identifier=answer("Service.Id"),
        attributes={"Id": "Service.Id", "Arn": "Service.Arn", "Name": "Service.Name"},
        update=Call(
            "update_service",
            lambda item: {"Id": item.id, "Service": item.only("Description", "DnsConfig", "HealthCheckConfig")},
        ),
        delete=Call("delete_service", lambda item: {"Id": item.id}),
        create_only=("Name", "NamespaceId"),
    ),
}
