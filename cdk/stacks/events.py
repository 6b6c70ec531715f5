"""What the platform is told: builds that ended, tasks and deployments that changed, that a minute has passed, and from
the gateways that a servable must wake; all through one queue to the manager.

The queue keeps events while the function is throttled or broken; what EventBridge cannot deliver, and what the function
cannot digest, ends in the same dead-letter queue.
"""

from collections.abc import Mapping
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from cdk.constructs.layers import Layers
from cdk.constructs.manager_rights import (
    READ_TAIL,
    manager_variables,
    may_find_tasks,
    may_finish_payloads,
    may_read_builds,
    may_read_servables,
    may_remove_images,
    may_scale_servables,
    may_stop_servables,
    service_arns,
)
from cdk.constructs.thin_function import ThinFunction
from cdk.constructs.worker_queue import WorkerQueue
from cdk.environments import Environment
from cdk.stacks.data import Data
from cdk.stacks.network import Network
from cdk.stacks.platform_stack import PlatformStack
from cdk.stacks.serving import Serving
from cdk.staging import Staging

TIMEOUT = Duration.seconds(60)
FINISHED = ["SUCCEEDED", "FAILED", "STOPPED", "TIMED_OUT", "FAULT"]


class Events(PlatformStack):
    """Rules -> queue -> the manager's event door."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        environment: Environment,
        staging: Staging,
        network: Network,
        data: Data,
        serving: Serving,
    ) -> None:
        super().__init__(scope, name, environment)
        self._events = WorkerQueue(
            self,
            "PlatformEvents",
            name=f"{environment.prefix}-platform-events",
            alarms=data.alarms,
            consumer_timeout=TIMEOUT,
            patience=Duration.minutes(5),
        )
        for name, (kind, pattern) in patterns(serving).items():
            source = f"aws.{kind.split()[0].lower()}"
            self._rule(name, event_pattern=events.EventPattern(source=[source], detail_type=[kind], **pattern))
        self._rule("Minutes", schedule=events.Schedule.rate(Duration.minutes(1)))
        observer = ThinFunction(
            self,
            "Observer",
            environment=environment,
            staging=staging,
            layers=Layers(self, environment=environment, staging=staging),
            name="platform-events",
            slice="manager",
            handler="functions.manager.handler.handler",
            variables=manager_variables(self, network=network, data=data, serving=serving),
            timeout=TIMEOUT,
        )
        grant_observer(observer.role, data, serving)
        observer.function.add_event_source(
            sources.SqsEventSource(self._events.queue, batch_size=10, report_batch_item_failures=True)
        )

    @property
    def queue(self) -> sqs.IQueue:
        return self._events.queue

    def _rule(self, name: str, **when: Any) -> None:
        target = targets.SqsQueue(self._events.queue, dead_letter_queue=self._events.dead_letters)
        events.Rule(self, name, **when).add_target(target)


def patterns(serving: Serving) -> dict[str, tuple[str, Mapping[str, Any]]]:
    """Rule -> detail type and the rest of the pattern. Only ours: an account may build and run other things."""
    project = {"project-name": [serving.project.project_name], "build-status": FINISHED}
    service = events.Match.prefix(service_arns(serving).removesuffix("*"))
    return {
        "Builds": ("CodeBuild Build State Change", {"detail": project}),
        "Tasks": ("ECS Task State Change", {"detail": {"clusterArn": [serving.cluster.cluster_arn]}}),
        "Deployments": ("ECS Deployment State Change", {"resources": service}),
        "Services": ("ECS Service Action", {"resources": service}),
    }


def grant_observer(role: iam.Role, data: Data, serving: Serving) -> None:
    """It records what happened, wakes servables and puts them to sleep, stops those that an application no longer
    needs, and removes the versions that a model no longer keeps, with what watches them."""
    may_read_builds(role, serving, READ_TAIL)
    may_read_servables(role, serving, READ_TAIL)
    may_find_tasks(role, serving)
    may_scale_servables(role, serving)
    may_stop_servables(role, serving)
    may_finish_payloads(role, data)
    may_remove_images(role, serving)
    # a store lists the versions of one model and all versions by the same method
    data.tables["models"].allow(role, "GetItem", "Query", "Scan", "PutItem", "DeleteItem")
    data.tables["servables"].allow(role, "GetItem", "BatchGetItem", "Scan", "PutItem", "DeleteItem")
    data.tables["applications"].allow(role, "GetItem", "Scan", "PutItem")
    data.tables["metric-specs"].allow(role, "Query", "Scan", "DeleteItem")
    data.tables["usage"].allow(role, "BatchGetItem")
    # every change is an event of the feed, numbered by a counter
    data.tables["events"].allow(role, "PutItem")
    data.tables["counters"].allow(role, "GetItem", "PutItem")
