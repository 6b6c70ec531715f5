"""ECR and ECS."""

import time
from typing import Any

from local_cloud.stacks.casting import boolean
from local_cloud.stacks.resource import Call, Client, Named, Resource, ResourceType, answer, given

STEADY_TIMEOUT_SECONDS = 280.0  # below LocalStack's limit per resource, so that the reason is ours
POLL_SECONDS = 0.25


def steady(client: Client, item: Resource) -> str | None:
    """Wait as CloudFormation does until the service's primary deployment is complete; why it failed otherwise."""
    deadline = time.monotonic() + STEADY_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        services = client.describe_services(cluster=item.get("Cluster", "default"), services=[item.id])["services"]
        primary = next((d for d in services[0].get("deployments", []) if d["status"] == "PRIMARY"), None)
        if primary is None or primary.get("rolloutState", "COMPLETED") == "COMPLETED":
            return None
        if primary["rolloutState"] == "FAILED":
            return f"{item.id}: {primary.get('rolloutStateReason', 'the deployment failed')}"
        time.sleep(POLL_SECONDS)
    return f"{item.id} did not stabilize"


def service_update(item: Resource) -> dict[str, Any]:
    """UpdateService takes most of what CreateService takes, and calls the name `service`."""
    return {**item.without("ServiceName", "LaunchType", "Tags"), "service": item.id}


def cluster(item: Resource) -> dict[str, Any]:
    """A cluster's settings have a longer name in CloudFormation."""
    return {**item.without("ClusterSettings"), "settings": item.get("ClusterSettings")}


def associations(item: Resource) -> dict[str, Any]:
    """The providers of a cluster; both lists are required by the API."""
    return {
        "cluster": item["Cluster"],
        "capacityProviders": item.get("CapacityProviders", []),
        "defaultCapacityProviderStrategy": item.get("DefaultCapacityProviderStrategy", []),
    }


REPOSITORY_FOLLOW_UP = (
    Call(
        "put_lifecycle_policy",
        lambda item: {
            "repositoryName": item.id,
            "lifecyclePolicyText": item["LifecyclePolicy.LifecyclePolicyText"],
        },
        when="LifecyclePolicy.LifecyclePolicyText",
    ),
    Call(
        "set_repository_policy",
        lambda item: {"repositoryName": item.id, "policyText": item["RepositoryPolicyText"]},
        when="RepositoryPolicyText",
    ),
)

TYPES = {
    "AWS::ECR::Repository": ResourceType(
        service="ecr",
        create=Call("create_repository"),
        identifier=answer("repository.repositoryName"),
        attributes={"Arn": "repository.repositoryArn", "RepositoryUri": "repository.repositoryUri"},
        update=Call(
            "put_image_tag_mutability",
            lambda item: {
                "repositoryName": item.id,
                "imageTagMutability": item.get("ImageTagMutability", "MUTABLE"),
            },
        ),
        delete=Call(
            "delete_repository",
            lambda item: {"repositoryName": item.id, "force": boolean(item.get("EmptyOnDelete", False))},
        ),
        follow_up=REPOSITORY_FOLLOW_UP,
        named=Named("RepositoryName", limit=256, lower=True),
        create_only=("RepositoryName", "EncryptionConfiguration"),
    ),
    "AWS::ECS::Cluster": ResourceType(
        service="ecs",
        create=Call("create_cluster", cluster),
        identifier=answer("cluster.clusterName"),
        attributes={"Arn": "cluster.clusterArn"},
        update=Call("update_cluster", lambda item: {**cluster(item), "cluster": item.id}),
        delete=Call("delete_cluster", lambda item: {"cluster": item.id}),
        named=Named("ClusterName", limit=255),
        create_only=("ClusterName",),
        gone=("ClusterNotFoundException",),
    ),
    "AWS::ECS::ClusterCapacityProviderAssociations": ResourceType(
        service="ecs",
        create=Call("put_cluster_capacity_providers", associations),
        identifier=given("Cluster"),
        update=Call("put_cluster_capacity_providers", associations),
        delete=Call(
            "put_cluster_capacity_providers",
            lambda item: {"cluster": item["Cluster"], "capacityProviders": [], "defaultCapacityProviderStrategy": []},
        ),
        create_only=("Cluster",),
        gone=("ClusterNotFoundException",),
    ),
    "AWS::ECS::TaskDefinition": ResourceType(
        service="ecs",
        create=Call("register_task_definition"),
        identifier=answer("taskDefinition.taskDefinitionArn"),
        attributes={"TaskDefinitionArn": "taskDefinition.taskDefinitionArn"},
        delete=Call("deregister_task_definition", lambda item: {"taskDefinition": item.id}),
        named=Named("Family", limit=255),
    ),
    "AWS::ECS::Service": ResourceType(
        service="ecs",
        create=Call("create_service"),
        identifier=answer("service.serviceArn"),
        attributes={"ServiceArn": "service.serviceArn", "Name": "service.serviceName"},
        update=Call("update_service", service_update),
        delete=Call(
            "delete_service",
            lambda item: {"cluster": item.get("Cluster", "default"), "service": item.id, "force": True},
        ),
        named=Named("ServiceName", limit=255),
        create_only=("ServiceName", "Cluster", "LaunchType", "SchedulingStrategy", "DeploymentController", "Role"),
        settle=steady,
        gone=("ServiceNotFoundException", "ClusterNotFoundException", "ServiceNotActiveException"),
    ),
}
