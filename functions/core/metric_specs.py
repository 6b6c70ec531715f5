"""Metric specs: a metric model, an operator and a threshold that say when a request of the watched version is
healthy."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from functions.core.checks import Operator
from functions.core.models import Entity

VALUE = "value"  # the output of a metric model that counts


class MetricSpec(Entity, frozen=True, kw_only=True):
    """`model_version_id` is the watched version, `metric_version_id` the metric model, running as `servable_name`.

    A request is healthy when the metric's value stands in the relation `healthy` to `threshold`.
    """

    id: str
    name: str
    model_version_id: int
    metric_version_id: int
    threshold: float
    healthy: Operator
    servable_name: str
    deployment_configuration_name: str
    created: datetime


class MetricSpecStore(Protocol):
    def create(self, spec: MetricSpec) -> None:
        """Raises Conflict when the watched version has a metric of that name."""

    def get(self, id: str) -> MetricSpec:  # noqa: A002 - what the routes call it
        """Raises NotFound."""

    def of_version(self, model_version_id: int) -> Sequence[MetricSpec]:
        """Those that watch a version, by name."""

    def list(self) -> list[MetricSpec]: ...
    def delete(self, id: str) -> None:  # noqa: A002
        """Raises NotFound."""
