"""Another metric model, operator, threshold or configuration for a metric spec that keeps its id and its name.

Checks go by the new words as soon as they are written; what was checked before stays as it was found.
"""

from typing import Any

import msgspec
from msgspec.structs import replace

from functions.core.errors import PreconditionFailed, Unavailable
from functions.core.metric_specs import MetricSpec
from functions.manager.findings import Findings
from functions.manager.plan_metric import MetricConfig, MetricPlan, plan_metric
from functions.manager.ports import Ports
from functions.manager.share_servable import serves, share_servable
from functions.manager.write_metric_spec import ATTEMPTS, keep_servable, write_change


class ChangedMetricSpec(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Name and watched version may be said again."""

    name: Any = None
    model_version_id: Any = None
    config: MetricConfig


def update_metric_spec(
    ports: Ports,
    spec_id: str,
    request: ChangedMetricSpec,
    expected_revision: int | None = None,
) -> MetricSpec:
    """Raises NotFound, InvalidRequest, and PreconditionFailed when the revision is not the expected one."""
    for _ in range(ATTEMPTS):
        current = ports.specs.get(spec_id)
        if expected_revision not in (None, current.revision):
            raise PreconditionFailed(
                f"metric spec {spec_id} is at revision {current.revision}, not {expected_revision}"
            )
        plan = check_change(ports, current, request)
        try:
            return change(ports, current, plan)
        except PreconditionFailed:
            continue
    raise Unavailable(f"metric spec {spec_id} is being changed by too many at once")


def check_change(ports: Ports, current: MetricSpec, request: ChangedMetricSpec) -> MetricPlan:
    """Raises InvalidRequest."""
    findings = Findings()
    kept = {
        "name": (request.name, current.name),
        "modelVersionId": (request.model_version_id, current.model_version_id),
    }
    for field, (said, known) in kept.items():
        if said not in (None, known):
            findings.add(f"/{field}", f"{known}, or nothing: it stays", repr(said)[:80])
    plan = plan_metric(ports, ports.models.by_id(current.model_version_id), request.config, findings)
    if plan is None:
        raise findings.error()
    return plan


def change(ports: Ports, current: MetricSpec, plan: MetricPlan) -> MetricSpec:
    """Writes what `plan` says beyond what there is. Raises NotFound, PreconditionFailed."""
    servable = ports.servables.get_many([current.servable_name]).get(current.servable_name)
    fits = servable is not None and serves(servable, plan.metric.id, plan.configuration)
    name = current.servable_name if fits else share_servable(ports, plan.metric, plan.configuration).name
    changed = replace(
        current,
        metric_version_id=plan.metric.id,
        metric_model=plan.metric.full_name,
        threshold=plan.threshold,
        healthy=plan.healthy,
        servable_name=name,
        deployment_configuration_name=plan.configuration,
    )
    return current if changed == current else keep_servable(ports, write_change(ports, current, changed))
