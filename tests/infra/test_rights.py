"""Least privilege, where losing it would hurt."""

import json
import re
from typing import Any

import pytest

from tests.infra.synth import EVERYWHERE, Environments, Template, all_resources, resources

# AWS offers nothing narrower than "*" for these, or the condition beside them is what narrows
ANY_RESOURCE = {
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
    "ecr:GetAuthorizationToken",
    "ecs:DeregisterTaskDefinition",
    "ecs:ListTasks",
    "ecs:RegisterTaskDefinition",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
# what the CDK's grants contain: reads of one bucket's objects
ACTION_WILDCARDS = {"s3:GetBucket*", "s3:GetObject*", "s3:List*"}


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def statements(stacks: dict[str, Template]) -> list[dict[str, Any]]:
    policies = [p["PolicyDocument"] for p in all_resources(stacks, "AWS::IAM::Policy").values()]
    inline = [
        p["PolicyDocument"] for r in all_resources(stacks, "AWS::IAM::Role").values() for p in r.get("Policies", [])
    ]
    return [statement for document in policies + inline for statement in document["Statement"]]


def test_x02_any_resource_only_where_aws_knows_no_narrower(stacks: dict[str, Template]) -> None:
    found = {action for s in statements(stacks) if "*" in listed(s["Resource"]) for action in listed(s["Action"])}
    assert found <= ANY_RESOURCE
    assert "ecs:RegisterTaskDefinition" in found  # the test sees what it looks for


def test_no_action_is_a_wildcard(stacks: dict[str, Template]) -> None:
    found = {action for s in statements(stacks) for action in listed(s["Action"]) if "*" in action}
    assert found <= ACTION_WILDCARDS


def test_only_api_gateways_own_role_has_a_managed_policy(stacks: dict[str, Template]) -> None:
    managed = [r for r in all_resources(stacks, "AWS::IAM::Role").values() if r.get("ManagedPolicyArns")]
    assert ["AmazonAPIGatewayPushToCloudWatchLogs" in json.dumps(role) for role in managed] == [True]


def test_the_manager_may_hand_on_the_execution_role_alone(stacks: dict[str, Template]) -> None:
    passing = [s for s in statements(stacks) if "iam:PassRole" in listed(s["Action"])]
    [statement] = passing
    assert "ExportsOutputFnGetAttExecution" in json.dumps(statement["Resource"])
    assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}


def test_m18_nothing_but_ecs_services_may_be_made_to_scale(stacks: dict[str, Template]) -> None:
    scaling = [
        s for s in statements(stacks) if any(a.startswith("application-autoscaling:") for a in listed(s["Action"]))
    ]
    assert len(scaling) == 2  # the manager behind HTTP, and behind events
    for statement in scaling:
        assert "scalable-target/*" in json.dumps(statement["Resource"])
        assert statement["Condition"]["StringEquals"] == {
            "application-autoscaling:service-namespace": "ecs",
            "application-autoscaling:scalable-dimension": "ecs:service:DesiredCount",
        }
    for statement in [s for s in statements(stacks) if "iam:CreateServiceLinkedRole" in listed(s["Action"])]:
        assert "AWSServiceRoleForApplicationAutoScaling_ECSService" in json.dumps(statement["Resource"])
        assert statement["Condition"] == {
            "StringEquals": {"iam:AWSServiceName": "ecs.application-autoscaling.amazonaws.com"}
        }


def test_each_function_has_a_role_of_its_own(stacks: dict[str, Template]) -> None:
    functions = all_resources(stacks, "AWS::Lambda::Function")
    roles = {(name.split("/")[0], json.dumps(f["Role"])) for name, f in functions.items()}
    assert len(roles) == len(functions) == 13


def test_who_may_touch_api_keys(stacks: dict[str, Template]) -> None:
    holders = {
        name
        for name, policy in all_resources(stacks, "AWS::IAM::Policy").items()
        if "apikeysTable" in json.dumps(policy["PolicyDocument"])
    }
    assert {name.split("/")[1].split("Role")[0] for name in holders} == {
        "Access",
        "Authorizer",
        "KeyIssuer",
        "TaskTask",
    }


