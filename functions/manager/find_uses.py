"""Who uses what: nothing that is in use can be deleted, and the refusal names its users."""

from collections.abc import Callable

from functions.core.errors import Conflict
from functions.core.metric_specs import MetricSpec
from functions.core.models import Application, Variant
from functions.manager.ports import Ports


def applications_where(ports: Ports, uses: Callable[[Variant], bool]) -> list[str]:
    """Names of the applications with such a variant, also in an update that is on its way."""
    return [application.name for application in ports.applications.list() if any(map(uses, variants(application)))]


def variants(application: Application) -> list[Variant]:
    stages = application.stages + (application.candidate.stages if application.candidate else ())
    return [variant for stage in stages for variant in stage.variants]


def specs_where(ports: Ports, uses: Callable[[MetricSpec], bool]) -> list[str]:
    return [called(spec) for spec in ports.specs.list() if uses(spec)]


def called(spec: MetricSpec) -> str:
    """A metric spec among users: its name is one of many, the version that it watches has it once."""
    return f"metric spec {spec.name} of {spec.model}"


def users_of_version(ports: Ports, name: str, version: int) -> list[str]:
    """Applications, servables, and the metric specs that watch it or measure with it."""
    servables = [
        f"servable {servable.name}"
        for servable in ports.servables.list()
        if (servable.model_name, servable.model_version) == (name, version)
    ]
    applications = applications_where(ports, lambda v: (v.model_name, v.model_version) == (name, version))
    specs = specs_where(ports, lambda spec: f"{name}:{version}" in (spec.model, spec.metric_model))
    return [f"application {user}" for user in applications] + servables + specs


def users_of_configuration(ports: Ports, name: str) -> list[str]:
    """Applications, servables and metric specs."""
    servables = [
        f"servable {servable.name}"
        for servable in ports.servables.list()
        if servable.deployment_configuration_name == name
    ]
    applications = applications_where(ports, lambda v: v.deployment_configuration_name == name)
    specs = specs_where(ports, lambda spec: spec.deployment_configuration_name == name)
    return [f"application {user}" for user in applications] + servables + specs


def users_of_servable(ports: Ports, name: str) -> list[str]:
    """Applications and metric specs."""
    applications = applications_where(ports, lambda v: v.servable_name == name)
    specs = specs_where(ports, lambda spec: spec.servable_name == name)
    return [f"application {user}" for user in applications] + specs


def refuse_when_used(what: str, users: list[str]) -> None:
    """Raises Conflict naming the users."""
    if users:
        raise Conflict(f"{what} is in use by {', '.join(users)}")
