"""What the host promises, held against the fake and against ECS; and the words in which ECS is asked."""

import time
from typing import Any

import boto3
import pytest
from moto.ec2.models import ec2_backends
from msgspec.structs import replace

from functions.adapters.clients import client
from functions.adapters.ecs import EcsServableHost, HostSettings, to_service
from functions.adapters.logs import CloudWatchLogs
from functions.core.models import DEFAULT_DEPLOYMENT, Container, Resources
from functions.core.ports import ServableHost
from tests.fakes import entities
from tests.fakes.host import FakeServableHost

pytestmark = pytest.mark.disable_socket

ACCOUNT = "123456789012"  # moto's
CLUSTER = "contract"
GROUP = "/contract/servables"
IMAGE = f"registry/models@{entities.DIGEST}"
NAME = "penguins-1-calm-heron"


def settings(**changes: Any) -> HostSettings:
    fields: dict[str, Any] = {
        "cluster": CLUSTER,
        "subnets": ["subnet-1"],
        "security_groups": ["sg-1"],
        "execution_role_arn": "arn:aws:iam::123456789012:role/execution",
        "log_group": GROUP,
        "region": "eu-west-1",
        "port": 9091,
    }
    return HostSettings(**fields | changes)


@pytest.fixture
def place(aws: str) -> HostSettings:
    """A cluster, a network and a log group."""
    [default_network] = ec2_backends[ACCOUNT][aws].describe_subnets()[:1]
    boto3.client("ecs").create_cluster(clusterName=CLUSTER)
    boto3.client("logs").create_log_group(logGroupName=GROUP)
    return settings(subnets=[default_network.id], security_groups=[])


@pytest.fixture
def ecs_host(place: HostSettings) -> EcsServableHost:
    return EcsServableHost(client("ecs"), CloudWatchLogs(client("logs")), place)


@pytest.fixture(params=["fake", "ecs"])
def host(request: pytest.FixtureRequest) -> ServableHost:
    return FakeServableHost() if request.param == "fake" else request.getfixturevalue("ecs_host")


def test_starting_and_stopping_twice_is_doing_it_once(host: ServableHost) -> None:
    servable = entities.servable(NAME)
    for _ in range(2):
        host.start(servable, IMAGE, DEFAULT_DEPLOYMENT)
    for _ in range(2):
        host.stop(NAME)


def test_stopping_what_never_ran_is_no_error(host: ServableHost) -> None:
    host.stop("nobody")


def test_a_servable_without_tasks_has_no_replicas_and_no_log(host: ServableHost) -> None:
    host.start(entities.servable(NAME), IMAGE, DEFAULT_DEPLOYMENT)
    assert list(host.replicas(NAME)) == []
    assert host.log(NAME).lines == ()
    assert host.tail(NAME, "task") == ()


def test_ecs_runs_a_stranger_with_nothing_of_ours(ecs_host: EcsServableHost) -> None:
    configuration = entities.configuration(
        replicas=2, resources=Resources(cpu=1, memory=2048), environment={"MODE": "fast", "APP_PORT": "1"}
    )
    ecs_host.start(entities.servable(NAME), IMAGE, configuration)
    ecs = boto3.client("ecs")
    [service] = ecs.describe_services(cluster=CLUSTER, services=[NAME], include=["TAGS"])["services"]
    assert service["desiredCount"] == 2
    definition = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
    assert definition["family"] == f"{CLUSTER}-{NAME}"
    assert (definition["cpu"], definition["memory"], definition["networkMode"]) == ("1024", "2048", "awsvpc")
    assert "taskRoleArn" not in definition
    [container] = definition["containerDefinitions"]
    assert container["image"] == IMAGE
    assert container["user"] == "1000"
    assert container["readonlyRootFilesystem"] is True
    assert container["portMappings"][0]["containerPort"] == 9091
    environment = {item["name"]: item["value"] for item in container["environment"]}
    assert environment == {"MODE": "fast", "APP_HOST": "0.0.0.0", "APP_PORT": "9091"}
    assert definition["volumes"] == [{"name": "scratch"}]
    [mount] = container["mountPoints"]
    assert (mount["sourceVolume"], mount["containerPath"], mount.get("readOnly", False)) == ("scratch", "/tmp", False)
    assert container["healthCheck"]["command"] == ["CMD", "python", "-m", "servable.probe"]
    assert "command" not in container