def test_builds_write_model_images_and_inferred_signatures_only(stacks: dict[str, Template]) -> None:
    [policy] = [p for n, p in resources(stacks["serving"], "AWS::IAM::Policy").items() if n.startswith("ModelBuild")]
    writes = [s for s in policy["PolicyDocument"]["Statement"] if "ecr:PutImage" in listed(s["Action"])]
    [repository] = resources(stacks["serving"], "AWS::ECR::Repository")
    assert [s["Resource"] for s in writes] == [{"Fn::GetAtt": [repository, "Arn"]}]
    puts = [
        (action, json.dumps(s["Resource"]))
        for s in policy["PolicyDocument"]["Statement"]
        for action in listed(s["Action"])
        if action.startswith(("s3:Put", "s3:Delete", "s3:Abort", "s3:*"))
    ]
    assert len(puts) == 1
    assert puts[0][0] == "s3:PutObject"
    assert puts[0][1].endswith('"/models/*/signature.json"]]}')  # no payload and no contract


def test_m23_builds_read_the_secrets_of_package_indexes_and_the_manager_reads_none(stacks: dict[str, Template]) -> None:
    reads = [s for s in statements(stacks) if any(a.startswith("secretsmanager:") for a in listed(s["Action"]))]
    [statement] = [s for s in reads if "package-index" in json.dumps(s["Resource"])]
    assert listed(statement["Action"]) == ["secretsmanager:GetSecretValue"]
    [resource] = listed(statement["Resource"])
    assert re.search(r':secret:dewpoint-\w+/package-index/\*"', json.dumps(resource))
    [holder] = [
        name
        for name, policy in all_resources(stacks, "AWS::IAM::Policy").items()
        if "package-index" in json.dumps(policy["PolicyDocument"])
    ]
    assert "ModelBuild" in holder


def test_s17_signing_secrets_are_read_by_who_delivers_alone(stacks: dict[str, Template]) -> None:
    policies = all_resources(stacks, "AWS::IAM::Policy")
    holders = [name for name, policy in policies.items() if "/webhook/" in json.dumps(policy["PolicyDocument"])]
    [holder] = holders
    assert "AlertDelivery" in holder
    [statement] = [s for s in statements(stacks) if "/webhook/" in json.dumps(s["Resource"])]
    assert listed(statement["Action"]) == ["secretsmanager:GetSecretValue"]


@pytest.mark.parametrize("environment", EVERYWHERE)
def test_s17_receivers_may_be_private_in_the_local_cloud_alone(environments: Environments, environment: str) -> None:
    told = {
        function["Environment"]["Variables"]["ALLOW_PRIVATE_RECEIVERS"]
        for function in resources(environments[environment]["alerts"], "AWS::Lambda::Function").values()
    }
    assert told == {"true" if environment == "local" else "false"}


def test_m24_the_images_of_all_models_lie_in_one_repository_that_the_stack_makes(stacks: dict[str, Template]) -> None:
    """Nothing is to be made by hand or by name: a version is a tag. Who deletes a version may untag it, no more."""
    [(name, repository)] = resources(stacks["serving"], "AWS::ECR::Repository").items()
    assert "untagged" in json.dumps(repository["LifecyclePolicy"])
    deletes = [s for s in statements(stacks) if any("Delete" in a and "ecr:" in a for a in listed(s["Action"]))]
    assert [listed(s["Action"]) for s in deletes] == [["ecr:BatchDeleteImage"]] * 2
    assert all(name in json.dumps(s["Resource"]) for s in deletes)


def test_x02_images_are_scanned_when_they_are_pushed(stacks: dict[str, Template]) -> None:
    repositories = all_resources(stacks, "AWS::ECR::Repository").values()
    assert repositories
    assert all(repository["ImageScanningConfiguration"] == {"ScanOnPush": True} for repository in repositories)
    assert all(repository["ImageTagMutability"] == "IMMUTABLE" for repository in repositories)


def test_buckets_are_closed(stacks: dict[str, Template]) -> None:
    buckets = all_resources(stacks, "AWS::S3::Bucket")
    assert len(buckets) == 4
    for bucket in buckets.values():
        assert all(bucket["PublicAccessBlockConfiguration"].values())
    for policy in all_resources(stacks, "AWS::S3::BucketPolicy").values():
        denied = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Deny"]
        assert {"Bool": {"aws:SecureTransport": "false"}} in [s["Condition"] for s in denied]
