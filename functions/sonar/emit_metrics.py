"""What CloudWatch is told of recorded predictions, as lines of the log in its embedded metric format.

Every metric has two sets of dimensions: the platform alone, and with it application, model and version. A metric is
paid for each different set, so nothing that callers choose is part of one: an application that the platform does not
know, as records of other systems may name, is called OTHER.
"""

from collections.abc import Sequence

from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.metric_properties import MetricUnit

from functions.core.checks import Verdict
from functions.core.observations import EXTERNAL, Checked

NAMESPACE = "Dewpoint/Monitoring"
OTHER = "-"
MOST_VALUES = 90  # of one metric in a line; the format takes 100

Group = tuple[str, str, str]  # application, model, version


def emit_metrics(platform: str, rows: Sequence[Checked], now: float) -> None:
    """`platform` is the installation's name, `now` in seconds since the epoch."""
    groups: dict[Group, list[Checked]] = {}
    for row in rows:
        groups.setdefault(_group(row), []).append(row)
    for group, of_group in groups.items():
        for at in range(0, len(of_group), MOST_VALUES):
            _emit(platform, group, of_group[at : at + MOST_VALUES], now)


def _group(row: Checked) -> Group:
    made = row.observation
    application = made.application if made.application and made.application_id is not None else OTHER
    return application, made.model_name, str(made.model_version)


def _emit(platform: str, group: Group, rows: Sequence[Checked], now: float) -> None:
    application, model, version = group
    meter = AmazonCloudWatchEMFProvider(namespace=NAMESPACE, service=platform, dimension_set={"service": platform})
    meter.add_dimensions(service=platform, application=application, model=model, version=version)
    for name, count in _counts(rows).items():
        meter.add_metric(name, MetricUnit.Count, count)
    for row in rows:
        meter.add_metric("Latency", MetricUnit.Milliseconds, round(row.observation.latency_ms, 3))
        if row.observation.servable_name != EXTERNAL:  # of others' predictions nobody knows how long they waited there
            meter.add_metric("LogLag", MetricUnit.Seconds, round(max(0.0, now - row.observation.at), 3))
    meter.flush_metrics()


def _counts(rows: Sequence[Checked]) -> dict[str, int]:
    verdicts = [[check.verdict for check in row.every] for row in rows]
    return {
        "Predictions": len(rows),
        "PredictionErrors": sum(row.observation.error is not None for row in rows),
        "FailedChecks": sum(each.count(Verdict.FAILED) for each in verdicts),
        "ErroredChecks": sum(each.count(Verdict.ERRORED) for each in verdicts),
        "UnhealthyPredictions": sum(Verdict.FAILED in each for each in verdicts),
    }
