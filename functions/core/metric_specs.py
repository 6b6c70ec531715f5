"""Metric specs: a metric model, an operator and a threshold that say when a request of the watched version is
healthy."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from functions.core.checks import Operator
from functions.core.models import Entity

VALUE = "value"  # the output of a metric model that counts


class MetricSpec(Entity, frozen=True, kw_only=True):
    """`model_version_id` is the watched version, called `model`; `metric_version_id` the metric model, called
    `metric_model` and running as `servable_name`. Both are called name:version.

    A request is healthy when the metric's value stands in the relation `healthy` to `threshold`.
    """

    id: str
    name: str
    model_version_id: int
    model: str
    metric_version_id: int
    metric_model: str
    threshold: float
    healthy: Operator
    servable_name: str
    deployment_configuration_name: str
    revision: int = 1
    created: datetime

    @property
    def condition(self) -> str:
        """When a request is healthy, in words."""
        return f"{VALUE} {self.healthy.symbol} {self.threshold}"


class MetricSpecStore(Protocol):
    """A change of one is an event of the feed that calls it by its id."""

    def create(self, spec: MetricSpec) -> None:
        """Raises Conflict when the watched version has a metric of that name."""

    def get(self, id: str) -> MetricSpec:  # noqa: A002 - what the routes call it
        """Raises NotFound."""

    def of_version(self, model_version_id: int) -> Sequence[MetricSpec]:
        """Those that watch a version, by name."""

    def list(self) -> list[MetricSpec]: ...
    def update(self, spec: MetricSpec, expected_revision: int) -> None:
        """Its name and the watched version stay, and its revision must be the next one. Raises PreconditionFailed when
        the stored one is not `expected_revision`, NotFound when it is gone."""

    def delete(self, id: str, expected_revision: int | None = None) -> None:  # noqa: A002
        """Raises NotFound, PreconditionFailed when the stored revision is another."""
