"""The dashboard's content as data: panels of lines, in the order in which an operator asks.

Do calls come in and get answers, how fast, do models run, do builds succeed, does anything wait or get lost.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from cdk.constructs.inventory import Inventory

WIDTH, HEIGHT, COLUMNS = 8, 6, 24
GRPC_METRICS = "Dewpoint"  # namespace of what the gRPC gateway's log is counted into
GRPC = ("calls", "errors", "latency")
MINUTE = 60


@dataclass(frozen=True, kw_only=True)
class Line:
    """One metric; a search with `expression`, which stands for as many metrics as it finds."""

    metric: str = ""
    namespace: str = ""
    dimensions: dict[str, str] = field(default_factory=dict)
    statistic: str = "Sum"
    label: str = ""
    expression: str = ""

    def render(self) -> list[Any]:
        options = {"stat": self.statistic, **({"label": self.label} if self.label else {})}
        if self.expression:
            return [{"expression": self.expression, "label": self.label}]
        return [self.namespace, self.metric, *(part for pair in self.dimensions.items() for part in pair), options]


@dataclass(frozen=True)
class Panel:
    title: str
    lines: Sequence[Line]


def panels(prefix: str, things: Inventory) -> list[Panel]:
    """The panels of the installation `prefix`."""
    return [*doors(prefix), *functions(things), *models(prefix), *queues(things), *tables(things)]


def doors(prefix: str) -> list[Panel]:
    http = partial(Line, namespace="AWS/ApiGateway", dimensions={"ApiName": prefix})
    calls, failed, latency = (partial(Line, namespace=GRPC_METRICS, metric=grpc_metric(prefix, kind)) for kind in GRPC)
    percentiles = ("p50", "p99")
    return [
        Panel("HTTP: calls", [http(metric="Count", label="calls")]),
        Panel("HTTP: errors", [http(metric=name, label=name[:3]) for name in ("4XXError", "5XXError")]),
        Panel("HTTP: latency, ms", [http(metric="Latency", statistic=p, label=p) for p in percentiles]),
        Panel("gRPC: calls", [calls(label="calls")]),
        Panel("gRPC: errors", [failed(label="errors")]),
        Panel("gRPC: latency, ms", [latency(statistic=p, label=p) for p in percentiles]),
    ]


def grpc_metric(prefix: str, kind: str) -> str:
    return f"{prefix}-grpc-{kind}"


def functions(things: Inventory) -> list[Panel]:
    def lines(metric: str, statistic: str = "Sum") -> list[Line]:
        return each(things.functions, "AWS/Lambda", "FunctionName", metric, statistic)

    return [
        Panel("Functions: errors", lines("Errors")),
        Panel("Functions: throttles", lines("Throttles")),
        Panel("Functions: duration p99, ms", lines("Duration", "p99")),
    ]


def models(prefix: str) -> list[Panel]:
    builds = partial(Line, namespace="AWS/CodeBuild", dimensions={"ProjectName": f"{prefix}-model-build"})
    ends = (("SucceededBuilds", "succeeded"), ("FailedBuilds", "failed"))
    return [
        Panel("Servables: running tasks", [running(f"{prefix}-servables")]),
        Panel("gRPC gateway: running tasks", [running(f"{prefix}-gateways")]),
        Panel("Builds", [builds(metric=metric, label=label) for metric, label in ends]),
    ]


def running(cluster: str) -> Line:
    """Each running task reports its CPU once a minute, so the number of reports is the number of tasks."""
    schema = f'{{AWS/ECS,ClusterName,ServiceName}} MetricName="CPUUtilization" ClusterName="{cluster}"'
    return Line(expression=f"SEARCH('{schema}', 'SampleCount', {MINUTE})")


def queues(things: Inventory) -> list[Panel]:
    def lines(names: Sequence[str], metric: str) -> list[Line]:
        return each(names, "AWS/SQS", "QueueName", metric, "Maximum")

    return [
        Panel("Queues: waiting", lines(things.queues, "ApproximateNumberOfMessagesVisible")),
        Panel("Queues: age of the oldest, s", lines(things.queues, "ApproximateAgeOfOldestMessage")),
        Panel("Dead letters", lines(things.dead_letters, "ApproximateNumberOfMessagesVisible")),
    ]


def tables(things: Inventory) -> list[Panel]:
    def lines(metric: str) -> list[Line]:
        return each(things.tables, "AWS/DynamoDB", "TableName", metric)

    return [
        Panel("DynamoDB: throttled reads", lines("ReadThrottleEvents")),
        Panel("DynamoDB: throttled writes", lines("WriteThrottleEvents")),
        Panel("DynamoDB: read units", lines("ConsumedReadCapacityUnits")),
    ]


def each(names: Sequence[str], namespace: str, dimension: str, metric: str, statistic: str = "Sum") -> list[Line]:
    """One line for each of `names`, called by what follows the environment's prefix."""
    return [
        Line(
            metric=metric,
            namespace=namespace,
            dimensions={dimension: name},
            statistic=statistic,
            label=name.split("-", 2)[-1],
        )
        for name in names
    ]


def body(panels: Sequence[Panel], region: str) -> dict[str, Any]:
    """The dashboard as CloudWatch reads it."""
    return {"widgets": [_widget(at, panel, region) for at, panel in enumerate(panels)]}


def _widget(at: int, panel: Panel, region: str) -> dict[str, Any]:
    row, column = divmod(at, COLUMNS // WIDTH)
    properties = {
        "title": panel.title,
        "region": region,
        "view": "timeSeries",
        "period": MINUTE,
        "metrics": [line.render() for line in panel.lines],
        "yAxis": {"left": {"min": 0}},
    }
    place = {"x": column * WIDTH, "y": row * HEIGHT, "width": WIDTH, "height": HEIGHT}
    return {"type": "metric", **place, "properties": properties}
