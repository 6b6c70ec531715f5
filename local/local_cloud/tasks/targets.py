"""A service's load balancers: its ready tasks are targets of their target groups."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from typing import Any

from ..engine.emulator import Emulator
from .service import Service
from .task import Task

LOG = logging.getLogger(__name__)
LONGEST_DRAIN = 3.0


class Targets:
    """Registers and deregisters tasks, through the API that the edge reads."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    def register(self, service: Service, task: Task) -> None:
        """Lets traffic come to a task."""
        for group, target in _targets(service, task):
            self._client(service).register_targets(TargetGroupArn=group, Targets=[target])
        task.is_registered = True

    def deregister(self, service: Service, task: Task) -> None:
        """Keeps new traffic from a task, and waits until connections had time to end."""
        if not task.is_registered:
            return
        task.is_registered = False
        delay = 0.0
        for group, target in _targets(service, task):
            try:
                self._client(service).deregister_targets(TargetGroupArn=group, Targets=[target])
                delay = max(delay, self._delay(service, group))
            except Exception:
                # the group may be gone before the service, when a stack is deleted
                LOG.info("cannot deregister %s from %s", target, group, exc_info=True)
        time.sleep(min(delay, LONGEST_DRAIN))

    def _delay(self, service: Service, group: str) -> float:
        """The group's deregistration delay in seconds."""
        attributes = self._client(service).describe_target_group_attributes(TargetGroupArn=group)["Attributes"]
        found = {attribute["Key"]: attribute["Value"] for attribute in attributes}
        return float(found.get("deregistration_delay.timeout_seconds") or 0)

    def _client(self, service: Service) -> Any:
        return self._emulator.client("elbv2", service.account, service.region)


def _targets(service: Service, task: Task) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for balancer in service.request.get("loadBalancers", []):
        if balancer.get("targetGroupArn"):
            yield balancer["targetGroupArn"], {"Id": task.address, "Port": balancer["containerPort"]}
