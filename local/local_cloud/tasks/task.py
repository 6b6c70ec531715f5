"""A task and its containers, as data that is safe to read while the task runs."""

from __future__ import annotations

import secrets
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ..engine.health import HEALTHY, UNHEALTHY, UNKNOWN
from ..engine.ports import Container

RUNNING, STOPPED = "RUNNING", "STOPPED"


def now() -> datetime:
    """The present moment, with its zone."""
    return datetime.now(UTC)


@dataclass
class ContainerState:
    """One container of a task. `definition` is its part of the task definition, overrides applied."""

    definition: Mapping[str, Any]
    arn: str
    status: str = "PENDING"
    health: str = UNKNOWN
    exit_code: int | None = None
    reason: str | None = None
    running: Container | None = None

    @property
    def name(self) -> str:
        return str(self.definition["name"])

    @property
    def is_essential(self) -> bool:
        return bool(self.definition.get("essential", True))

    @property
    def has_check(self) -> bool:
        return bool(self.definition.get("healthCheck", {}).get("command", ["NONE"])[0] != "NONE")


@dataclass
class Task:
    """One task.

    Attributes:
        group: "service:<name>" or "family:<family>".
        deployment: id of the deployment that started it; empty without a service.
        was_healthy: it has once been what its service wants.
        is_counted: its service has drawn the consequence of its end.
    """

    arn: str
    cluster: str
    definition: Mapping[str, Any]
    group: str
    started_by: str = ""
    deployment: str = ""
    network: Mapping[str, Any] = field(default_factory=dict)
    tags: list[dict[str, str]] = field(default_factory=list)
    overrides: Mapping[str, Any] = field(default_factory=dict)
    containers: list[ContainerState] = field(default_factory=list)
    status: str = "PROVISIONING"
    desired: str = RUNNING
    address: str = ""
    stop_code: str = ""
    stopped_reason: str = ""
    was_healthy: bool = False
    is_registered: bool = False
    is_counted: bool = False
    version: int = 0
    moments: dict[str, datetime] = field(default_factory=lambda: {"createdAt": now()})
    wake: threading.Event = field(default_factory=threading.Event)
    lock: threading.RLock = field(default_factory=threading.RLock)
    eni: str = field(default_factory=lambda: f"eni-{secrets.token_hex(8)}")
    attachment: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def region(self) -> str:
        return self.arn.split(":")[3]

    @property
    def account(self) -> str:
        return self.arn.split(":")[4]

    @property
    def id(self) -> str:
        return self.arn.rpartition("/")[2]

    @property
    def service(self) -> str:
        """Name of its service, or nothing."""
        return self.group.removeprefix("service:") if self.group.startswith("service:") else ""

    @property
    def health(self) -> str:
        """HEALTHY when every essential container with a check is; UNKNOWN without any check."""
        found = {one.health for one in self.containers if one.is_essential and one.has_check}
        return next((health for health in (UNHEALTHY, UNKNOWN, HEALTHY) if health in found), UNKNOWN)

    @property
    def is_ready(self) -> bool:
        """Running, and healthy where somebody looks."""
        has_check = any(one.has_check for one in self.containers if one.is_essential)
        return self.status == RUNNING and self.desired == RUNNING and (not has_check or self.health == HEALTHY)

    @property
    def ports(self) -> list[int]:
        """The ports its containers listen at."""
        mappings = (mapping for one in self.containers for mapping in one.definition.get("portMappings", []))
        return [int(mapping["containerPort"]) for mapping in mappings if mapping.get("protocol", "tcp") == "tcp"]

    def request_stop(self, code: str, reason: str) -> None:
        """Asks the task's thread to end it; the first reason given stays."""
        with self.lock:
            if self.desired == RUNNING:
                self.desired, self.stop_code, self.stopped_reason = STOPPED, code, reason
        self.wake.set()


def to_api(task: Task) -> dict[str, Any]:
    """As in DescribeTasks, without tags."""
    with task.lock:
        definition = task.definition
        shown: dict[str, Any] = {
            "taskArn": task.arn,
            "clusterArn": task.cluster,
            "taskDefinitionArn": definition["taskDefinitionArn"],
            "group": task.group,
            "startedBy": task.started_by,
            "lastStatus": task.status,
            "desiredStatus": task.desired,
            "healthStatus": task.health,
            "launchType": "FARGATE",
            "platformVersion": "1.4.0",
            "platformFamily": "Linux",
            "availabilityZone": f"{task.region}a",
            "connectivity": "CONNECTED",
            "enableExecuteCommand": False,
            "attributes": [],
            "overrides": {"containerOverrides": [], "inferenceAcceleratorOverrides": [], **task.overrides},
            "version": task.version,
            "attachments": [_attachment(task)],
            "containers": [_container(task, container) for container in task.containers],
            **{key: definition[key] for key in ("cpu", "memory") if definition.get(key)},
            **task.moments,
        }
        if task.stop_code:
            shown |= {"stopCode": task.stop_code, "stoppedReason": task.stopped_reason}
        return shown


def _container(task: Task, container: ContainerState) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "containerArn": container.arn,
        "taskArn": task.arn,
        "name": container.name,
        "image": container.definition["image"],
        "lastStatus": container.status,
        "healthStatus": container.health,
        "networkBindings": [],
        "networkInterfaces": [{"attachmentId": task.attachment, "privateIpv4Address": task.address}],
        "cpu": str(container.definition.get("cpu", 0)),
    }
    if container.running:
        shown |= {"imageDigest": container.running.image_digest, "runtimeId": container.running.id}
    if container.exit_code is not None:
        shown["exitCode"] = container.exit_code
    return shown | ({"reason": container.reason} if container.reason else {})


def _attachment(task: Task) -> dict[str, Any]:
    subnets = task.network.get("awsvpcConfiguration", {}).get("subnets", [])
    states = {"PROVISIONING": "PRECREATED", STOPPED: "DELETED"}
    details = {
        "subnetId": subnets[0] if subnets else "",
        "networkInterfaceId": task.eni,
        "privateIPv4Address": task.address,
    }
    return {
        "id": task.attachment,
        "type": "ElasticNetworkInterface",
        "status": states.get(task.status, "ATTACHED"),
        "details": [{"name": name, "value": value} for name, value in details.items() if value],
    }
