"""What an operator looks at and is woken by: one dashboard, and alarms for whatever the other stacks hold.

It looks for functions, tables and queues in the stacks themselves, so a new one is watched without a word, and knows
them by name, so no stack depends on this one or the other way round.
"""

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from cdk.constructs.alarms import API, FUNCTION, Threshold, Watched, ring, ring_failing, ring_throttled
from cdk.constructs.dashboard import body, panels
from cdk.constructs.inventory import inventory
from cdk.constructs.monitoring import monitoring, ring_monitoring
from cdk.environments import Environment
from cdk.stacks.data import Data
from cdk.stacks.platform_stack import PlatformStack


class Dashboard(PlatformStack):
    """`watched` are the stacks whose content is watched."""

    def __init__(
        self, scope: Construct, name: str, *, environment: Environment, data: Data, watched: Sequence[Stack]
    ) -> None:
        super().__init__(scope, name, environment)
        prefix = environment.prefix
        things = inventory(watched)
        for function in things.functions:
            self._ring(function, "AWS/Lambda", {"FunctionName": function}, FUNCTION, data)
        self._ring(f"{prefix}-api", "AWS/ApiGateway", {"ApiName": prefix}, API, data)
        gateway = {"ClusterName": f"{prefix}-gateways", "ServiceName": f"{prefix}-grpc-gateway"}
        self._ring(f"{prefix}-grpc-gateway", "AWS/ECS", gateway, (running(environment.grpc_replicas),), data)
        for table in things.tables:
            watched_table = Watched(name=table, namespace="AWS/DynamoDB", dimensions={"TableName": table})
            ring_throttled(self, watched_table, data.alarms)
            ring_failing(self, watched_table, data.alarms)
        ring_monitoring(self, prefix, data.alarms)
        cloudwatch.CfnDashboard(
            self,
            "Dashboard",
            dashboard_name=prefix,
            dashboard_body=self.to_json_string(body([*panels(prefix, things), *monitoring(prefix)], self.region)),
        )

    def _ring(
        self, name: str, namespace: str, dimensions: dict[str, str], thresholds: Sequence[Threshold], data: Data
    ) -> None:
        for threshold in thresholds:
            watched = Watched(name=name, namespace=namespace, dimensions=dimensions)
            ring(self, watched, threshold, data.alarms)


def running(wanted: int) -> Threshold:
    """Each task reports its CPU once a minute, so the number of reports is the number of tasks."""
    return Threshold(
        name="tasks",
        metric="CPUUtilization",
        statistic="SampleCount",
        value=wanted,
        minutes=1,
        times=5,
        below=True,
        silence=True,
        means="Fewer gRPC gateways run than should, for five minutes.",
    )
