"""Services that are scalable targets follow the use of their processors.

What is to be followed is asked of Application Auto Scaling; who follows is here. A minute of the rule lasts five
seconds on this machine, so that nobody waits a quarter of an hour for a task to go.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from typing import Any

from ..engine.emulator import Emulator
from . import mirror
from .containers import UNITS_PER_CPU
from .scheduler import Scheduler
from .service import Service
from .state import State
from .task import RUNNING, Task
from .tracking import MINUTES_BELOW, Target, wanted

LOG = logging.getLogger(__name__)
MINUTE = 5.0
DIMENSION, METRIC = "ecs:service:DesiredCount", "ECSServiceAverageCPUUtilization"
# of a task: when it was looked at, and the processor time that it had used by then
Look = tuple[float, float]


class Follower:
    """Looks at the services once a minute and sets how many tasks they are to have."""

    def __init__(self, state: State, emulator: Emulator, scheduler: Scheduler) -> None:
        self._state = state
        self._emulator = emulator
        self._scheduler = scheduler
        self._looks: dict[str, Look] = {}
        self._used: dict[str, list[float]] = {}

    def run(self) -> None:
        """Begins, in a thread of its own."""
        threading.Thread(target=self._loop, name="service-follower", daemon=True).start()

    def _loop(self) -> None:
        while True:
            time.sleep(MINUTE)
            try:
                self._look()
            except Exception:
                LOG.exception("nobody follows the processors' use")

    def _look(self) -> None:
        services = [one for one in list(self._state.services.values()) if one.status == "ACTIVE"]
        before, self._looks = self._looks, {}
        self._used = {one.arn: self._used[one.arn] for one in services if one.arn in self._used}
        for account, region in {(one.account, one.region) for one in services}:
            targets = dict(_targets(self._emulator.client("application-autoscaling", account, region)))
            for service in services:
                target = targets.get(_resource(service))
                if target and (service.account, service.region) == (account, region):
                    self._follow(service, target, before)

    def _follow(self, service: Service, target: Target, before: dict[str, Look]) -> None:
        tasks = [one for one in self._state.tasks_of(service) if one.status == RUNNING]
        now = {task.arn: _spent(task) for task in tasks}
        self._looks |= now
        used = _average(tasks, before, now)
        if used is None:
            return
        history = [*self._used.get(service.arn, []), used][-MINUTES_BELOW:]
        with self._state.lock:
            count = wanted(service.desired, history, target) if service.desired else 0
            self._used[service.arn] = history if count == service.desired else []
            if count == service.desired:
                return
            service.desired = count
            service.say(
                f"(service {service.name}) set desired count to {count}: its tasks use {used:.0f} % of their cpu."
            )
        mirror.put(service)
        self._scheduler.wake()


def _spent(task: Task) -> Look:
    running = [one.running for one in task.containers if one.running]
    return time.monotonic(), sum(container.processor_seconds() for container in running)


def _average(tasks: list[Task], before: dict[str, Look], now: dict[str, Look]) -> float | None:
    """Percent of what the tasks reserved, at most 100, as on Fargate; None when none was there a look ago."""
    used = reserved = 0.0
    for task in tasks:
        if task.arn in before:
            (began, spent_then), (ended, spent_now) = before[task.arn], now[task.arn]
            processors = int(task.definition.get("cpu") or UNITS_PER_CPU) / UNITS_PER_CPU
            reserved += processors * (ended - began)
            used += min(max(spent_now - spent_then, 0.0), processors * (ended - began))
    return 100 * used / reserved if reserved else None


def _resource(service: Service) -> str:
    return f"service/{service.cluster.rpartition('/')[2]}/{service.name}"


def _targets(scaling: Any) -> Iterator[tuple[str, Target]]:
    """What follows the processor's use, by resource id."""
    targets = scaling.get_paginator("describe_scalable_targets").paginate(ServiceNamespace="ecs")
    policies = scaling.get_paginator("describe_scaling_policies").paginate(ServiceNamespace="ecs")
    percents = {
        policy["ResourceId"]: float(tracking["TargetValue"])
        for page in policies
        for policy in page["ScalingPolicies"]
        if (tracking := policy.get("TargetTrackingScalingPolicyConfiguration"))
        and tracking.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType") == METRIC
    }
    for page in targets:
        for one in page["ScalableTargets"]:
            if one["ScalableDimension"] == DIMENSION and one["ResourceId"] in percents:
                suspended = one.get("SuspendedState", {})
                yield (
                    one["ResourceId"],
                    Target(
                        one["MinCapacity"],
                        one["MaxCapacity"],
                        percents[one["ResourceId"]],
                        may_grow=not suspended.get("DynamicScalingOutSuspended", False),
                        may_shrink=not suspended.get("DynamicScalingInSuspended", False),
                    ),
                )
