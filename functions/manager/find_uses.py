"""Who uses what: nothing that is in use can be deleted, and the refusal names its users."""

from collections.abc import Callable

from functions.core.errors import Conflict
from functions.core.models import Application, Variant
from functions.manager.ports import Ports


def applications_where(ports: Ports, uses: Callable[[Variant], bool]) -> list[str]:
    """Names of the applications with such a variant, also in an update that is on its way."""
    return [application.name for application in ports.applications.list() if any(map(uses, variants(application)))]


def variants(application: Application) -> list[Variant]:
    stages = application.stages + (application.candidate.stages if application.candidate else ())
    return [variant for stage in stages for variant in stage.variants]


def users_of_version(ports: Ports, name: str, version: int) -> list[str]:
    """Applications and servables."""
    servables = [
        f"servable {servable.name}"
        for servable in ports.servables.list()
        if (servable.model_name, servable.model_version) == (name, version)
    ]
    applications = applications_where(ports, lambda v: (v.model_name, v.model_version) == (name, version))
    return [f"application {user}" for user in applications] + servables


def users_of_configuration(ports: Ports, name: str) -> list[str]:
    """Applications and servables."""
    servables = [
        f"servable {servable.name}"
        for servable in ports.servables.list()
        if servable.deployment_configuration_name == name
    ]
    applications = applications_where(ports, lambda v: v.deployment_configuration_name == name)
    return [f"application {user}" for user in applications] + servables


def users_of_servable(ports: Ports, name: str) -> list[str]:
    """Applications."""
    return [f"application {user}" for user in applications_where(ports, lambda v: v.servable_name == name)]


def refuse_when_used(what: str, users: list[str]) -> None:
    """Raises Conflict naming the users."""
    if users:
        raise Conflict(f"{what} is in use by {', '.join(users)}")
