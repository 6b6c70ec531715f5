"""What EventBridge hears: the events of ECS, with the details AWS documents.

Reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_cwe_events.html
"""

from __future__ import annotations

from typing import Any

from ..engine.emulator import Event, EventBus
from .service import Deployment, Service
from .task import Task, now, to_api

SOURCE = "aws.ecs"


class Announcer:
    """Turns changes into events."""

    def __init__(self, bus: EventBus) -> None:
        self._bus = bus

    def task_changed(self, task: Task) -> None:
        """ECS Task State Change: the detail is the task as DescribeTasks shows it."""
        detail = {**to_api(task), "updatedAt": now()}
        self._bus.send(Event(task.account, task.region, SOURCE, "ECS Task State Change", [task.arn], detail))

    def service_acted(self, service: Service, name: str, kind: str = "INFO") -> None:
        """ECS Service Action, such as SERVICE_STEADY_STATE."""
        detail = {"eventType": kind, "eventName": name, "clusterArn": service.cluster, "createdAt": now()}
        self._send(service, "ECS Service Action", detail)

    def deployment_changed(self, service: Service, deployment: Deployment) -> None:
        """ECS Deployment State Change: SERVICE_DEPLOYMENT_IN_PROGRESS, _COMPLETED or _FAILED."""
        detail = {
            "eventType": "ERROR" if deployment.rollout == "FAILED" else "INFO",
            "eventName": f"SERVICE_DEPLOYMENT_{deployment.rollout}",
            "deploymentId": deployment.id,
            "updatedAt": now(),
            "reason": deployment.reason,
        }
        self._send(service, "ECS Deployment State Change", detail)

    def _send(self, service: Service, kind: str, detail: dict[str, Any]) -> None:
        self._bus.send(Event(service.account, service.region, SOURCE, kind, [service.arn], detail))
