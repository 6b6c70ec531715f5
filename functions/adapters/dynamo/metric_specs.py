"""Metric specs in DynamoDB: those of one version are one partition, which every batch of observations reads."""

from collections.abc import Sequence

from functions.adapters.dynamo.documents import Documents
from functions.adapters.dynamo.journal import Journal
from functions.adapters.dynamo.tables import MetricSpecRow, bind
from functions.core.errors import Conflict, NotFound, PreconditionFailed
from functions.core.feed import METRIC_SPECS
from functions.core.metric_specs import MetricSpec


class DynamoMetricSpecStore:
    def __init__(self, prefix: str) -> None:
        self._row = bind(MetricSpecRow, prefix)
        self._documents = Documents(self._row, MetricSpec, "metric spec", Journal(prefix), METRIC_SPECS)

    def create(self, spec: MetricSpec) -> None:
        try:
            self._documents.create(spec.model_version_id, spec.name, entity=spec, named=spec.id, id=spec.id)
        except Conflict:
            raise Conflict(f"model version {spec.model} has a metric {spec.name} already") from None

    def get(self, id: str) -> MetricSpec:  # noqa: A002 - the port's word
        for spec in self.list():
            if spec.id == id:
                return spec
        raise NotFound(f"there is no metric spec {id}")

    def of_version(self, model_version_id: int) -> Sequence[MetricSpec]:
        return [self._documents.decode(item) for item in self._row.query(model_version_id, consistent_read=True)]

    def list(self) -> list[MetricSpec]:
        return sorted(self._documents.all(), key=lambda spec: (spec.model_version_id, spec.name))

    def update(self, spec: MetricSpec, expected_revision: int) -> None:
        condition = (self._row.id == spec.id) & (self._row.revision == expected_revision)
        key, row = (spec.model_version_id, spec.name), {"id": spec.id, "revision": expected_revision + 1}
        if not self._documents.put(*key, entity=spec, condition=condition, beside=None, named=spec.id, **row):
            self.get(spec.id)
            raise PreconditionFailed(f"metric spec {spec.id} was changed by somebody else")

    def delete(self, id: str, expected_revision: int | None = None) -> None:  # noqa: A002
        spec = self.get(id)
        self._documents.delete(spec.model_version_id, spec.name, named=id, expected=expected_revision)
