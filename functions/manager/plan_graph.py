"""What an application's graph asks for, checked and resolved before anything is started.

A plan is data: per stage its variants, each with the version, the configuration, the weight and, where the request or
an earlier graph has one, the servable. Making the missing servables is the next step's work (deploy_graph.py).
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import msgspec
from msgspec.structs import replace

from functions.core.deployments import DEFAULT_DEPLOYMENT
from functions.core.errors import InvalidRequest, NotFound, Problem
from functions.core.models import ModelVersion, VersionStatus
from functions.core.signature import Signature, append, merge
from functions.manager.find_deployment import find_deployment
from functions.manager.findings import Findings
from functions.manager.ports import Ports

GRAPH = "/executionGraph"
STAGES = f"{GRAPH}/stages"
ALL = 100  # percent
MOST_VARIANTS = 32  # of all stages: each may need a servable started, and a call has 29 seconds for all of them

Join = Callable[[Signature, Signature], Signature]


class VariantRequest(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Names its version by id, by model and number, or by a servable that runs already."""

    model_version_id: int | None = None
    model_name: str | None = None
    model_version: int | None = None
    servable_name: str | None = None
    deploy_config_name: str | None = msgspec.field(default=None, name="deploymentConfigName")
    deployment_configuration_name: str | None = None
    weight: int | None = None

    @property
    def configuration(self) -> str:
        return self.deploy_config_name or self.deployment_configuration_name or DEFAULT_DEPLOYMENT.name


