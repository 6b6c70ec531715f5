"""Metric specs: a metric model, an operator and a threshold that say when a request of the watched version is
healthy."""

import enum
import operator
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from functions.core.models import Entity


class Comparison(enum.StrEnum):
    """The reference system's names. A value is healthy when it compares like this to the threshold."""

    EQUAL = "Eq"
    NOT_EQUAL = "NotEq"
    GREATER = "Greater"
    LESS = "Less"
    GREATER_EQUAL = "GreaterEq"
    LESS_EQUAL = "LessEq"

    @property
    def symbol(self) -> str:
        return SYMBOLS[self]

    def holds(self, value: float, threshold: float) -> bool:
        """Is `value` healthy? NaN compares to nothing: it is healthy for NotEq alone."""
        return OPERATORS[self](value, threshold)


SYMBOLS = {
    Comparison.EQUAL: "==",
    Comparison.NOT_EQUAL: "!=",
    Comparison.GREATER: ">",
    Comparison.LESS: "<",
    Comparison.GREATER_EQUAL: ">=",
    Comparison.LESS_EQUAL: "<=",
}
OPERATORS: dict[Comparison, Callable[[float, float], bool]] = {
    Comparison.EQUAL: operator.eq,
    Comparison.NOT_EQUAL: operator.ne,
    Comparison.GREATER: operator.gt,
    Comparison.LESS: operator.lt,
    Comparison.GREATER_EQUAL: operator.ge,
    Comparison.LESS_EQUAL: operator.le,
}
VALUE = "value"  # the output of a metric model that counts


class MetricSpec(Entity, frozen=True, kw_only=True):
    """`model_version_id` is the watched version, `metric_version_id` the metric model, running as `servable_name`."""

    id: str
    name: str
    model_version_id: int
    metric_version_id: int
    threshold: float
    comparison: Comparison
    servable_name: str
    deployment_configuration_name: str
    created: datetime

    @property
    def healthy(self) -> str:
        """The condition as people read it: "value < 0.97"."""
        return f"{VALUE} {self.comparison.symbol} {self.threshold:g}"


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
