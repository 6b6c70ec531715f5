"""An ECS task as a replica: the same form in DescribeTasks' answer and in EventBridge's "ECS Task State Change"."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from functions.core.models import Replica

ENDING = ("DEACTIVATING", "STOPPING", "DEPROVISIONING")
SCALED_IN = "Scaling activity initiated by"  # how ECS explains a task that was one too many


def from_task(task: Mapping[str, Any], port: int) -> Replica:
    """Raises KeyError for what is not a task."""
    status = task["lastStatus"]
    stopped = status == "STOPPED"
    ending = not stopped and (status in ENDING or task.get("desiredStatus") == "STOPPED")
    health = task.get("healthStatus", "UNKNOWN")
    return Replica(
        task=task["taskArn"].rsplit("/", 1)[-1],
        address=address(task, port),
        healthy=status == "RUNNING" and not ending and health == "HEALTHY",
        version=task["version"],
        stopped=stopped,
        reason=reason(task, stopped=stopped, ending=ending, unhealthy=health == "UNHEALTHY"),
        since=since(task),
    )


def address(task: Mapping[str, Any], port: int) -> str:
    """host:port; empty until the task has its network interface."""
    for attachment in task.get("attachments", []):
        for detail in attachment.get("details", []):
            if detail.get("name") == "privateIPv4Address":
                return f"{detail['value']}:{port}"
    for container in task.get("containers", []):
        for interface in container.get("networkInterfaces", []):
            if interface.get("privateIpv4Address"):
                return f"{interface['privateIpv4Address']}:{port}"
    return ""


def reason(task: Mapping[str, Any], *, stopped: bool, ending: bool, unhealthy: bool) -> str:
    """Why a task is not healthy; empty for one that is, that is only starting, or that was asked to go."""
    if (stopped or ending) and str(task.get("stoppedReason")).startswith(SCALED_IN):
        return ""
    if stopped or ending:
        return end_reason(task, "stopped" if stopped else "stopping")
    return "the health check fails" if unhealthy else ""


def end_reason(task: Mapping[str, Any], otherwise: str) -> str:
    """ECS's sentence, the exit code, and what the container runtime said, which is known before the task is gone."""
    said = [str(task.get("stoppedReason") or otherwise)]
    for container in task.get("containers", []):
        if container.get("exitCode") is not None:
            said.append(f"exit code {container['exitCode']}")
        if container.get("reason"):
            said.append(str(container["reason"]))
    return ", ".join(said)


def since(task: Mapping[str, Any]) -> datetime | None:
    moment = task.get("stoppedAt") or task.get("startedAt") or task.get("createdAt")
    if isinstance(moment, str):
        return datetime.fromisoformat(moment)
    return moment if isinstance(moment, datetime) else None
