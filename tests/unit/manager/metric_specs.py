"""Metric specs in a few words, and a metric model for them."""

from typing import Any

from functions.core.models import ModelVersion
from functions.manager.create_metric_spec import NewMetricSpec, create_metric_spec
from functions.manager.plan_metric import MetricConfig
from tests.unit.manager.world import SIGNATURE, World

SPECS = "/monitoring/metricspec"
MEASURE: dict[str, Any] = {
    "signatureName": "measure",
    "inputs": [*SIGNATURE["inputs"], *SIGNATURE["outputs"]],
    "outputs": [{"name": "value", "dtype": "DT_DOUBLE", "shape": {"dims": [-1]}}],
}


def metric_model(world: World, **more: Any) -> ModelVersion:
    return world.built(name="distance", model_signature=MEASURE, **more)


def body(watched: int, metric: int, name: str = "far", **config: Any) -> dict[str, Any]:
    described = {"modelVersionId": metric, "threshold": 4.5, "thresholdCmpOperator": {"kind": "LessEq"}}
    return {"name": name, "modelVersionId": watched, "config": described | config}


def created(world: World, name: str = "far", watched: ModelVersion | None = None, **config: Any) -> Any:
    """A spec of a version of its own, unless one is given."""
    watched = watched or world.built()
    known = world.models.list("distance")
    metric = known[0] if known else metric_model(world)
    asked = MetricConfig(model_version_id=metric.id, threshold=4.5, threshold_cmp_operator="<=", **config)
    return create_metric_spec(world, NewMetricSpec(name=name, model_version_id=watched.id, config=asked))


def pointers(answer: Any) -> list[str]:
    assert answer.status_code == 400, answer.json_body
    return [problem["pointer"] for problem in answer.json_body["errors"]]
