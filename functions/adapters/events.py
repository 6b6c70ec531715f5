"""AWS's events about builds and tasks, its clock, and the gateway's wishes, translated into the platform's reports.

ECS sends no event when only the health of a task changes (and leaves `healthStatus` out of others), so the moments when
a rollout is complete or a service steady become `RolloutSettled`: the time to look at the replicas.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from functions.adapters.ecs_tasks import from_task
from functions.core.messages import ServableWanted
from functions.core.reports import (
    AnyReport,
    BuildFinished,
    MinutePassed,
    ReplicaChanged,
    RolloutFailed,
    RolloutSettled,
    ServableCalled,
)

SERVICE = "service:"
SETTLED = ("SERVICE_DEPLOYMENT_COMPLETED", "SERVICE_STEADY_STATE")
RUNNING_BUILD = "IN_PROGRESS"
GATEWAY, WANTED = "dewpoint.gateway", "Servable Wanted"


class Event(msgspec.Struct, frozen=True):
    """EventBridge's envelope, in which the gateway's messages come as well."""

    source: str
    detail_type: str = msgspec.field(name="detail-type")
    detail: dict[str, Any]
    resources: list[str] = []


class AwsEvents:
    """`port` is where servables listen: tasks do not say."""

    def __init__(self, port: int) -> None:
        self._port = port

    def read(self, body: str) -> AnyReport | None:
        """The report in an event; None for an event that says nothing to the platform.

        Raises msgspec.MsgspecError or KeyError for what only looks like a known event.
        """
        event = msgspec.json.decode(body, type=Event)
        match event.source, event.detail_type:
            case "aws.codebuild", "CodeBuild Build State Change":
                return from_build(event.detail)
            case "aws.ecs", "ECS Task State Change":
                return from_task_event(event.detail, self._port)
            case "aws.ecs", "ECS Deployment State Change" | "ECS Service Action":
                return from_service_event(event)
            case "aws.events", "Scheduled Event":
                return MinutePassed()
        if (event.source, event.detail_type) == (GATEWAY, WANTED):
            return from_wanted_event(event.detail)
        return None


def from_build(detail: Mapping[str, Any]) -> AnyReport | None:
    if detail["build-status"] == RUNNING_BUILD:
        return None
    return BuildFinished(str(detail["build-id"]).rsplit("build/", 1)[-1])


def from_task_event(detail: Mapping[str, Any], port: int) -> AnyReport | None:
    group = detail.get("group") or ""
    if not group.startswith(SERVICE):
        return None
    return ReplicaChanged(group.removeprefix(SERVICE), from_task(detail, port))


def from_service_event(event: Event) -> AnyReport | None:
    name, servable = event.detail["eventName"], event.resources[0].rsplit("/", 1)[-1]
    if name == "SERVICE_DEPLOYMENT_FAILED":
        return RolloutFailed(servable, event.detail.get("reason") or "the deployment failed")
    return RolloutSettled(servable) if name in SETTLED else None


def to_wanted_event(wanted: ServableWanted) -> str:
    event = {"source": GATEWAY, "detail-type": WANTED, "detail": wanted}
    return msgspec.json.encode(event).decode()


def from_wanted_event(detail: Mapping[str, Any]) -> AnyReport:
    return ServableCalled(msgspec.convert(detail, ServableWanted).servable)
