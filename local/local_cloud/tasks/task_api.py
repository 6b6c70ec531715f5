"""ECS operations on tasks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from localstack.aws.api import RequestContext

from .requests import Lookup, Request, check_network, page, refused
from .runner import Runner
from .scheduler import BY_USER
from .state import State, new_task, task_arn
from .task import RUNNING, Task, to_api

DEFAULT_PAGE = 100


class TaskApi:
    """RunTask, StopTask, DescribeTasks, ListTasks."""

    def __init__(self, state: State, lookup: Lookup, runner: Runner) -> None:
        self._state = state
        self._lookup = lookup
        self._runner = runner

    def table(self) -> dict[str, Callable[[RequestContext, Request], Any]]:
        """Handlers by operation."""
        return {
            "RunTask": self.run,
            "StopTask": self.stop,
            "DescribeTasks": self.describe,
            "ListTasks": self.list,
        }

    def run(self, context: RequestContext, request: Request) -> Any:
        """RunTask"""
        cluster = self._lookup.cluster(context, request)
        definition = self._lookup.definition(context, request["taskDefinition"])
        network = request.get("networkConfiguration", {})
        check_network(definition, network)
        started: list[Task] = []
        for _ in range(int(request.get("count", 1))):
            task = new_task(
                cluster,
                definition,
                request.get("group") or f"family:{definition['family']}",
                started_by=request.get("startedBy", ""),
                network=network,
                overrides=request.get("overrides", {}),
            )
            with self._state.lock:
                self._state.tasks[task.arn] = task
                inherited = definition["tags"] if request.get("propagateTags") == "TASK_DEFINITION" else []
                self._state.tags[task.arn] = [*inherited, *request.get("tags", [])]
            self._runner.start(task)
            started.append(task)
        return {"tasks": [self._shown(task) for task in started], "failures": []}

    def stop(self, context: RequestContext, request: Request) -> Any:
        """StopTask"""
        task = self._state.task(self._lookup.cluster(context, request), request["task"])
        if task is None:
            raise refused("InvalidParameterException", "The referenced task was not found.")
        task.request_stop(BY_USER, request.get("reason") or "Task stopped by user")
        return {"task": self._shown(task)}

    def describe(self, context: RequestContext, request: Request) -> Any:
        """DescribeTasks"""
        cluster = self._lookup.cluster(context, request)
        found = {reference: self._state.task(cluster, reference) for reference in request["tasks"]}
        with_tags = "TAGS" in request.get("include", [])
        return {
            "tasks": [self._shown(task, with_tags) for task in found.values() if task],
            "failures": [
                {"arn": task_arn(cluster, reference.rpartition("/")[2]), "reason": "MISSING"}
                for reference, task in found.items()
                if not task
            ],
        }

    def list(self, context: RequestContext, request: Request) -> Any:
        """ListTasks"""
        cluster = self._lookup.cluster(context, request)
        if request.get("serviceName") and self._state.service(cluster, request["serviceName"]) is None:
            raise refused("ServiceNotFoundException", "Service not found.")
        tasks = [task for task in self._state.tasks_in(cluster) if _matches(task, request)]
        arns, more = page([task.arn for task in tasks], request, DEFAULT_PAGE)
        return {"taskArns": arns, **more}

    def _shown(self, task: Task, with_tags: bool = False) -> dict[str, Any]:
        tags = {"tags": self._state.tags.get(task.arn, [])} if with_tags else {}
        return {**to_api(task), **tags}


def _matches(task: Task, request: Request) -> bool:
    wanted = {
        "serviceName": task.service,
        "family": task.definition["family"],
        "startedBy": task.started_by.rpartition("/")[2],
        "launchType": "FARGATE",
    }
    if task.desired != request.get("desiredStatus", RUNNING):
        return False
    return all(request[key].rpartition("/")[2] == value for key, value in wanted.items() if key in request)
