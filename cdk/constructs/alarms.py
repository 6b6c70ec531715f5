"""Alarms as data: what is watched, from which value on somebody is told, and what that means.

Every alarm of the platform is one `Threshold` on one thing, made here and sent to the one topic.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from constructs import Construct


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """Rings when `statistic` of `metric` over `minutes` has been at or over `value` `times` times in a row.

    `below`: when it has been under `value`. `silence`: no data is bad news, too. `means` is the alarm's description.
    """

    name: str
    metric: str
    statistic: str
    value: float
    means: str
    minutes: int = 5
    times: int = 1
    below: bool = False
    silence: bool = False

    @property
    def is_percentile(self) -> bool:
        """CloudWatch keeps these in another field."""
        return self.statistic.startswith("p")

    @property
    def comparison(self) -> str:
        return "LessThanThreshold" if self.below else "GreaterThanOrEqualToThreshold"


@dataclass(frozen=True, kw_only=True)
class Watched:
    """One thing with metrics: `name` begins its alarms' names."""

    name: str
    namespace: str
    dimensions: Mapping[str, str]


FUNCTION = (
    Threshold(
        name="errors", metric="Errors", statistic="Sum", value=5, means="A function failed five times in five minutes."
    ),
    Threshold(
        name="throttles",
        metric="Throttles",
        statistic="Sum",
        value=1,
        means="Lambda refused calls: the account's or the function's concurrency is used up.",
    ),
)
API = (
    Threshold(
        name="server-errors",
        metric="5XXError",
        statistic="Sum",
        value=5,
        means="Five answers of 5xx in five minutes.",
    ),
    Threshold(
        name="latency",
        metric="Latency",
        statistic="p99",
        value=5_000,
        times=3,
        means="One call in a hundred takes five seconds or more, for a quarter of an hour.",
    ),
)
DEAD_LETTERS = Threshold(
    name="dead-letters",
    metric="ApproximateNumberOfMessagesVisible",
    statistic="Maximum",
    value=1,
    minutes=1,
    means="A message could not be handled, however often it was tried.",
)
UNHEALTHY = Threshold(
    name="unhealthy",
    metric="HealthyHostCount",
    statistic="Minimum",
    value=1,
    minutes=1,
    times=5,
    below=True,
    silence=True,
    means="No healthy gRPC gateway for five minutes.",
)
SYSTEM_ERRORS = (
    """SELECT SUM(SystemErrors) FROM SCHEMA("AWS/DynamoDB", Operation, TableName) WHERE TableName = '{table}'"""
)
TABLE_THROTTLES = ("ReadThrottleEvents", "WriteThrottleEvents")


def ring(scope: Construct, watched: Watched, threshold: Threshold, topic: sns.ITopic) -> None:
    """The alarm <watched>-<threshold>."""
    name = f"{watched.name}-{threshold.name}"
    cloudwatch.CfnAlarm(
        scope,
        f"{name}-alarm",
        alarm_name=name,
        alarm_description=threshold.means,
        namespace=watched.namespace,
        metric_name=threshold.metric,
        dimensions=dimensions(watched),
        statistic=None if threshold.is_percentile else threshold.statistic,
        extended_statistic=threshold.statistic if threshold.is_percentile else None,
        period=threshold.minutes * 60,
        evaluation_periods=threshold.times,
        threshold=threshold.value,
        comparison_operator=threshold.comparison,
        treat_missing_data="breaching" if threshold.silence else "notBreaching",
        alarm_actions=[topic.topic_arn],
    )


def ring_throttled(scope: Construct, watched: Watched, topic: sns.ITopic) -> None:
    """The alarm <table>-throttles: reads and writes together, for a table is slow to its callers by either."""
    parts = [metric(f"m{at}", watched, name) for at, name in enumerate(TABLE_THROTTLES)]
    both = cloudwatch.CfnAlarm.MetricDataQueryProperty(
        id="throttles", expression=" + ".join(f"FILL({part.id}, 0)" for part in parts), label="throttled requests"
    )
    _ring_query(scope, watched, "throttles", "DynamoDB refused ten requests in five minutes.", [both, *parts], topic)


def ring_failing(scope: Construct, watched: Watched, topic: sns.ITopic) -> None:
    """The alarm <table>-system-errors: DynamoDB counts them by operation only, so a query sums them up."""
    query = cloudwatch.CfnAlarm.MetricDataQueryProperty(
        id="errors", expression=SYSTEM_ERRORS.format(table=watched.dimensions["TableName"]), period=300
    )
    _ring_query(scope, watched, "system-errors", "DynamoDB itself failed ten times in five minutes.", [query], topic)


def dimensions(watched: Watched) -> list[cloudwatch.CfnAlarm.DimensionProperty]:
    return [cloudwatch.CfnAlarm.DimensionProperty(name=key, value=value) for key, value in watched.dimensions.items()]


def metric(id: str, watched: Watched, name: str) -> cloudwatch.CfnAlarm.MetricDataQueryProperty:  # noqa: A002
    single = cloudwatch.CfnAlarm.MetricProperty(
        namespace=watched.namespace, metric_name=name, dimensions=dimensions(watched)
    )
    stat = cloudwatch.CfnAlarm.MetricStatProperty(metric=single, period=300, stat="Sum")
    return cloudwatch.CfnAlarm.MetricDataQueryProperty(id=id, metric_stat=stat, return_data=False)


def _ring_query(
    scope: Construct,
    watched: Watched,
    name: str,
    means: str,
    queries: list[cloudwatch.CfnAlarm.MetricDataQueryProperty],
    topic: sns.ITopic,
) -> None:
    cloudwatch.CfnAlarm(
        scope,
        f"{watched.name}-{name}-alarm",
        alarm_name=f"{watched.name}-{name}",
        alarm_description=means,
        metrics=queries,
        evaluation_periods=1,
        threshold=10,
        comparison_operator="GreaterThanOrEqualToThreshold",
        treat_missing_data="notBreaching",
        alarm_actions=[topic.topic_arn],
    )
