"""Metrics: a metric model, an operator and a threshold that say when a request of a model version is healthy."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from dewpoint.entities import Metric
from dewpoint.errors import InvalidInput, NotFound, Problem
from dewpoint.transport import Transport

ROOT = "/api/v2/monitoring/metricspec"
OPERATORS = {
    "==": "Eq",
    "!=": "NotEq",
    ">": "Greater",
    "<": "Less",
    ">=": "GreaterEq",
    "<=": "LessEq",
}


@dataclass(frozen=True, kw_only=True)
class MetricSpec:
    """A metric to be. The metric model is fed inputs and outputs of each request of the watched version and answers
    `value`; the request is healthy when that stands in the relation `operator` to `threshold`.

    An operator is a symbol such as "<=", or a word such as "LessEq". Raises InvalidInput for any other, and for a
    threshold that is no finite number.
    """

    name: str
    model_version_id: int
    metric_version_id: int
    operator: str
    threshold: float
    deployment_configuration: str = "default"

    def __post_init__(self) -> None:
        object.__setattr__(self, "operator", parse_operator(self.operator))
        object.__setattr__(self, "threshold", check_threshold(self.threshold))

    def to_json(self) -> dict[str, Any]:
        config = {
            "modelVersionId": self.metric_version_id,
            "threshold": self.threshold,
            "thresholdCmpOperator": {"kind": self.operator},
            "deploymentConfigName": self.deployment_configuration,
        }
        return {"name": self.name, "modelVersionId": self.model_version_id, "config": config}

    def describes(self, metric: Metric) -> bool:
        """Is this what `metric` says?"""
        mine = (self.metric_version_id, self.operator, self.threshold, self.deployment_configuration)
        return mine == (metric.metric_version_id, metric.operator, metric.threshold, metric.deployment_configuration)


class Metrics:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self) -> list[Metric]:
        """All of them, by the version that they watch and by name."""
        return [Metric.from_json(raw) for raw in self._transport.get_all(ROOT)]

    def of_version(self, version_id: int) -> Sequence[Metric]:
        """Those that watch a version, by name. Raises NotFound."""
        return [Metric.from_json(raw) for raw in self._transport.get_all(f"{ROOT}/modelversion/{version_id}")]

    def get(self, metric_id: str) -> Metric:
        """Raises NotFound."""
        return Metric.from_json(self._transport.get(_path(metric_id)))

    def find(self, version_id: int, name: str) -> Metric:
        """Raises NotFound."""
        for metric in self.of_version(version_id):
            if metric.name == name:
                return metric
        raise NotFound(Problem(404, "Not found", f"model version {version_id} has no metric {name!r}"))

    def create(self, spec: MetricSpec) -> Metric:
        """Starts the metric model, unless it runs for another metric. Raises BadRequest, Conflict when the watched
        version has a metric of that name."""
        return Metric.from_json(self._transport.send("POST", ROOT, spec.to_json()))

    def update(self, metric_id: str, spec: MetricSpec) -> Metric:
        """Changes a metric in place: what it watches and its name stay. Raises NotFound, BadRequest."""
        return Metric.from_json(self._transport.send("PUT", _path(metric_id), spec.to_json()))

    def delete(self, metric_id: str) -> None:
        """The metric model stops with the last metric that needs it. Raises NotFound."""
        self._transport.send("DELETE", _path(metric_id))


def parse_operator(text: str) -> str:
    """The word for a symbol, or for a word in any spelling: LessEq, LESS_EQ, lesseq. Raises InvalidInput."""
    words = {word.lower(): word for word in OPERATORS.values()} | OPERATORS
    word = words.get(text.strip().lower().replace("_", ""))
    if word is None:
        raise InvalidInput(f"expected one of {' '.join([*OPERATORS, *OPERATORS.values()])}, received {text!r}")
    return word


def check_threshold(threshold: Any) -> float:
    """Raises InvalidInput."""
    if isinstance(threshold, bool) or not isinstance(threshold, int | float) or not math.isfinite(threshold):
        raise InvalidInput(f"expected a finite number, received {threshold!r}")
    return float(threshold)


def _path(metric_id: str) -> str:
    return f"{ROOT}/{quote(metric_id, safe='')}"
