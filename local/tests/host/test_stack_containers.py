"""Clusters, task definitions, services and build projects reach the planes that run them."""

import pytest

from .conftest import ROLE, Cloud
from .stack import Stack, Template, att, ref, resource

pytestmark = pytest.mark.cloud


def containers(memory: str, minutes: str) -> Template:
    return {
        "Cluster": resource("ECS::Cluster", ClusterSettings=[{"Name": "containerInsights", "Value": "disabled"}]),
        "Providers": resource(
            "ECS::ClusterCapacityProviderAssociations",
            Cluster=ref("Cluster"),
            CapacityProviders=["FARGATE"],
            DefaultCapacityProviderStrategy=[{"CapacityProvider": "FARGATE", "Weight": "1"}],
        ),
        "Task": resource(
            "ECS::TaskDefinition",
            Family="gateway",
            Cpu="256",
            Memory=memory,
            NetworkMode="awsvpc",
            RequiresCompatibilities=["FARGATE"],
            ContainerDefinitions=[
                {
                    "Name": "gateway",
                    "Image": "nowhere/gateway:1",
                    "Essential": "true",
                    "ReadonlyRootFilesystem": "true",
                    "StopTimeout": "30",
                    "PortMappings": [{"ContainerPort": "9091", "Protocol": "tcp"}],
                    "Environment": [{"Name": "APP_PORT", "Value": "9091"}],
                    "HealthCheck": {"Command": ["CMD", "true"], "Interval": "10", "Retries": "3"},
                    "LogConfiguration": {"LogDriver": "awslogs", "Options": {"awslogs-group": "g", "MixedCase": "x"}},
                }
            ],
        ),
        "Service": resource(
            "ECS::Service",
            Cluster=ref("Cluster"),
            TaskDefinition=ref("Task"),
            DesiredCount="0",
            LaunchType="FARGATE",
            NetworkConfiguration={"AwsvpcConfiguration": {"Subnets": ["subnet-1"], "AssignPublicIp": "DISABLED"}},
            DeploymentConfiguration={"DeploymentCircuitBreaker": {"Enable": "true", "Rollback": "true"}},
        ),
        "Build": resource(
            "CodeBuild::Project",
            ServiceRole=ROLE,
            Artifacts={"Type": "NO_ARTIFACTS"},
            Source={"Type": "NO_SOURCE", "BuildSpec": "version: 0.2"},
            Environment={
                "Type": "LINUX_CONTAINER",
                "Image": "aws/codebuild/standard:7.0",
                "ComputeType": "BUILD_GENERAL1_SMALL",
                "PrivilegedMode": "true",
                "EnvironmentVariables": [{"Name": "A", "Value": "b", "Type": "PLAINTEXT"}],
            },
            TimeoutInMinutes=minutes,
        ),
    }


def test_containers_and_builds(cloud: Cloud, stack: Stack) -> None:
    outputs = stack.deploy(containers("512", "20"), Arn=att("Cluster", "Arn"), Name=att("Service", "Name"))
    ids, tasks, builds = stack.ids(), cloud.client("ecs"), cloud.client("codebuild")

    service = tasks.describe_services(cluster=ids["Cluster"], services=[ids["Service"]])["services"][0]
    assert (service["serviceName"], service["clusterArn"]) == (outputs["Name"], outputs["Arn"])
    definition = tasks.describe_task_definition(taskDefinition=ids["Task"])["taskDefinition"]
    container = definition["containerDefinitions"][0]
    assert container["portMappings"][0]["containerPort"] == 9091
    assert (container["essential"], container["stopTimeout"], container["healthCheck"]["interval"]) == (True, 30, 10)
    assert container["logConfiguration"]["options"] == {"awslogs-group": "g", "MixedCase": "x"}
    project = builds.batch_get_projects(names=[ids["Build"]])["projects"][0]
    assert (project["timeoutInMinutes"], project["environment"]["privilegedMode"]) == (20, True)

    stack.deploy(containers("1024", "30"))
    changed = stack.ids()

    assert changed["Task"] != ids["Task"], "a task definition is never changed, but replaced"
    assert changed["Service"] == ids["Service"], "a service is changed in place"
    service = tasks.describe_services(cluster=ids["Cluster"], services=[ids["Service"]])["services"][0]
    assert service["taskDefinition"] == changed["Task"]
    assert builds.batch_get_projects(names=[ids["Build"]])["projects"][0]["timeoutInMinutes"] == 30

    stack.delete()
    assert tasks.describe_clusters(clusters=[outputs["Arn"]])["clusters"][0]["status"] == "INACTIVE"
    assert ids["Build"] not in builds.list_projects()["projects"]
