"""The section `monitoring` of a model: `[{name, config: {monitoring-model, threshold, operator}}]`.

A request is healthy when the metric model's value stands in the relation `operator` to `threshold`.
"""

import re
from dataclasses import dataclass

from dewpoint.documents.reader import Reader
from dewpoint.metrics import MetricSpec, check_threshold, parse_operator
from dewpoint.models import parse_reference

NAME = re.compile(r"[a-z][a-zA-Z0-9_\-]{0,99}")


@dataclass(frozen=True)
class MetricDocument:
    """`model` is the metric model: `name:version`, `name:latest` or `name`. `operator` is a word."""

    name: str
    model: str
    operator: str
    threshold: float
    deployment_configuration: str = "default"

    def to_spec(self, version_id: int, metric_version_id: int) -> MetricSpec:
        """The metric to be, of the watched version."""
        return MetricSpec(
            name=self.name,
            model_version_id=version_id,
            metric_version_id=metric_version_id,
            operator=self.operator,
            threshold=self.threshold,
            deployment_configuration=self.deployment_configuration,
        )


def read_metrics(reader: Reader) -> tuple[MetricDocument, ...]:
    """The metrics of a model; faults are left with `reader`."""
    metrics = [_read_metric(reader.at(metric, "monitoring", at)) for at, metric in reader.items("monitoring")]
    names = [metric.name for metric in metrics]
    for at, name in enumerate(names):
        if name and name in names[:at]:
            reader.fault(("monitoring", at, "name"), f"expected a name used once, received {name!r} again")
    return tuple(metrics)


def _read_metric(reader: Reader) -> MetricDocument:
    name = reader.text("name", required=True)
    if name and not NAME.fullmatch(name):
        reader.fault(("name",), f"expected a small letter, then letters, digits, - and _, received {name!r}")
    config = reader.section("config", required=True)
    document = _read_config(name, config) if config else MetricDocument(name, "", "Eq", 0.0)
    reader.close()
    return document


def _read_config(name: str, config: Reader) -> MetricDocument:
    model = config.text("monitoring-model", required=True)
    if model:
        config.attempt(("monitoring-model",), lambda: parse_reference(model))
    operator = config.text("operator", required=True)
    threshold = config.value("threshold", required=True)
    document = MetricDocument(
        name=name,
        model=model,
        operator=(operator and config.attempt(("operator",), lambda: parse_operator(operator))) or "Eq",
        threshold=_read_threshold(config, threshold),
        deployment_configuration=config.text("deployment-config", "deployment-configuration") or "default",
    )
    config.close()
    return document


def _read_threshold(config: Reader, threshold: object) -> float:
    if threshold is None:
        return 0.0
    return config.attempt(("threshold",), lambda: check_threshold(threshold)) or 0.0
