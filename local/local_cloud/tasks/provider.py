"""The ECS API in the emulator: tasks and services are ours, everything else is moto's."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from localstack.aws.api import RequestContext
from localstack.aws.skeleton import Skeleton
from localstack.aws.spec import load_service
from localstack.services.moto import call_moto
from localstack.services.plugins import Service, aws_provider

from ..containers import choice
from ..engine import machine
from ..engine.emulator import Emulator, EventBus
from .addresses import Addresses
from .announce import Announcer
from .containers import Yard
from .follow import Follower
from .requests import Lookup, Request, refused
from .runner import Runner
from .scheduler import Scheduler
from .service_api import ServiceApi
from .state import State
from .targets import Targets
from .task import RUNNING
from .task_api import TaskApi

Handler = Callable[[RequestContext, Request], Any]


class ClusterApi:
    """What moto answers about clusters and tags, completed with our tasks and services."""

    def __init__(self, state: State) -> None:
        self._state = state

    def table(self) -> dict[str, Handler]:
        """Handlers by operation."""
        return {
            "DescribeClusters": self.describe,
            "DeleteCluster": self.delete,
            "TagResource": self.tag,
            "UntagResource": self.untag,
            "ListTagsForResource": self.list_tags,
        }

    def describe(self, context: RequestContext, _request: Request) -> Any:
        """DescribeClusters, with true counts."""
        answer = call_moto(context)
        for cluster in answer.get("clusters", []):
            tasks = self._state.tasks_in(cluster["clusterArn"])
            cluster["activeServicesCount"] = len(self._state.in_cluster(cluster["clusterArn"]))
            cluster["runningTasksCount"] = sum(task.status == RUNNING for task in tasks)
            cluster["pendingTasksCount"] = sum(task.status in ("PROVISIONING", "PENDING") for task in tasks)
        return answer

    def delete(self, context: RequestContext, request: Request) -> Any:
        """DeleteCluster: not while it has services."""
        name = request["cluster"].rpartition("/")[2]
        arn = f"arn:aws:ecs:{context.region}:{context.account_id}:cluster/{name}"
        if any(service.status == "ACTIVE" for service in self._state.in_cluster(arn)):
            message = "The Cluster cannot be deleted while Services are active."
            raise refused("ClusterContainsServicesException", message)
        return call_moto(context)

    def tag(self, context: RequestContext, request: Request) -> Any:
        """TagResource"""
        tags = self._state.tags.get(request["resourceArn"])
        if tags is None:
            return call_moto(context)
        merged = {tag["key"]: tag for tag in [*tags, *request["tags"]]}
        self._state.tags[request["resourceArn"]] = list(merged.values())
        return {}

    def untag(self, context: RequestContext, request: Request) -> Any:
        """UntagResource"""
        tags = self._state.tags.get(request["resourceArn"])
        if tags is None:
            return call_moto(context)
        self._state.tags[request["resourceArn"]] = [tag for tag in tags if tag["key"] not in request["tagKeys"]]
        return {}

    def list_tags(self, context: RequestContext, request: Request) -> Any:
        """ListTagsForResource"""
        tags = self._state.tags.get(request["resourceArn"])
        return call_moto(context) if tags is None else {"tags": tags}


def handlers(emulator: Emulator, settings: machine.Machine) -> dict[str, Handler]:
    """Builds the data plane; handlers of the operations that are not moto's alone."""
    state, announcer, lookup = State(), Announcer(EventBus(emulator)), Lookup(emulator)
    scheduler = Scheduler(state, announcer, Targets(emulator))
    yard = Yard(choice.make(settings), emulator)
    runner = Runner(yard, Addresses(emulator.port), scheduler.task_changed, scheduler.task_leaves)
    scheduler.run(runner)
    Follower(state, emulator, scheduler).run()
    return {
        **ClusterApi(state).table(),
        **TaskApi(state, lookup, runner).table(),
        **ServiceApi(state, lookup, scheduler, announcer).table(),
    }


def forward(context: RequestContext, _request: Request) -> Any:
    """Everything else."""
    return call_moto(context)


@aws_provider(api="ecs", name="default")
def ecs() -> Service:
    """The service, as a plugin of LocalStack."""
    spec = load_service("ecs")
    own = handlers(Emulator.read(os.environ), machine.read(os.environ))
    return Service("ecs", skeleton=Skeleton(spec, {**dict.fromkeys(spec.operation_names, forward), **own}))
