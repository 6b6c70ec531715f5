"""What the ECS operations have in common: looking up what a request names, and refusing it in ECS's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from localstack.aws.api import CommonServiceException, RequestContext

from ..engine.emulator import Emulator

Request = Mapping[str, Any]


def refused(code: str, message: str) -> CommonServiceException:
    """A client error."""
    return CommonServiceException(code, message, status_code=400)


class Lookup:
    """Clusters and task definitions, which moto keeps."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    def cluster(self, context: RequestContext, request: Request) -> str:
        """ARN of the request's cluster; raises ClusterNotFoundException."""
        name = str(request.get("cluster") or "default").rpartition("/")[2]
        found = self._ecs(context).describe_clusters(clusters=[name])["clusters"]
        if not found or found[0]["status"] != "ACTIVE":
            raise refused("ClusterNotFoundException", "Cluster not found.")
        return str(found[0]["clusterArn"])

    def definition(self, context: RequestContext, reference: str) -> dict[str, Any]:
        """An active task definition with its tags; raises ClientException."""
        ecs = self._ecs(context)
        try:
            found = ecs.describe_task_definition(taskDefinition=reference, include=["TAGS"])
        except ecs.exceptions.ClientError as error:
            raise refused("ClientException", "Unable to describe task definition.") from error
        if found["taskDefinition"]["status"] != "ACTIVE":
            raise refused("ClientException", "TaskDefinition is inactive")
        return {**found["taskDefinition"], "tags": found.get("tags", [])}

    def _ecs(self, context: RequestContext) -> Any:
        return self._emulator.client("ecs", context.account_id, context.region)


def check_network(definition: Mapping[str, Any], network: Mapping[str, Any]) -> None:
    """A task of awsvpc mode needs a network; raises InvalidParameterException."""
    if definition.get("networkMode") == "awsvpc" and not network.get("awsvpcConfiguration", {}).get("subnets"):
        message = "Network Configuration must be provided when networkMode 'awsvpc' is specified."
        raise refused("InvalidParameterException", message)


def page(found: Sequence[str], request: Request, default: int) -> tuple[list[str], dict[str, str]]:
    """One page of a list, and the token of the next."""
    begin = int(request.get("nextToken") or 0)
    size = int(request.get("maxResults") or default)
    more = {"nextToken": str(begin + size)} if begin + size < len(found) else {}
    return list(found[begin : begin + size]), more
