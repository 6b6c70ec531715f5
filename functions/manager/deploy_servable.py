"""Puts one version to work: a servable that is Starting until its host reports otherwise."""

from collections.abc import Mapping

from functions.core.deployments import DeploymentConfiguration
from functions.core.errors import Conflict
from functions.core.models import ModelVersion, Servable, ServableStatus, VersionStatus
from functions.core.naming import servable_name
from functions.manager.find_deployment import find_deployment
from functions.manager.ports import Ports
from functions.manager.stop_servable import stop_servable

NAMES_TRIED = 10
OWNER = "dewpoint.application"  # metadata of a servable that an application made for itself


def deploy_servable(
    ports: Ports, version: ModelVersion, configuration_name: str, metadata: Mapping[str, str]
) -> Servable:
    """Raises NotFound for an unknown configuration, and for a version or servable that somebody deletes meanwhile;
    Conflict for a version that is external or not Released."""
    configuration = find_deployment(ports, configuration_name)
    require_released(version)
    servable = reserve_name(ports, version, configuration, metadata)
    try:
        ports.models.get(version.name, version.version)  # who deletes it looks for servables afterwards
        ports.host.start(servable, version.image.reference, configuration)
        ports.servables.get(servable.name)  # who stops it tells the host afterwards
    except Exception:
        stop_servable(ports, servable.name)
        raise
    return servable


def require_released(version: ModelVersion) -> None:
    """Raises Conflict."""
    if version.is_external:
        raise Conflict(f"model version {version.full_name} is external: it runs elsewhere and cannot be deployed here")
    if version.status is not VersionStatus.RELEASED:
        raise Conflict(f"model version {version.full_name} is {version.status}, only a Released one can be deployed")


def reserve_name(
    ports: Ports, version: ModelVersion, configuration: DeploymentConfiguration, metadata: Mapping[str, str]
) -> Servable:
    """Stores the servable under a name that nobody has."""
    for _ in range(NAMES_TRIED):
        servable = Servable(
            name=servable_name(version.name, version.version, ports.chance),
            model_name=version.name,
            model_version=version.version,
            model_version_id=version.id,
            signature=version.released_signature,
            deployment_configuration_name=configuration.name,
            status=ServableStatus.STARTING,
            desired=configuration.replicas,
            container=version.container,
            scaling=configuration.autoscaling,
            metadata=dict(metadata),
            created=ports.clock.now(),
        )
        try:
            ports.servables.create(servable)
        except Conflict:
            continue
        return servable
    raise Conflict(f"all names tried for a servable of {version.full_name} are taken; try again")