class StageRequest(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """`signature` is what an answer of ours shows and is worked out again."""

    model_variants: list[VariantRequest]
    signature: Any = None


class GraphRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    stages: list[StageRequest]


class PlannedVariant(msgspec.Struct, frozen=True):
    version: ModelVersion
    configuration: str
    weight: int
    servable: str | None


class PlannedStage(msgspec.Struct, frozen=True):
    variants: tuple[PlannedVariant, ...]
    signature: Signature


class Plan(msgspec.Struct, frozen=True):
    stages: tuple[PlannedStage, ...]
    signature: Signature


def plan_graph(ports: Ports, request: GraphRequest) -> Plan:
    """Raises InvalidRequest with everything that is wrong, each with a pointer into the request."""
    findings = Findings()
    if not request.stages:
        findings.add(STAGES, "at least one stage", "none")
    if (count := sum(len(stage.model_variants) for stage in request.stages)) > MOST_VARIANTS:
        findings.add(STAGES, f"at most {MOST_VARIANTS} variants in all", str(count))
        findings.close()
    variants = [
        plan_variants(ports, stage.model_variants, f"{STAGES}/{at}/modelVariants", findings)
        for at, stage in enumerate(request.stages)
    ]
    findings.close()
    stages = tuple(plan_stage(chosen, f"{STAGES}/{at}") for at, chosen in enumerate(variants))
    signature = stages[0].signature
    for at, (before, stage) in enumerate(pairwise(stages), start=1):
        check_flow(before, stage, f"{STAGES}/{at}")
        signature = _pointed(append, signature, stage.signature, f"{STAGES}/{at}")
    return Plan(stages, signature)


def check_flow(before: PlannedStage, stage: PlannedStage, pointer: str) -> None:
    """Raises InvalidRequest unless each variant before gives by itself what `stage` takes: the variants' signatures
    merged promise what only one of them may give."""
    findings = Findings()
    for variant in before.variants:
        try:
            _pointed(append, variant.version.released_signature, stage.signature, pointer)
        except InvalidRequest as error:
            for problem in error.problems:
                findings.add(problem.pointer, problem.expected, f"{problem.received} of {variant.version.full_name}")
    findings.close()


def plan_stage(variants: list[PlannedVariant], pointer: str) -> PlannedStage:
    """Raises InvalidRequest when the variants' signatures do not merge."""
    signature = variants[0].version.released_signature
    for at, variant in enumerate(variants[1:], start=1):
        signature = _pointed(merge, signature, variant.version.released_signature, f"{pointer}/modelVariants/{at}")
    return PlannedStage(tuple(variants), signature)


def plan_variants(
    ports: Ports, requests: list[VariantRequest], pointer: str, findings: Findings
) -> list[PlannedVariant]:
    """The variants of one stage that could be resolved; what could not is among the findings."""
    if not requests:
        findings.add(pointer, "at least one variant", "none")
    weights = check_weights(requests, pointer, findings)
    planned = []
    for at, (request, weight) in enumerate(zip(requests, weights, strict=True)):
        try:
            planned.append(plan_variant(ports, request, weight, f"{pointer}/{at}"))
        except InvalidRequest as error:
            findings.problems.extend(error.problems)
    return planned


def check_weights(requests: list[VariantRequest], pointer: str, findings: Findings) -> list[int]:
    """A lone variant answers always, whatever it says; several must share out 100 percent."""
    if len(requests) == 1:
        return [ALL]
    weights = [request.weight or 0 for request in requests]
    for at, request in enumerate(requests):
        if request.weight is None or not 0 <= request.weight <= ALL:
            findings.add(f"{pointer}/{at}/weight", "a whole number from 0 to 100", str(request.weight))
    if requests and sum(weights) != ALL:
        findings.add(pointer, "weights that sum to 100", f"a sum of {sum(weights)}")
    return weights


def plan_variant(ports: Ports, request: VariantRequest, weight: int, pointer: str) -> PlannedVariant:
    """Raises InvalidRequest for what does not exist or is not Released."""
    try:
        if request.servable_name is not None:
            servable = ports.servables.get(request.servable_name)
            version = ports.models.get(servable.model_name, servable.model_version)
            check_agreement(request, version, pointer, servable.deployment_configuration_name)
            return PlannedVariant(version, servable.deployment_configuration_name, weight, servable.name)
        found = find_version(ports, request)
        if found is not None:
            check_agreement(request, found, pointer)
        configuration = find_deployment(ports, request.configuration).name
    except NotFound as missing:
        raise InvalidRequest.of([Problem(pointer, "something that exists", missing.detail)]) from None
    if found is None:
        expected = "modelVersionId, modelName and modelVersion, or servableName"
        raise InvalidRequest.of([Problem(pointer, expected, "none of them")])
    if found.is_external:
        received = f"{found.full_name}, which is external: it runs elsewhere"
        raise InvalidRequest.of([Problem(pointer, "a version that can be deployed", received)])
    if found.status is not VersionStatus.RELEASED:
        received = f"{found.full_name}, which is {found.status}"
        raise InvalidRequest.of([Problem(pointer, "a Released version", received)])
    return PlannedVariant(found, configuration, weight, None)


def check_agreement(
    request: VariantRequest, version: ModelVersion, pointer: str, configuration: str | None = None
) -> None:
    """What a variant says of itself may be said twice, as our own answers do, and must be the same then: somebody who
    changes one of them means it. `configuration` is that of the named servable. Raises InvalidRequest."""
    said = {
        "modelVersionId": (request.model_version_id, version.id),
        "modelName": (request.model_name, version.name),
        "modelVersion": (request.model_version, version.version),
        "deploymentConfigName": (request.deploy_config_name, configuration),
        "deploymentConfigurationName": (request.deployment_configuration_name, configuration),
    }
    of = f"servable {request.servable_name}" if request.servable_name else f"model version {version.full_name}"
    findings = Findings()
    for field, (value, known) in said.items():
        if None not in (value, known) and value != known:
            findings.add(f"{pointer}/{field}", f"{known}, that of {of}, or nothing", str(value)[:80])
    findings.close()


def find_version(ports: Ports, request: VariantRequest) -> ModelVersion | None:
    """The version a variant names; None when it names none. Raises NotFound."""
    if request.model_version_id is not None:
        return ports.models.by_id(request.model_version_id)
    if request.model_name is not None and request.model_version is not None:
        return ports.models.get(request.model_name, request.model_version)
    return None


def _pointed(join: Join, first: Signature, second: Signature, pointer: str) -> Signature:
    try:
        return join(first, second)
    except InvalidRequest as error:
        problems = [replace(problem, pointer=f"{pointer}{problem.pointer}") for problem in error.problems]
        raise InvalidRequest.of(problems) from None
