"""The life of a task, in a thread of its own: PROVISIONING, PENDING, RUNNING, ..., STOPPED."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from ..engine import health
from ..engine.log_stream import LogStream
from .addresses import Addresses
from .containers import Yard
from .errors import TaskFailure
from .task import RUNNING, STOPPED, ContainerState, Task, now

LOG = logging.getLogger(__name__)
STOP_TIMEOUT = 30.0


class Runner:
    """Runs tasks.

    Args:
        on_change: called after every change of a task, in the order of the changes.
        on_leaving: called once before a task that ran gets its first signal; it may wait for traffic to drain.
    """

    def __init__(
        self, yard: Yard, addresses: Addresses, on_change: Callable[[Task], None], on_leaving: Callable[[Task], None]
    ) -> None:
        self._yard = yard
        self._addresses = addresses
        self._on_change = on_change
        self._on_leaving = on_leaving

    def start(self, task: Task) -> None:
        """Begins a task's life."""
        self._on_change(task)
        threading.Thread(target=self._live, args=(task,), name=f"task {task.id}", daemon=True).start()

    def _live(self, task: Task) -> None:
        logs: list[LogStream] = []
        try:
            self._bring_up(task, logs)
            self._watch(task)
        except TaskFailure as failure:
            task.request_stop("TaskFailedToStart", failure.reason)
        except Exception as error:
            LOG.exception("task %s", task.arn)
            task.request_stop("TaskFailedToStart", f"InternalError: {error}")
        self._bring_down(task, logs)

    def _bring_up(self, task: Task, logs: list[LogStream]) -> None:
        task.address = self._addresses.take(task.ports)
        self._change(task, "PENDING", "pullStartedAt")
        for container in task.containers:
            try:
                self._start(task, container, logs)
            except TaskFailure as failure:
                container.reason = failure.reason
                raise
        if task.desired == RUNNING:
            self._change(task, RUNNING, "startedAt")

    def _start(self, task: Task, container: ContainerState, logs: list[LogStream]) -> None:
        self._yard.pull(task, container)
        task.moments["pullStoppedAt"] = now()
        log = self._yard.open_log(task, container)
        if log:
            logs.append(log)
        running = self._yard.start(task, container, log.write if log else _drop)
        with task.lock:
            container.running, container.status = running, RUNNING
        threading.Thread(target=self._await_end, args=(task, container), daemon=True).start()
        check = health.from_ecs(container.definition["healthCheck"]) if container.has_check else None
        if check:
            health.watch(running, check, lambda status: self._change_health(task, container, status))

    def _watch(self, task: Task) -> None:
        """Returns when the task is to end."""
        while task.desired == RUNNING:
            task.wake.wait()
            task.wake.clear()
            ended = [one for one in task.containers if one.is_essential and one.status == STOPPED]
            if ended:
                task.request_stop("EssentialContainerExited", "Essential container in task exited")

    def _bring_down(self, task: Task, logs: list[LogStream]) -> None:
        if "startedAt" in task.moments:
            self._change(task, "DEACTIVATING", "stoppingAt")
            self._on_leaving(task)
        self._change(task, "STOPPING", "stoppingAt")
        stops = [threading.Thread(target=_stop, args=(container,), daemon=True) for container in task.containers]
        for stop in stops:
            stop.start()
        for stop in stops:
            stop.join()
        for container in task.containers:
            self._end(task, container)
        self._change(task, "DEPROVISIONING", "executionStoppedAt")
        # who hears of the end can read the whole log
        for log in logs:
            log.close()
        if task.address:
            self._addresses.give_back(task.address)
        self._change(task, STOPPED, "stoppedAt")

    def _await_end(self, task: Task, container: ContainerState) -> None:
        if container.running:
            container.running.wait()
            self._end(task, container)
            task.wake.set()

    def _end(self, task: Task, container: ContainerState) -> None:
        with task.lock:
            container.status = STOPPED
            exit_ = container.running.wait(0) if container.running else None
            if exit_:
                container.exit_code, container.reason = exit_.code, exit_.reason

    def _change(self, task: Task, status: str, moment: str) -> None:
        with task.lock:
            task.status = status
            task.moments.setdefault(moment, now())
            task.version += 1
        self._on_change(task)

    def _change_health(self, task: Task, container: ContainerState, status: str) -> None:
        with task.lock:
            container.health = status
            task.version += 1
        self._on_change(task)


def _stop(container: ContainerState) -> None:
    if container.running:
        container.running.stop(float(container.definition.get("stopTimeout") or STOP_TIMEOUT))


def _drop(_line: str) -> None:
    """The output of a container without a log driver."""
