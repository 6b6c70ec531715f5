"""Deployment configurations, with the built-in one among them."""

from functions.core.deployments import DEFAULT_DEPLOYMENT, DeploymentConfiguration
from functions.core.errors import Conflict
from functions.manager.find_uses import refuse_when_used, users_of_configuration
from functions.manager.ports import Ports


def find_deployment(ports: Ports, name: str) -> DeploymentConfiguration:
    """Raises NotFound."""
    return DEFAULT_DEPLOYMENT if name == DEFAULT_DEPLOYMENT.name else ports.deployments.get(name)


def list_deployments(ports: Ports) -> list[DeploymentConfiguration]:
    return [DEFAULT_DEPLOYMENT, *ports.deployments.list()]


def delete_deployment(ports: Ports, name: str) -> DeploymentConfiguration:
    """Raises NotFound, Conflict for the built-in one and for one in use."""
    configuration = find_deployment(ports, name)
    if configuration is DEFAULT_DEPLOYMENT:
        raise Conflict(f"deployment configuration {name} is built in")
    refuse_when_used(f"deployment configuration {name}", users_of_configuration(ports, name))
    ports.deployments.delete(name)
    return configuration
