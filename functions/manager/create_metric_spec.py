"""A new metric spec: everything about it is checked, then the metric model runs, then requests are checked by it."""

import uuid
from typing import Any

import msgspec

from functions.core.errors import Conflict
from functions.core.metric_specs import MetricSpec
from functions.core.models import ModelVersion
from functions.core.naming import METRIC, check_name
from functions.manager.delete_servable import release_servables
from functions.manager.findings import Findings
from functions.manager.plan_metric import MetricConfig, MetricPlan, find_watched, plan_metric
from functions.manager.ports import Ports
from functions.manager.share_servable import share_servable
from functions.manager.write_metric_spec import keep_servable


class NewMetricSpec(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """`model_version_id` is the watched version. Values are checked here, all together."""

    name: Any = None
    model_version_id: Any = None
    config: MetricConfig


def create_metric_spec(ports: Ports, request: NewMetricSpec) -> MetricSpec:
    """Raises InvalidRequest with everything that is wrong, Conflict when the watched version has a metric of that
    name."""
    name, watched, plan = check_request(ports, request)
    if any(spec.name == name for spec in ports.specs.of_version(watched.id)):
        raise Conflict(f"model version {watched.full_name} has a metric {name} already")
    servable = share_servable(ports, plan.metric, plan.configuration)
    spec = MetricSpec(
        id=str(uuid.uuid4()),
        name=name,
        model_version_id=watched.id,
        model=watched.full_name,
        metric_version_id=plan.metric.id,
        metric_model=plan.metric.full_name,
        threshold=plan.threshold,
        healthy=plan.healthy,
        servable_name=servable.name,
        deployment_configuration_name=plan.configuration,
        created=ports.clock.now(),
    )
    try:
        ports.specs.create(spec)
    except Exception:
        release_servables(ports, [servable.name])
        raise
    return keep_servable(ports, spec)


def check_request(ports: Ports, request: NewMetricSpec) -> tuple[str, ModelVersion, MetricPlan]:
    """The name, the watched version, and what is asked for. Raises InvalidRequest."""
    findings = Findings()
    name = findings.attempt(lambda: check_name(METRIC, request.name))
    watched = findings.attempt(lambda: find_watched(ports, request.model_version_id))
    plan = plan_metric(ports, watched, request.config, findings)
    if name is None or watched is None or plan is None:
        raise findings.error()
    return name, watched, plan
