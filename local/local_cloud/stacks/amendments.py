"""What is missing in the community edition's types, type by type."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from local_cloud.stacks.resource import Call, Resource


@dataclass(frozen=True)
class Amendment:
    """How a type is completed.

    `calls` follow a creation and an update (properties that the community's creation drops). `update` says how a
    change is made: "put" (create again over it), "recreate" (delete, then create), "calls" (only those above).
    `keeps` names what must survive an update though the template does not say it, as invented names.
    """

    service: str = ""
    update: Literal["put", "recreate", "calls"] | None = None
    keeps: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()
    create_only: tuple[str, ...] = ()


def bucket(item: Resource) -> dict[str, Any]:
    """The bucket that a call is about."""
    return {"Bucket": item["BucketName"]}


def lifecycle(item: Resource) -> dict[str, Any]:
    """Lifecycle rules in S3's words."""
    rules = [lifecycle_rule(rule, number) for number, rule in enumerate(item["LifecycleConfiguration.Rules"])]
    return {**bucket(item), "LifecycleConfiguration": {"Rules": rules}}


def lifecycle_rule(rule: Mapping[str, Any], number: int) -> dict[str, Any]:
    """One rule; CloudFormation flattens what S3 nests, and invents an id where there is none."""
    renamed: dict[str, Any] = {
        "ID": rule.get("Id", f"rule-{number}"),
        "Status": rule["Status"],
        "Filter": {"Prefix": rule.get("Prefix", "")},
    }
    if "ExpirationInDays" in rule:
        renamed["Expiration"] = {"Days": rule["ExpirationInDays"]}
    transitions = rule.get("Transitions", [])
    if transitions:
        renamed["Transitions"] = [
            {"Days": t["TransitionInDays"], "StorageClass": t["StorageClass"]} for t in transitions
        ]
    for name in ("AbortIncompleteMultipartUpload", "NoncurrentVersionExpiration"):
        if name in rule:
            renamed[name] = rule[name]
    return renamed


def encryption(item: Resource) -> dict[str, Any]:
    """Default encryption in S3's words."""
    rules = [
        {
            "ApplyServerSideEncryptionByDefault": rule.get("ServerSideEncryptionByDefault", {}),
            "BucketKeyEnabled": rule.get("BucketKeyEnabled", False),
        }
        for rule in item["BucketEncryption.ServerSideEncryptionConfiguration"]
    ]
    return {**bucket(item), "ServerSideEncryptionConfiguration": {"Rules": rules}}


BUCKET_CALLS = (
    Call(
        "put_public_access_block",
        lambda item: {**bucket(item), **item.only("PublicAccessBlockConfiguration")},
        when="PublicAccessBlockConfiguration",
    ),
    Call("put_bucket_encryption", encryption, when="BucketEncryption"),
    Call("put_bucket_lifecycle_configuration", lifecycle, when="LifecycleConfiguration"),
)


def stream(item: Resource) -> dict[str, Any]:
    """The stream of a table, which UpdateTable switches."""
    return {
        "TableName": item["TableName"],
        "StreamSpecification": {"StreamEnabled": True, **item["StreamSpecification"]},
    }


def new_indexes(item: Resource) -> list[dict[str, Any]]:
    """The secondary indexes that a change adds."""
    had = {index["IndexName"] for index in item.previous.get("GlobalSecondaryIndexes", [])}
    wanted = item.get("GlobalSecondaryIndexes", [])
    return [index for index in wanted if index["IndexName"] not in had] if item.previous else []


def add_indexes(item: Resource) -> dict[str, Any]:
    """UpdateTable with the indexes to make."""
    creations = [{"Create": index} for index in new_indexes(item)]
    return {**item.only("TableName", "AttributeDefinitions"), "GlobalSecondaryIndexUpdates": creations}


TABLE_CALLS = (
    Call(
        "update_continuous_backups",
        lambda item: item.only("TableName", "PointInTimeRecoverySpecification"),
        when="PointInTimeRecoverySpecification",
    ),
    Call(
        "update_time_to_live",
        lambda item: item.only("TableName", "TimeToLiveSpecification"),
        when=lambda item: bool(item.previous and item.get("TimeToLiveSpecification")),
    ),
    Call(
        "update_table",
        stream,
        when=lambda item: (
            bool(item.previous and item.get("StreamSpecification"))
            and item.previous.get("StreamSpecification") != item.get("StreamSpecification")
        ),
    ),
    Call("update_table", add_indexes, when=lambda item: bool(new_indexes(item))),
)


def policy_version(item: Resource) -> dict[str, Any]:
    """A managed policy's next version, in force at once."""
    return {"PolicyArn": item["PolicyArn"], "PolicyDocument": json.dumps(item["PolicyDocument"]), "SetAsDefault": True}


REST_API_TEXTS = {"Name": "/name", "Description": "/description", "MinimumCompressionSize": "/minimumCompressionSize"}


def rest_api_patches(item: Resource) -> dict[str, Any]:
    """Changes of a REST API as the list of operations that API Gateway takes."""
    operations = [
        {"op": "replace", "path": path, "value": str(item[name])}
        for name, path in REST_API_TEXTS.items()
        if item.get(name)
    ]
    had, wanted = set(item.previous.get("BinaryMediaTypes", [])), set(item.get("BinaryMediaTypes", []))
    for op, types in (("add", wanted - had), ("remove", had - wanted)):
        operations += [{"op": op, "path": f"/binaryMediaTypes/{kind.replace('/', '~1')}"} for kind in sorted(types)]
    return {"restApiId": item["RestApiId"], "patchOperations": operations}


def permissions(rules: list[Mapping[str, Any]], peer: str) -> list[dict[str, Any]]:
    """Rules written inside a security group, as EC2 takes them."""
    return [
        {
            **{name: rule[name] for name in ("IpProtocol", "FromPort", "ToPort") if name in rule},
            **({"IpRanges": [{"CidrIp": rule["CidrIp"]}]} if "CidrIp" in rule else {}),
            **({"Ipv6Ranges": [{"CidrIpv6": rule["CidrIpv6"]}]} if "CidrIpv6" in rule else {}),
            **({"UserIdGroupPairs": [{"GroupId": rule[peer]}]} if peer in rule else {}),
        }
        for rule in rules
    ]


def added_rules(item: Resource, name: str) -> list[Mapping[str, Any]]:
    """The rules that the group does not have yet."""
    had = item.previous.get(name, []) if item.previous else []
    return [rule for rule in item.get(name, []) if rule not in had]


def dropped_rules(item: Resource, name: str) -> list[Mapping[str, Any]]:
    """The rules that the template no longer has."""
    return [rule for rule in item.previous.get(name, []) if rule not in item.get(name, [])]


def rule_calls(direction: str, name: str, peer: str) -> tuple[Call, ...]:
    """Revoke what is gone, authorize what is new."""
    return (
        Call(
            f"revoke_security_group_{direction}",
            lambda item: {"GroupId": item["GroupId"], "IpPermissions": permissions(dropped_rules(item, name), peer)},
            when=lambda item: bool(dropped_rules(item, name)),
        ),
        Call(
            f"authorize_security_group_{direction}",
            lambda item: {"GroupId": item["GroupId"], "IpPermissions": permissions(added_rules(item, name), peer)},
            when=lambda item: bool(added_rules(item, name)),
        ),
    )


# a new group lets everything out; the template's rules replace that, as CloudFormation does
DEFAULT_EGRESS = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
GROUP_CALLS = (
    Call(
        "revoke_security_group_egress",
        lambda item: {"GroupId": item["GroupId"], "IpPermissions": [DEFAULT_EGRESS]},
        when=lambda item: bool(not item.previous and item.get("SecurityGroupEgress")),
    ),
    *rule_calls("ingress", "SecurityGroupIngress", "SourceSecurityGroupId"),
    *rule_calls("egress", "SecurityGroupEgress", "DestinationSecurityGroupId"),
)

RETENTION = Call(
    "put_retention_policy",
    lambda item: {"logGroupName": item["LogGroupName"], "retentionInDays": item["RetentionInDays"]},
    when="RetentionInDays",
)

AMENDMENTS = {
    "AWS::ApiGateway::Method": Amendment(update="recreate"),
    "AWS::ApiGateway::RestApi": Amendment(
        "apigateway",
        update="calls",
        keeps=("RestApiId", "RootResourceId"),
        calls=(Call("update_rest_api", rest_api_patches, when=lambda item: bool(item.previous)),),
    ),
    "AWS::ApiGateway::Stage": Amendment(update="recreate", keeps=("StageName",)),
    "AWS::ApiGateway::Account": Amendment(update="calls"),
    "AWS::DynamoDB::Table": Amendment(
        "dynamodb",
        update="calls",
        keeps=("TableName", "Arn", "StreamArn"),
        calls=TABLE_CALLS,
    ),
    "AWS::EC2::SecurityGroup": Amendment(
        "ec2",
        update="calls",
        keeps=("GroupId", "Id"),
        calls=GROUP_CALLS,
        create_only=("GroupDescription", "GroupName", "VpcId"),
    ),
    "AWS::IAM::ManagedPolicy": Amendment(
        "iam",
        update="calls",
        keeps=("PolicyArn",),
        calls=(Call("create_policy_version", policy_version, when=lambda item: bool(item.previous)),),
    ),
    "AWS::Lambda::Alias": Amendment(update="recreate"),
    "AWS::Lambda::EventInvokeConfig": Amendment(update="recreate"),
    "AWS::Logs::LogGroup": Amendment("logs", update="calls", keeps=("LogGroupName", "Arn"), calls=(RETENTION,)),
    "AWS::Logs::SubscriptionFilter": Amendment(update="recreate", keeps=("FilterName",)),
    "AWS::S3::Bucket": Amendment("s3", update="put", keeps=("BucketName",), calls=BUCKET_CALLS),
    "AWS::S3::BucketPolicy": Amendment(update="put"),
    "AWS::SNS::TopicPolicy": Amendment(update="put", keeps=("Id",)),
    "AWS::SQS::QueuePolicy": Amendment(update="put", keeps=("Id",)),
    "AWS::Scheduler::Schedule": Amendment(update="recreate", keeps=("Name",)),
}
