"""The service scheduler: looks at every service a few times a second and does what its plan says."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable
from datetime import timedelta

from ..engine.health import UNHEALTHY
from .announce import Announcer
from .plan import Fact, Plan, Wish, plan
from .runner import Runner
from .service import Deployment, Service
from .state import State, new_task
from .targets import Targets
from .task import RUNNING, STOPPED, Task, now

LOG = logging.getLogger(__name__)
INTERVAL = 0.5
BY_SCHEDULER, BY_USER = "ServiceSchedulerInitiated", "UserInitiated"
# a task that ends sooner is held back as one that never was ready
SHORT_LIFE = timedelta(seconds=10)


class Scheduler:
    """Keeps services at their number of tasks."""

    def __init__(self, state: State, announcer: Announcer, targets: Targets) -> None:
        self._state = state
        self._announcer = announcer
        self._targets = targets
        self._wake = threading.Event()

    def run(self, runner: Runner) -> None:
        """Begins, in a thread of its own."""
        threading.Thread(target=self._loop, args=(runner,), name="service-scheduler", daemon=True).start()

    def wake(self) -> None:
        """Looks at once."""
        self._wake.set()

    def task_changed(self, task: Task) -> None:
        """To be told of every change of a task."""
        self._announcer.task_changed(task)
        service = self._service(task)
        if service and task.desired == STOPPED and not task.is_counted:
            with self._state.lock:
                task.is_counted = True
                self._note_end(service, task)
        self.wake()

    def task_leaves(self, task: Task) -> None:
        """To be told before a task that ran is stopped."""
        service = self._service(task)
        if service:
            self._targets.deregister(service, task)

    def _loop(self, runner: Runner) -> None:
        while True:
            self._wake.wait(INTERVAL)
            self._wake.clear()
            self._state.forget_old()
            for service in list(self._state.services.values()):
                if service.status != "INACTIVE":
                    self._look_safely(service, runner)

    def _look_safely(self, service: Service, runner: Runner) -> None:
        try:
            with self._state.lock:
                self._look(service, runner)
        except Exception:
            LOG.exception("service %s", service.arn)

    def _look(self, service: Service, runner: Runner) -> None:
        tasks = self._state.tasks_of(service)
        living = {task.arn: task for task in tasks if task.desired == RUNNING}
        self._welcome(service, living.values())
        wish = Wish(
            service.primary.id,
            service.desired,
            service.least_healthy,
            service.most_running,
            may_start=_may_start(service.primary, tasks),
        )
        facts = [Fact(one.arn, one.deployment, one.is_ready, one.health == UNHEALTHY) for one in living.values()]
        self._act(service, plan(facts, wish), living, runner)
        self._conclude(service, tasks)

    def _welcome(self, service: Service, tasks: Iterable[Task]) -> None:
        """Tasks that have become ready get traffic."""
        deployments = {deployment.id: deployment for deployment in service.deployments}
        for task in tasks:
            if not task.is_ready:
                continue
            if not task.is_registered:
                self._targets.register(service, task)
            task.was_healthy = True
            has_check = any(container.has_check for container in task.containers)
            if task.deployment in deployments and (has_check or now() - task.moments["startedAt"] > SHORT_LIFE):
                deployments[task.deployment].note_success()

    def _act(self, service: Service, moves: Plan, living: dict[str, Task], runner: Runner) -> None:
        for arn in moves.unhealthy:
            service.say(f"(service {service.name}) (task {living[arn].id}) failed container health checks.")
            living[arn].request_stop(BY_SCHEDULER, "Task failed container health checks")
        for arn in (*moves.surplus, *moves.replaced):
            reason = f"Scaling activity initiated by (deployment {service.primary.id})"
            living[arn].request_stop(BY_SCHEDULER, reason)
            service.say(f"(service {service.name}) has stopped 1 running tasks: (task {living[arn].id}).")
        for _ in range(moves.start):
            self._start(service, service.primary, runner)

    def _start(self, service: Service, deployment: Deployment, runner: Runner) -> None:
        tags = {"SERVICE": self._state.tags.get(service.arn), "TASK_DEFINITION": deployment.definition.get("tags")}
        task = new_task(
            service.cluster,
            deployment.definition,
            f"service:{service.name}",
            started_by=deployment.id,
            deployment=deployment.id,
            network=deployment.network,
        )
        self._state.tags[task.arn] = list(tags.get(service.request.get("propagateTags", "NONE")) or [])
        self._state.tasks[task.arn] = task
        service.say(f"(service {service.name}) has started 1 tasks: (task {task.id}).")
        runner.start(task)

    def _conclude(self, service: Service, tasks: list[Task]) -> None:
        primary = service.primary
        ready = [task for task in tasks if task.deployment == primary.id and task.is_ready]
        is_steady = len(ready) == service.desired and len(tasks) == len(ready) and primary.rollout != "FAILED"
        if service.status == "DRAINING" and not tasks:
            service.status = "INACTIVE"
            return
        if is_steady and primary.rollout == "IN_PROGRESS":
            primary.rollout, primary.updated = "COMPLETED", now()
            primary.reason = f"ECS deployment {primary.id} completed."
            service.deployments, service.stable = [primary], primary
            service.say(f"(service {service.name}) (deployment {primary.id}) deployment completed.")
            self._announcer.deployment_changed(service, primary)
        if is_steady and not service.is_steady:
            service.say(f"(service {service.name}) has reached a steady state.")
            self._announcer.service_acted(service, "SERVICE_STEADY_STATE")
        service.is_steady = is_steady

    def _note_end(self, service: Service, task: Task) -> None:
        deployment = next((one for one in service.deployments if one.id == task.deployment), None)
        was_long = task.was_healthy and now() - task.moments["createdAt"] > SHORT_LIFE
        by_us = task.stop_code == BY_SCHEDULER and task.health != UNHEALTHY
        if deployment is None or was_long or by_us or task.stop_code == BY_USER:
            return
        deployment.note_failure()
        service.say(f"(service {service.name}) (task {task.id}) stopped: {task.stopped_reason}")
        limit = service.failure_limit
        if limit and deployment.failed >= limit and deployment.rollout == "IN_PROGRESS":
            self._fail(service, deployment)
        elif deployment.failed == 3:
            service.say(f"(service {service.name}) is unable to consistently start tasks successfully.")
            self._announcer.service_acted(service, "SERVICE_TASK_START_IMPAIRED", "WARN")

    def _fail(self, service: Service, deployment: Deployment) -> None:
        """The circuit breaker opens."""
        deployment.rollout, deployment.updated = "FAILED", now()
        deployment.reason = "ECS deployment circuit breaker: tasks failed to start."
        service.say(f"(service {service.name}) (deployment {deployment.id}) deployment failed: tasks failed to start.")
        self._announcer.deployment_changed(service, deployment)
        stable = service.stable
        if stable and service.configuration["deploymentCircuitBreaker"].get("rollback"):
            back = Deployment(stable.definition, stable.network)
            back.reason = f"ECS deployment circuit breaker: rolling back to deploymentId {stable.id}."
            service.deployments.insert(0, back)
            service.say(f"(service {service.name}) rolling back to deployment {stable.id}.")
            self._announcer.deployment_changed(service, back)

    def _service(self, task: Task) -> Service | None:
        return self._state.service(task.cluster, task.service) if task.service else None


def _may_start(deployment: Deployment, tasks: Iterable[Task]) -> bool:
    """Not after the circuit breaker, not during a pause, and not while it is open what an end means."""
    is_open = any(task.desired == STOPPED and not task.is_counted for task in tasks)
    return deployment.rollout != "FAILED" and time.monotonic() >= deployment.next_start and not is_open
