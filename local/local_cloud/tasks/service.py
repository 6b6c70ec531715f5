"""A service and its deployments, as data."""

from __future__ import annotations

import itertools
import math
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .task import now

MAX_EVENTS = 100
LONGEST_PAUSE = 30.0


@dataclass
class Deployment:
    """One roll-out of one task definition.

    Attributes:
        failed: tasks that ended before they were ready, since the last one that became it.
    """

    definition: Mapping[str, Any]
    network: Mapping[str, Any]
    id: str = field(default_factory=lambda: f"ecs-svc/{secrets.randbelow(10**19):019d}")
    rollout: str = "IN_PROGRESS"
    reason: str = ""
    failed: int = 0
    next_start: float = 0.0
    created: datetime = field(default_factory=now)
    updated: datetime = field(default_factory=now)

    def note_failure(self) -> None:
        """A task ended before it was ready: the next one waits longer."""
        self.failed += 1
        self.next_start = time.monotonic() + min(2.0 ** (self.failed - 1), LONGEST_PAUSE)

    def note_success(self) -> None:
        """A task became ready."""
        self.failed = 0
        self.next_start = 0.0


@dataclass
class Service:
    """One service; the first deployment is the primary one. `request` is what CreateService was given."""

    arn: str
    cluster: str
    name: str
    request: dict[str, Any]
    desired: int
    deployments: list[Deployment]
    status: str = "ACTIVE"
    stable: Deployment | None = None
    is_steady: bool = False
    events: list[dict[str, Any]] = field(default_factory=list)
    created: datetime = field(default_factory=now)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    @property
    def region(self) -> str:
        return self.arn.split(":")[3]

    @property
    def account(self) -> str:
        return self.arn.split(":")[4]

    @property
    def primary(self) -> Deployment:
        return self.deployments[0]

    @property
    def configuration(self) -> dict[str, Any]:
        """Its deploymentConfiguration, complete."""
        given = self.request.get("deploymentConfiguration", {})
        breaker = {"enable": False, "rollback": False}
        return {"maximumPercent": 200, "minimumHealthyPercent": 100, "deploymentCircuitBreaker": breaker, **given}

    @property
    def least_healthy(self) -> int:
        """Tasks that must stay healthy during a roll-out."""
        return math.ceil(self.desired * int(self.configuration["minimumHealthyPercent"]) / 100)

    @property
    def most_running(self) -> int:
        """Tasks that may run at once."""
        return math.floor(self.desired * int(self.configuration["maximumPercent"]) / 100)

    @property
    def failure_limit(self) -> int | None:
        """Failed tasks after which a deployment has failed; None without a circuit breaker."""
        if not self.configuration["deploymentCircuitBreaker"].get("enable"):
            return None
        return min(200, max(3, math.ceil(self.desired / 2)))

    def say(self, message: str) -> None:
        """Adds a line to its events, newest first."""
        event = {"id": f"{self.name}-{next(self._numbers)}", "createdAt": now(), "message": message}
        self.events = [event, *self.events][:MAX_EVENTS]


@dataclass(frozen=True)
class Counts:
    """Tasks of one deployment."""

    running: int = 0
    pending: int = 0


KEPT = (
    "loadBalancers", "networkConfiguration", "healthCheckGracePeriodSeconds", "propagateTags", "platformVersion",
    "enableExecuteCommand", "capacityProviderStrategy", "roleArn",
)  # fmt: skip


def to_api(service: Service, counts: Mapping[str, Counts]) -> dict[str, Any]:
    """As in DescribeServices, without tags; `counts` by deployment id."""
    request = service.request
    return {
        "serviceArn": service.arn,
        "serviceName": service.name,
        "clusterArn": service.cluster,
        "status": service.status,
        "desiredCount": service.desired,
        "runningCount": sum(one.running for one in counts.values()),
        "pendingCount": sum(one.pending for one in counts.values()),
        "launchType": request.get("launchType", "FARGATE"),
        "taskDefinition": service.primary.definition["taskDefinitionArn"],
        "deploymentConfiguration": service.configuration,
        "deploymentController": request.get("deploymentController", {"type": "ECS"}),
        "schedulingStrategy": "REPLICA",
        "deployments": [_deployment(service, one, counts.get(one.id, Counts())) for one in service.deployments],
        "events": list(service.events),
        "createdAt": service.created,
        "serviceRegistries": [],
        "placementConstraints": [],
        "placementStrategy": [],
        "enableECSManagedTags": request.get("enableECSManagedTags", False),
        **{key: request[key] for key in KEPT if key in request},
    }


def _deployment(service: Service, deployment: Deployment, counts: Counts) -> dict[str, Any]:
    is_primary = deployment is service.primary
    return {
        "id": deployment.id,
        "status": "PRIMARY" if is_primary else "ACTIVE",
        "taskDefinition": deployment.definition["taskDefinitionArn"],
        "desiredCount": service.desired if is_primary else counts.running,
        "runningCount": counts.running,
        "pendingCount": counts.pending,
        "failedTasks": deployment.failed,
        "createdAt": deployment.created,
        "updatedAt": deployment.updated,
        "launchType": service.request.get("launchType", "FARGATE"),
        "networkConfiguration": deployment.network,
        "rolloutState": deployment.rollout,
        "rolloutStateReason": deployment.reason,
    }
