"""What the host promises, held against the fake and against ECS; and the words in which ECS is asked."""

import time
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.session import get_session
from botocore.validate import ParamValidator
from msgspec.structs import replace

from functions.adapters.clients import client
from functions.adapters.ecs import EcsServableHost, HostSettings, to_service
from functions.adapters.ecs_scaling import ServiceScaling, to_policy, to_target
from functions.adapters.logs import CloudWatchLogs
from functions.core.deployments import DEFAULT_DEPLOYMENT, Resources
from functions.core.models import Container
from functions.core.ports import ServableHost
from functions.core.reports import Sighting
from functions.core.scaling import Scaling
from tests.contract.conftest import ACCOUNT
from tests.fakes import entities
from tests.fakes.host import FakeServableHost

pytestmark = pytest.mark.disable_socket

CLUSTER = "contract"
GROUP = "/contract/servables"
IMAGE = f"registry/models@{entities.DIGEST}"
NAME = "penguins-1-calm-heron"
ELASTIC = Scaling(min_replicas=0, max_replicas=4, cpu_utilization=70)


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
    from moto.ec2.models import ec2_backends

    [default_network] = ec2_backends[ACCOUNT][aws].describe_subnets()[:1]
    boto3.client("ecs").create_cluster(clusterName=CLUSTER)
    boto3.client("logs").create_log_group(logGroupName=GROUP)
    return settings(subnets=[default_network.id], security_groups=[])


def ecs_in(place: HostSettings) -> EcsServableHost:
    scaling = ServiceScaling(client("application-autoscaling"), place.cluster)
    return EcsServableHost(client("ecs"), scaling, CloudWatchLogs(client("logs")), place)


@pytest.fixture
def ecs_host(place: HostSettings) -> EcsServableHost:
    return ecs_in(place)


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
    assert host.look(NAME) == Sighting(1, ())
    assert host.log(NAME).lines == ()
    assert host.tail(NAME, "task") == ()


def test_x03_the_number_of_copies_follows_the_record_down_to_none_and_up_again(host: ServableHost) -> None:
    for scaling in (None, Scaling(min_replicas=0), ELASTIC):
        servable = entities.servable(f"{NAME}-{scaling.max_replicas if scaling else 0}", scaling=scaling)
        host.start(servable, IMAGE, DEFAULT_DEPLOYMENT)
        for desired in (0, 0, 2, 1):
            host.scale(replace(servable, desired=desired))
            assert host.look(servable.name) == Sighting(desired, ())


def test_what_is_not_there_is_seen_as_nothing_and_stays_so_when_it_is_scaled(host: ServableHost) -> None:
    assert host.look("nobody") is None
    host.scale(entities.servable("nobody"))
    assert host.look("nobody") is None
    host.start(entities.servable(NAME), IMAGE, DEFAULT_DEPLOYMENT)
    host.stop(NAME)
    host.scale(entities.servable(NAME))
    assert host.look(NAME) is None


def targets() -> list[Any]:
    return boto3.client("application-autoscaling").describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]


def test_m18_copies_follow_the_processors_use_between_least_and_most(ecs_host: EcsServableHost) -> None:
    ecs_host.start(entities.servable(NAME, scaling=ELASTIC), IMAGE, DEFAULT_DEPLOYMENT)
    [target] = targets()
    assert target["ResourceId"] == f"service/{CLUSTER}/{NAME}"
    assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 4)
    [policy] = boto3.client("application-autoscaling").describe_scaling_policies(ServiceNamespace="ecs")[
        "ScalingPolicies"
    ]
    assert policy["PolicyType"] == "TargetTrackingScaling"
    tracked = policy["TargetTrackingScalingPolicyConfiguration"]
    assert tracked["TargetValue"] == 70.0
    metric = tracked["PredefinedMetricSpecification"]["PredefinedMetricType"]
    assert metric == "ECSServiceAverageCPUUtilization"


def test_x03_nothing_scales_a_sleeper_behind_our_back(ecs_host: EcsServableHost) -> None:
    servable = entities.servable(NAME, scaling=ELASTIC)
    ecs_host.start(servable, IMAGE, DEFAULT_DEPLOYMENT)
    ecs_host.scale(replace(servable, desired=0))
    [asleep] = targets()
    assert asleep["MinCapacity"] == 0
    assert set(asleep["SuspendedState"].values()) == {True}
    ecs_host.scale(servable)
    [awake] = targets()
    assert awake["MinCapacity"] == 1
    assert set(awake["SuspendedState"].values()) == {False}


def test_m18_scaling_ends_with_the_servable_and_what_cannot_scale_has_none(ecs_host: EcsServableHost) -> None:
    ecs_host.start(entities.servable(NAME, scaling=Scaling(min_replicas=0)), IMAGE, DEFAULT_DEPLOYMENT)
    assert targets() == []
    ecs_host.start(entities.servable("elastic", scaling=ELASTIC), IMAGE, DEFAULT_DEPLOYMENT)
    assert len(targets()) == 1
    for name in (NAME, "elastic", "elastic"):
        ecs_host.stop(name)
    assert targets() == []


def test_a_servable_that_cannot_be_made_to_scale_is_not_left_running(place: HostSettings) -> None:
    class Refusing(ServiceScaling):
        def resume(self, name: str, scaling: Scaling) -> None:
            raise ClientError({"Error": {"Code": "LimitExceededException", "Message": ""}}, "RegisterScalableTarget")

    scaling = Refusing(client("application-autoscaling"), CLUSTER)
    host = EcsServableHost(client("ecs"), scaling, CloudWatchLogs(client("logs")), place)
    with pytest.raises(ClientError):
        host.start(entities.servable(NAME, scaling=ELASTIC), IMAGE, DEFAULT_DEPLOYMENT)
    assert host.look(NAME) is None


@pytest.mark.parametrize("scaling", [Scaling(max_replicas=2), Scaling(min_replicas=100, max_replicas=100), ELASTIC])
def test_m18_every_scaling_that_we_accept_is_one_that_aws_accepts(scaling: Scaling) -> None:
    model = get_session().get_service_model("application-autoscaling")
    for operation, asked in {
        "RegisterScalableTarget": [to_target(CLUSTER, NAME, scaling, asleep=asleep) for asleep in (False, True)],
        "PutScalingPolicy": [to_policy(CLUSTER, NAME, scaling)],
    }.items():
        shape = model.operation_model(operation).input_shape
        for parameters in asked:
            assert not ParamValidator().validate(parameters, shape).has_errors()
            assert parameters.get("MinCapacity", 0) <= parameters.get("MaxCapacity", 0)


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
    host = ecs_in(replace(place, command=["ours"]))
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
    host = ecs_in(replace(place, command=command))
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
