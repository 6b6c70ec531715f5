"""What a request for a metric spec asks for, resolved and checked against what there is, before anything is started."""

import math
from typing import Any

import msgspec

from functions.core.checks import Operator, parse_operator
from functions.core.deployments import DEFAULT_DEPLOYMENT
from functions.core.errors import InvalidRequest, NotFound, Problem
from functions.core.metric_fit import check_fit
from functions.core.models import ModelVersion, VersionStatus
from functions.manager.find_deployment import find_deployment
from functions.manager.findings import Findings
from functions.manager.ports import Ports

CONFIG = "/config"
METRIC = f"{CONFIG}/modelVersionId"
OPERATOR = f"{CONFIG}/thresholdCmpOperator"


class MetricConfig(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """`model_version_id` is the metric model. The operator, a word or a symbol, may be said as the reference system
    does, `{"kind": "LessEq"}`, or plainly, under either name."""

    model_version_id: Any = None
    threshold: Any = None
    threshold_cmp_operator: Any = None
    operator: Any = None
    deployment_config_name: Any = None
    deployment_configuration_name: Any = None


class MetricPlan(msgspec.Struct, frozen=True):
    """A request is healthy when the value of `metric` stands in the relation `healthy` to `threshold`."""

    metric: ModelVersion
    threshold: float
    healthy: Operator
    configuration: str


def plan_metric(
    ports: Ports, watched: ModelVersion | None, config: MetricConfig, findings: Findings
) -> MetricPlan | None:
    """What `config` asks for; None, and everything that is wrong is among the findings. Without `watched` the metric
    model is held against nothing."""
    metric = findings.attempt(lambda: find_metric(ports, config.model_version_id))
    threshold = findings.attempt(lambda: read_threshold(config.threshold))
    healthy = findings.attempt(lambda: read_operator(config))
    configuration = findings.attempt(lambda: find_configuration(ports, config))
    if metric and watched and watched.signature:
        findings.problems.extend(check_fit(metric.released_signature, watched.signature, METRIC))
    if metric is None or threshold is None or healthy is None or configuration is None or findings.problems:
        return None
    return MetricPlan(metric, threshold, healthy, configuration)


def find_watched(ports: Ports, version_id: object) -> ModelVersion:
    """Any Released version, external ones too. Raises InvalidRequest."""
    return find_released(ports, version_id, "/modelVersionId")


def find_metric(ports: Ports, version_id: object) -> ModelVersion:
    """Raises InvalidRequest for one that cannot be deployed."""
    version = find_released(ports, version_id, METRIC)
    if version.is_external:
        received = f"{version.full_name}, which is external: it runs elsewhere"
        raise InvalidRequest.of([Problem(METRIC, "a version that can be deployed", received)])
    return version


def find_released(ports: Ports, version_id: object, pointer: str) -> ModelVersion:
    """Raises InvalidRequest."""
    if type(version_id) is not int:
        received = "nothing" if version_id is None else repr(version_id)[:80]
        raise InvalidRequest.of([Problem(pointer, "the id of a model version", received)])
    try:
        version = ports.models.by_id(version_id)
    except NotFound as missing:
        raise InvalidRequest.of([Problem(pointer, "something that exists", missing.detail)]) from None
    if version.status is not VersionStatus.RELEASED:
        received = f"{version.full_name}, which is {version.status}"
        raise InvalidRequest.of([Problem(pointer, "a Released version", received)])
    return version


def read_threshold(threshold: object) -> float:
    """Raises InvalidRequest."""
    if isinstance(threshold, bool) or not isinstance(threshold, int | float) or not _is_finite(threshold):
        received = "nothing" if threshold is None else repr(threshold)[:80]
        raise InvalidRequest.of([Problem(f"{CONFIG}/threshold", "a finite number", received)])
    return float(threshold)


def read_operator(config: MetricConfig) -> Operator:
    """Raises InvalidRequest."""
    pointer, said = (OPERATOR, config.threshold_cmp_operator)
    if said is None and config.operator is not None:
        pointer, said = f"{CONFIG}/operator", config.operator
    elif config.operator is not None:
        raise InvalidRequest.of([Problem(f"{CONFIG}/operator", "nothing beside thresholdCmpOperator", "both")])
    if isinstance(said, dict):
        pointer, said = f"{pointer}/kind", said.get("kind")
    return parse_operator("nothing" if said is None else said if isinstance(said, str) else repr(said), pointer)


def find_configuration(ports: Ports, config: MetricConfig) -> str:
    """Raises InvalidRequest."""
    said = [config.deployment_config_name, config.deployment_configuration_name]
    name = next((each for each in said if each is not None), DEFAULT_DEPLOYMENT.name)
    pointer = f"{CONFIG}/deploymentConfigName"
    if not isinstance(name, str):
        raise InvalidRequest.of([Problem(pointer, "the name of a deployment configuration", repr(name)[:80])])
    try:
        return find_deployment(ports, name).name
    except NotFound as missing:
        raise InvalidRequest.of([Problem(pointer, "something that exists", missing.detail)]) from None


def _is_finite(number: float) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:  # an integer that no float can be
        return False
