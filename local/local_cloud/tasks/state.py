"""Every task and service of the emulator, by account, region and cluster."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from .service import Counts, Service
from .task import RUNNING, STOPPED, ContainerState, Task, now

KEPT_AFTER_STOP = timedelta(hours=1)


@dataclass
class State:
    """The records. Who changes a service holds the lock; a task has its own."""

    services: dict[str, Service] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    tags: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def service(self, cluster: str, reference: str) -> Service | None:
        """A service by name or ARN."""
        return self.services.get(service_arn(cluster, reference.rpartition("/")[2]))

    def in_cluster(self, cluster: str) -> list[Service]:
        """Services of a cluster that are not gone."""
        with self.lock:
            return [one for one in self.services.values() if one.cluster == cluster and one.status != "INACTIVE"]

    def tasks_of(self, service: Service) -> list[Task]:
        """Its tasks that have not stopped."""
        group = f"service:{service.name}"
        return [one for one in self._tasks(service.cluster) if one.group == group and one.status != STOPPED]

    def tasks_in(self, cluster: str) -> list[Task]:
        """Every task of a cluster, also the stopped ones that are still shown."""
        return self._tasks(cluster)

    def task(self, cluster: str, reference: str) -> Task | None:
        """A task by id or ARN."""
        found = self.tasks.get(task_arn(cluster, reference.rpartition("/")[2]))
        return found if found and found.cluster == cluster else None

    def counts(self, service: Service) -> dict[str, Counts]:
        """Running and pending tasks by deployment."""
        counts: dict[str, Counts] = {}
        for task in self.tasks_of(service):
            before = counts.get(task.deployment, Counts())
            is_running = task.status == RUNNING
            is_pending = task.status in ("PROVISIONING", "PENDING")
            counts[task.deployment] = Counts(before.running + is_running, before.pending + is_pending)
        return counts

    def forget_old(self) -> None:
        """Drops tasks that stopped long ago."""
        limit = now() - KEPT_AFTER_STOP
        with self.lock:
            old = [arn for arn, one in self.tasks.items() if one.moments.get("stoppedAt", now()) < limit]
            for arn in old:
                del self.tasks[arn]
                self.tags.pop(arn, None)

    def _tasks(self, cluster: str) -> list[Task]:
        with self.lock:
            return [one for one in self.tasks.values() if one.cluster == cluster]


def service_arn(cluster: str, name: str) -> str:
    """ARN of a service of a cluster (by its ARN)."""
    return f"{cluster.replace(':cluster/', ':service/')}/{name}"


def task_arn(cluster: str, identifier: str) -> str:
    """ARN of a task of a cluster (by its ARN)."""
    return f"{cluster.replace(':cluster/', ':task/')}/{identifier}"


def new_task(cluster: str, definition: Mapping[str, Any], group: str, **more: Any) -> Task:
    """A task that has not begun; `more` are further attributes of Task."""
    identifier = uuid.uuid4().hex
    task = Task(task_arn(cluster, identifier), cluster, definition, group, **more)
    prefix = f"{cluster.replace(':cluster/', ':container/')}/{identifier}"
    overrides = {entry["name"]: entry for entry in task.overrides.get("containerOverrides", [])}
    for container in definition["containerDefinitions"]:
        own = _overridden(container, overrides.get(container["name"], {}))
        task.containers.append(ContainerState(own, f"{prefix}/{uuid.uuid4()}"))
    return task


def _overridden(container: Mapping[str, Any], override: Mapping[str, Any]) -> dict[str, Any]:
    environment = [*_named(container.get("environment", []), override.get("environment", []))]
    changes = {key: override[key] for key in ("command", "cpu", "memory") if key in override}
    return {**container, **changes, "environment": environment}


def _named(first: Iterable[dict[str, str]], second: Iterable[dict[str, str]]) -> Iterable[dict[str, str]]:
    """Entries by name; those of `second` win."""
    return {entry["name"]: entry for entry in [*first, *second]}.values()
