"""Servables as ECS services on Fargate: one service per servable, one task definition family of the same name.

A model is a stranger's code: its task has no role of its own, no writable root and no user of weight.
"""

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec
from botocore.exceptions import ClientError

from functions.adapters.ecs_scaling import ServiceScaling
from functions.adapters.ecs_tasks import from_task
from functions.adapters.logs import CloudWatchLogs
from functions.core.deployments import DeploymentConfiguration
from functions.core.models import Servable
from functions.core.ports import LogPage
from functions.core.reports import Sighting

if TYPE_CHECKING:
    from mypy_boto3_ecs import ECSClient

CONTAINER = "servable"
TAIL = 10  # lines
GONE = ("ServiceNotFoundException", "ServiceNotActiveException")
HEALTH_CHECK: Any = {
    "command": ["CMD", "python", "-m", "servable.probe"],
    "interval": 5,
    "timeout": 5,
    "retries": 3,
    "startPeriod": 60,
}
SCRATCH = "/tmp"  # noqa: S108 - inside the container: all of it that can be written
PATIENCE = 300  # seconds that a stranger may load, the most that ECS takes; one that ends is noticed at once
# The platform's own words in a container's environment: a deployment configuration cannot replace them.
RESERVED = ("APP_HOST", "APP_PORT")


class HostSettings(msgspec.Struct, frozen=True, kw_only=True):
    cluster: str
    subnets: list[str]
    security_groups: list[str]
    execution_role_arn: str
    log_group: str
    region: str
    port: int
    command: list[str] = []


class EcsServableHost:
    def __init__(
        self, client: "ECSClient", scaling: ServiceScaling, logs: CloudWatchLogs, settings: HostSettings
    ) -> None:
        self._client = client
        self._scaling = scaling
        self._logs = logs
        self._settings = settings

    def start(self, servable: Servable, image: str, configuration: DeploymentConfiguration) -> None:
        if self._describe(servable.name):
            return
        definition = to_task_definition(servable, image, configuration, self._settings)
        registered = self._client.register_task_definition(**definition)
        arn = registered["taskDefinition"]["taskDefinitionArn"]
        try:
            self._client.create_service(**to_service(servable, arn, configuration, self._settings))
        except ClientError as error:
            # Somebody else created it between the look and the call: ECS says so with a general exception.
            if not self._describe(servable.name):
                self._client.deregister_task_definition(taskDefinition=arn)
                raise error
        self._begin_scaling(servable)

    def scale(self, servable: Servable) -> None:
        elastic = servable.scaling if servable.scaling and servable.scaling.is_elastic else None
        if elastic and not servable.desired:
            self._scaling.suspend(servable.name, elastic)
        try:
            self._client.update_service(
                cluster=self._settings.cluster, service=servable.name, desiredCount=servable.desired
            )
        except ClientError as error:
            if error.response["Error"]["Code"] not in GONE:
                raise
            return
        if elastic and servable.desired:
            self._scaling.resume(servable.name, elastic)

    def stop(self, name: str) -> None:
        self._scaling.end(name)
        service = self._describe(name)
        if service is None:
            return
        try:
            self._client.delete_service(cluster=self._settings.cluster, service=name, force=True)
        except ClientError as error:
            if error.response["Error"]["Code"] not in GONE:
                raise
        self._client.deregister_task_definition(taskDefinition=service["taskDefinition"])

    def look(self, name: str) -> Sighting | None:
        service = self._describe(name)
        if service is None:
            return None
        cluster = self._settings.cluster
        arns = self._client.list_tasks(cluster=cluster, serviceName=name)["taskArns"]
        tasks = self._client.describe_tasks(cluster=cluster, tasks=arns)["tasks"] if arns else []
        return Sighting(service["desiredCount"], tuple(from_task(task, self._settings.port) for task in tasks))

    def tail(self, name: str, task: str) -> tuple[str, ...]:
        return self._logs.tail(self._settings.log_group, f"{name}/{CONTAINER}/{task}", TAIL)

    def log(self, name: str, after: str | None = None) -> LogPage:
        return self._logs.page(self._settings.log_group, f"{name}/{CONTAINER}/", after)

    def _begin_scaling(self, servable: Servable) -> None:
        if servable.scaling is None or not servable.scaling.is_elastic:
            return
        try:
            self._scaling.begin(servable.name, servable.scaling)
        except ClientError:
            self.stop(servable.name)
            raise

    def _describe(self, name: str) -> Any:
        """The service; None when there is none that runs."""
        services = self._client.describe_services(cluster=self._settings.cluster, services=[name])["services"]
        return next((service for service in services if service["status"] == "ACTIVE"), None)


def family(cluster: str, servable: str) -> str:
    return f"{cluster}-{servable}"


def to_task_definition(
    servable: Servable, image: str, configuration: DeploymentConfiguration, settings: HostSettings
) -> Any:
    resources = configuration.resources
    return {
        "family": family(settings.cluster, servable.name),
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": str(round(resources.cpu * 1024)),
        "memory": str(resources.memory),
        "executionRoleArn": settings.execution_role_arn,
        "containerDefinitions": [to_container(servable, image, configuration, settings)],
        "volumes": [{"name": "scratch"}],
        "tags": to_tags(servable),
    }


def to_container(servable: Servable, image: str, configuration: DeploymentConfiguration, settings: HostSettings) -> Any:
    own = {name: value for name, value in configuration.environment.items() if name not in RESERVED}
    environment = {**own, "APP_HOST": "0.0.0.0", "APP_PORT": str(settings.port)}  # noqa: S104 - its own interface
    log_options = {
        "awslogs-group": settings.log_group,
        "awslogs-region": settings.region,
        "awslogs-stream-prefix": servable.name,
    }
    container = {
        "name": CONTAINER,
        "image": image,
        "essential": True,
        "portMappings": [{"containerPort": settings.port, "protocol": "tcp"}],
        "environment": [{"name": name, "value": value} for name, value in sorted(environment.items())],
        "user": "1000",
        "readonlyRootFilesystem": True,
        "mountPoints": [{"sourceVolume": "scratch", "containerPath": SCRATCH}],
        "healthCheck": to_health_check(servable),
        "stopTimeout": 30,
        "logConfiguration": {"logDriver": "awslogs", "options": log_options},
    }
    return container | ({"command": settings.command} if settings.command and not servable.container else {})


def to_health_check(servable: Servable) -> Any:
    if servable.container is None:
        return HEALTH_CHECK
    return {**HEALTH_CHECK, "command": list(servable.container.health_check), "startPeriod": PATIENCE}


def to_service(
    servable: Servable, task_definition: str, configuration: DeploymentConfiguration, settings: HostSettings
) -> Any:
    return {
        "cluster": settings.cluster,
        "serviceName": servable.name,
        "clientToken": hashlib.sha256(servable.name.encode()).hexdigest()[:32],
        "taskDefinition": task_definition,
        "desiredCount": configuration.replicas,
        "launchType": "FARGATE",
        "deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": True, "rollback": False}},
        "networkConfiguration": {
            "awsvpcConfiguration": {
                "subnets": settings.subnets,
                "securityGroups": settings.security_groups,
                "assignPublicIp": "DISABLED",
            }
        },
        "propagateTags": "SERVICE",
        "tags": to_tags(servable),
    }


def to_tags(servable: Servable) -> list[dict[str, str]]:
    tags = {
        "dewpoint:servable": servable.name,
        "dewpoint:model": servable.model_name,
        "dewpoint:model-version": str(servable.model_version),
    }
    return [{"key": key, "value": value} for key, value in tags.items()]