def test_m22_a_custom_image_is_looked_at_by_its_own_check(place: HostSettings) -> None:
    host = EcsServableHost(client("ecs"), CloudWatchLogs(client("logs")), replace(place, command=["ours"]))
    check = ("CMD", "python", "healthy.py")
    host.start(entities.servable(NAME, container=Container(health_check=check)), IMAGE, DEFAULT_DEPLOYMENT)
    [arn] = boto3.client("ecs").list_task_definitions()["taskDefinitionArns"]
    definition = boto3.client("ecs").describe_task_definition(taskDefinition=arn)["taskDefinition"]
    [container] = definition["containerDefinitions"]
    assert container["healthCheck"]["command"] == list(check)
    assert container["healthCheck"]["startPeriod"] == 300
    assert container["user"] == "1000"
    assert container["readonlyRootFilesystem"] is True
    assert "command" not in container


def test_ecs_gives_up_on_what_does_not_start() -> None:
    """moto keeps no deployment configuration, so this looks at the request."""
    request = to_service(entities.servable(NAME), "arn:definition", DEFAULT_DEPLOYMENT, settings())
    assert request["deploymentConfiguration"]["deploymentCircuitBreaker"] == {"enable": True, "rollback": False}
    assert request["networkConfiguration"]["awsvpcConfiguration"]["assignPublicIp"] == "DISABLED"
    assert request["propagateTags"] == "SERVICE"
    assert len(request["clientToken"]) <= 36


def test_ecs_starts_one_service_and_stops_it(ecs_host: EcsServableHost) -> None:
    ecs = boto3.client("ecs")
    for _ in range(2):
        ecs_host.start(entities.servable(NAME), IMAGE, DEFAULT_DEPLOYMENT)
    assert len(ecs.list_services(cluster=CLUSTER)["serviceArns"]) == 1
    assert len(ecs.list_task_definitions(status="ACTIVE")["taskDefinitionArns"]) == 1
    ecs_host.stop(NAME)
    assert ecs.list_task_definitions(status="ACTIVE")["taskDefinitionArns"] == []
    [service] = ecs.describe_services(cluster=CLUSTER, services=[NAME])["services"] or [{"status": "INACTIVE"}]
    assert service["status"] != "ACTIVE"


def test_a_command_of_the_environment_replaces_the_images(place: HostSettings) -> None:
    command = ["python", "-m", "servable"]
    host = EcsServableHost(client("ecs"), CloudWatchLogs(client("logs")), replace(place, command=command))
    host.start(entities.servable(NAME), IMAGE, DEFAULT_DEPLOYMENT)
    [arn] = boto3.client("ecs").list_task_definitions()["taskDefinitionArns"]
    definition = boto3.client("ecs").describe_task_definition(taskDefinition=arn)["taskDefinition"]
    assert definition["containerDefinitions"][0]["command"] == command


def test_the_log_of_a_servable_is_that_of_all_its_tasks(ecs_host: EcsServableHost) -> None:
    logs = boto3.client("logs")
    for at, task in enumerate(("t1", "t2")):
        stream = f"{NAME}/servable/{task}"
        logs.create_log_stream(logGroupName=GROUP, logStreamName=stream)
        events = [{"timestamp": int(time.time() * 1000) - 1000 + at, "message": f"hello from {task}\n"}]
        logs.put_log_events(logGroupName=GROUP, logStreamName=stream, logEvents=events)  # type: ignore[arg-type]
    assert ecs_host.log(NAME).lines == ("hello from t1", "hello from t2")
    assert ecs_host.tail(NAME, "t2") == ("hello from t2",)
    assert ecs_host.log("penguins-1-calm").lines == ()
