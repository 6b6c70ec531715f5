"""A new deployment configuration, in the reference system's form (that of a Kubernetes container)."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from functions.core.deployments import DEFAULT_DEPLOYMENT, DeploymentConfiguration, Resources
from functions.core.errors import Conflict, InvalidRequest
from functions.core.naming import DEPLOYMENT, check_name
from functions.core.place import escape
from functions.core.scaling import MOST_REPLICAS
from functions.manager.findings import Findings
from functions.manager.ports import Ports
from functions.manager.quantities import fit, parse_cpu, parse_memory
from functions.manager.read_scaling import Autoscaler, read_scaling

RESOURCES = "/container/resources"
OURS = ("APP_HOST", "APP_PORT")
ENVIRONMENT = "/container/env"
VARIABLE = re.compile(r"[^=\0]{1,255}")
LARGEST_ENVIRONMENT = 32 * 1024  # bytes; a task definition may have 64 KB, with everything else in it

N = TypeVar("N", int, float)


class ContainerResources(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    limits: dict[str, Any] | None = None
    requests: dict[str, Any] | None = None


class Container(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    resources: ContainerResources | None = None
    env: dict[str, str] | None = None


class Deployment(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    replica_count: int | None = None


class NewDeployment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`hpa` says how the number of copies may change; `pod` is Kubernetes' placement, kept as it comes."""

    name: str
    container: Container | None = None
    deployment: Deployment | None = None
    hpa: Autoscaler | None = None
    pod: dict[str, Any] | None = None


def create_deployment(ports: Ports, request: NewDeployment) -> DeploymentConfiguration:
    """Raises InvalidRequest with everything that is wrong, Conflict for a taken name."""
    configuration = parse_deployment(request)
    if configuration.name == DEFAULT_DEPLOYMENT.name:
        raise Conflict(f"deployment configuration {configuration.name} is built in")
    ports.deployments.create(configuration)
    return configuration


def parse_deployment(request: NewDeployment) -> DeploymentConfiguration:
    """Raises InvalidRequest."""
    findings = Findings()
    container = request.container or Container()
    asked = container.resources or ContainerResources()
    limits, requests = asked.limits or {}, asked.requests or {}
    findings.attempt(lambda: check_name(DEPLOYMENT, request.name))
    resources = provision(limits, requests, findings)
    scaling = read_scaling(request.hpa, findings) if request.hpa else None
    replicas = (request.deployment or Deployment()).replica_count
    if replicas is not None and not 1 <= replicas <= MOST_REPLICAS:
        findings.add("/deployment/replicaCount", f"1 to {MOST_REPLICAS}", str(replicas))
    check_environment(container.env or {}, findings)
    findings.close()
    return DeploymentConfiguration(
        name=request.name,
        resources=resources,
        replicas=scaling.clamp(replicas or 1) if scaling else replicas or 1,
        environment=container.env or {},
        limits={name: str(amount) for name, amount in limits.items()},
        requests={name: str(amount) for name, amount in requests.items()},
        autoscaling=scaling,
        placement=request.pod or {},
    )


def check_environment(environment: dict[str, str], findings: Findings) -> None:
    """Notes what no container could be started with."""
    for name, value in environment.items():
        pointer = f"{ENVIRONMENT}/{escape(name[:80])}"
        if name in OURS:
            findings.add(pointer, "a variable that the platform does not set itself", repr(name))
        elif not VARIABLE.fullmatch(name) or "\0" in value:
            findings.add(pointer, "a name of 1 to 255 characters without '=', and no NUL", repr(name)[:80])
    size = sum(len(name.encode()) + len(value.encode()) for name, value in environment.items())
    if size > LARGEST_ENVIRONMENT:
        findings.add(ENVIRONMENT, f"at most {LARGEST_ENVIRONMENT} bytes", f"{size} bytes")


def provision(limits: dict[str, Any], requests: dict[str, Any], findings: Findings) -> Resources:
    """The size that covers limits and requests: a container gets all of its task."""
    default = DEFAULT_DEPLOYMENT.resources
    asked = {"limits": limits, "requests": requests}
    for kind, amounts in asked.items():
        for name in amounts.keys() - {"cpu", "memory"}:
            findings.add(f"{RESOURCES}/{kind}/{name}", "cpu or memory", repr(name))
    cpu = max(_parsed(parse_cpu, "cpu", asked, findings), default=default.cpu)
    memory = max(_parsed(parse_memory, "memory", asked, findings), default=default.memory)
    return findings.attempt(lambda: fit(cpu, memory, RESOURCES)) or default


def _parsed(
    parse: Callable[[object, str], N], name: str, asked: dict[str, dict[str, Any]], findings: Findings
) -> list[N]:
    amounts = []
    for kind in asked:
        if name in asked[kind]:
            try:
                amounts.append(parse(asked[kind][name], f"{RESOURCES}/{kind}/{name}"))
            except InvalidRequest as error:
                findings.problems.extend(error.problems)
    return amounts
