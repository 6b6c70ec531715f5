"""What sonar counts of recorded predictions (functions/sonar/emit_metrics.py): panels, and alarms on all of them.

Metrics of one application and version are found by searching: which there are is not known when the stacks are made.
"""

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from constructs import Construct

from cdk.constructs.alarms import Threshold, Watched, metric, ring
from cdk.constructs.dashboard import MINUTE, Line, Panel

NAMESPACE = "Dewpoint/Monitoring"
BY_VERSION = "service,application,model,version"
LAG = Threshold(
    name="lag",
    metric="LogLag",
    statistic="Maximum",
    value=15 * 60,
    times=3,
    means="Predictions wait for a quarter of an hour until they are in the request log.",
)
MOST_UNHEALTHY = 50  # percent of all predictions


def monitoring(prefix: str) -> list[Panel]:
    """The panels of the installation `prefix`."""
    return [
        Panel("Models: predictions", [by_version(prefix, "Predictions", "Sum")]),
        Panel("Models: failed predictions", [by_version(prefix, "PredictionErrors", "Sum")]),
        Panel("Models: latency p99, ms", [by_version(prefix, "Latency", "p99")]),
        Panel("Models: predictions with a failed check", [by_version(prefix, "UnhealthyPredictions", "Sum")]),
        Panel("Models: checks that could not be made", [by_version(prefix, "ErroredChecks", "Sum")]),
        Panel("Request log: lag, s", [altogether(prefix, "LogLag", statistic) for statistic in ("p50", "Maximum")]),
    ]


def by_version(prefix: str, name: str, statistic: str) -> Line:
    schema = f'{{{NAMESPACE},{BY_VERSION}}} MetricName="{name}" service="{prefix}"'
    return Line(expression=f"SEARCH('{schema}', '{statistic}', {MINUTE})")


def altogether(prefix: str, name: str, statistic: str) -> Line:
    return Line(metric=name, namespace=NAMESPACE, dimensions={"service": prefix}, statistic=statistic, label=statistic)


def ring_monitoring(scope: Construct, prefix: str, topic: sns.ITopic) -> None:
    """The alarms <prefix>-request-log-lag and <prefix>-models-unhealthy."""
    log = Watched(name=f"{prefix}-request-log", namespace=NAMESPACE, dimensions={"service": prefix})
    ring(scope, log, LAG, topic)
    parts = [metric("failed", log, "UnhealthyPredictions"), metric("all", log, "Predictions")]
    _ring_unhealthy(scope, prefix, parts, topic)


def _ring_unhealthy(
    scope: Construct,
    prefix: str,
    parts: Sequence[cloudwatch.CfnAlarm.MetricDataQueryProperty],
    topic: sns.ITopic,
) -> None:
    """What is a lot for one model is told by its own alerts; half of everything is the platform's matter."""
    share = cloudwatch.CfnAlarm.MetricDataQueryProperty(
        id="share", expression="100 * failed / all", label="percent of predictions with a failed check"
    )
    cloudwatch.CfnAlarm(
        scope,
        "models-unhealthy-alarm",
        alarm_name=f"{prefix}-models-unhealthy",
        alarm_description="Half of all predictions failed a check, for a quarter of an hour.",
        metrics=[share, *parts],
        evaluation_periods=3,
        threshold=MOST_UNHEALTHY,
        comparison_operator="GreaterThanOrEqualToThreshold",
        treat_missing_data="notBreaching",
        alarm_actions=[topic.topic_arn],
    )
