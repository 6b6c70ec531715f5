"""Every call to AWS that a function can make is allowed by its role on the right resource, and nothing else is.

The local cloud enforces no IAM, so the templates are the proof. tests/infra/calls.py reads the calls from the source.
"""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from botocore import xform_name
from botocore.session import get_session

from tests.infra.calls import AwsCall, calls_from, everything_adapters_call, http_entries
from tests.infra.synth import Template, resources
from tests.infra.test_rights import ANY_RESOURCE, listed

pytestmark = pytest.mark.slow

ENTRIES = {
    "access": http_entries("access"),
    "gateway": http_entries("gateway"),
    "manager": http_entries("manager"),
    "authorizer": ["functions.access.authorizer"],
    "key-issuer": ["functions.access.issuer"],
    "platform-events": ["functions.manager.handler"],
    "grpc-gateway": ["functions.gateway.server"],
    "alerts": http_entries("alerts"),
    "alert-watch": ["functions.alerts.handler"],
    "alert-delivery": ["functions.alerts.delivery_handler"],
    "sonar": ["functions.sonar.handler"],
    "sonar-api": http_entries("sonar"),
    "sonar-training": ["functions.sonar.train_handler"],
    "log-care": ["functions.sonar.care_handler"],
}
# where IAM's words are not the operation's: https://docs.aws.amazon.com/service-authorization/latest/reference
ACTIONS = {
    ("s3", "head_object"): ("s3:GetObject", "s3:ListBucket"),  # without the right to list, what is missing is a 403
    ("s3", "get_object"): ("s3:GetObject", "s3:ListBucket"),
    ("s3", "copy_object"): ("s3:GetObject", "s3:PutObject"),
    ("s3", "list_objects_v2"): ("s3:ListBucket",),
    ("s3", "delete_objects"): ("s3:DeleteObject",),
    ("application-autoscaling", "register_scalable_target"): (
        "application-autoscaling:RegisterScalableTarget",
        "iam:CreateServiceLinkedRole",
    ),
    ("sqs", "send_message_batch"): ("sqs:SendMessage",),
    ("sqs", "delete_message_batch"): ("sqs:DeleteMessage",),
    ("sqs", "change_message_visibility_batch"): ("sqs:ChangeMessageVisibility",),
    ("ecs", "create_service"): ("ecs:CreateService", "ecs:TagResource"),
    ("ecs", "register_task_definition"): ("ecs:RegisterTaskDefinition", "ecs:TagResource", "iam:PassRole"),
}
# adapter, and an action or its service -> what the resource's reference is called
RESOURCES = {
    ("CodeBuildImageBuilder", "codebuild"): "ModelBuild",
    ("CodeBuildImageBuilder", "logs"): "BuildLog",
    ("EcrImageRegistry", "ecr"): "Models",
    ("EcsServableHost", "ecs"): "Cluster",
    ("EcsServableHost", "application-autoscaling"): "scalable-target/",
    ("EcsServableHost", "iam:PassRole"): "Execution",
    ("EcsServableHost", "iam:CreateServiceLinkedRole"): "AutoScaling_ECSService",
    ("EcsServableHost", "logs"): "ServableLog",
    ("S3PayloadStore", "s3"): "Payloads",
    ("S3ExchangeStore", "s3"): "Exchange",
    ("S3Claims", "s3"): "Observations",
    ("S3LogFiles", "s3"): "Observations",
    ("S3ProfileStore", "s3"): "Observations",
    ("S3TrainingObjects", "s3"): "Observations",
    ("SqsTrainingQueue", "sqs"): "TrainingData",
    ("SqsCareQueue", "sqs"): "LogCareWishes",
    ("SecretsManagerSigningSecrets", "secretsmanager"): "/webhook/",
    ("SnsAlertTopic", "sns"): "Topic",
    ("SqsDeadLetters", "sqs"): "ObservationsDeadLetters",
    ("SqsRedelivery", "sqs"): "Observations",
    ("SqsDeadLetterDesk", "sqs"): "ObservationsDeadLetters",
    ("SqsDeadLetterDesk", "sqs:SendMessage"): "Observations",
    ("SqsDeliveryQueue", "sqs"): "Deliveries",
    ("SqsLogNews", "sqs"): "News",
    ("SqsObservationSink", "s3"): "Observations",
    ("SqsObservationSink", "sqs"): "Observations",
    ("SqsRecordSink", "s3"): "Observations",
    ("SqsRecordSink", "sqs"): "Observations",
    ("SqsWakeUpSink", "sqs"): "PlatformEvents",
}
# what Lambda itself does with a function's role: log, trace, network interfaces, reading the queue
OWN_LOG = {"logs:CreateLogStream", "logs:PutLogEvents"}
TRACE = {"xray:PutTelemetryRecords", "xray:PutTraceSegments"}
QUEUE = {
    "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:ReceiveMessage",
}


@dataclass(frozen=True)
class Right:
    """`on` is a part of the resource's name in the template."""

    action: str
    on: str


def needed(calls: set[AwsCall]) -> set[Right]:
    return {right for call in calls for right in rights(call)}


def rights(call: AwsCall) -> list[Right]:
    if call.service == "dynamodb":
        return [Right(f"dynamodb:{call.operation}", f"{call.on.replace('-', '')}Table")]
    actions = ACTIONS.get((call.service, call.operation)) or (default_action(call),)
    return [Right(action, resource(call.on, action)) for action in actions]


def resource(adapter: str, action: str) -> str:
    return RESOURCES.get((adapter, action)) or RESOURCES[adapter, action.partition(":")[0]]


def default_action(call: AwsCall) -> str:
    """The operation under its service's name. Raises KeyError for one that AWS does not have."""
    model = get_session().get_service_model(call.service)
    operations = {xform_name(name): name for name in model.operation_names}
    return f"{model.signing_name}:{operations[call.operation]}"


@dataclass(frozen=True)
class Holder:
    """A function or task with the statements of its role and what the platform does in its name."""

    name: str
    statements: list[dict[str, Any]]
    platform: set[str]

    def may(self, right: Right) -> bool:
        return any(
            right.action in listed(s["Action"])
            and any(
                right.on in json.dumps(r) or (r == "*" and right.action in ANY_RESOURCE) for r in listed(s["Resource"])
            )
            for s in self.statements
            if s["Effect"] == "Allow"
        )

    def held(self) -> set[tuple[str, str]]:
        """Action and resource, one by one."""
        return {
            (action, json.dumps(resource))
            for s in self.statements
            for action in listed(s["Action"])
            for resource in listed(s["Resource"])
        }


def holders(stacks: dict[str, Template]) -> dict[str, Holder]:
    found = {}
    for template in stacks.values():
        for id_, function in resources(template, "AWS::Lambda::Function").items():
            name = function["FunctionName"].split("-", 2)[2]
            own = statements(template, function["Role"]["Fn::GetAtt"][0])
            found[name] = Holder(name, own, platform_actions(template, id_, function))
    [task] = resources(stacks["grpc"], "AWS::ECS::TaskDefinition").values()
    role = task["TaskRoleArn"]["Fn::GetAtt"][0]
    return {**found, "grpc-gateway": Holder("grpc-gateway", statements(stacks["grpc"], role), set())}


def statements(template: Template, role: str) -> list[dict[str, Any]]:
    """Everything that `role` holds; a managed policy would hide some of it."""
    described = resources(template, "AWS::IAM::Role")[role]
    assert "ManagedPolicyArns" not in described
    policies = resources(template, "AWS::IAM::Policy").values()
    documents = [p["PolicyDocument"] for p in policies if {"Ref": role} in p["Roles"]]
    documents += [p["PolicyDocument"] for p in described.get("Policies", [])]
    return [statement for document in documents for statement in document["Statement"]]


def platform_actions(template: Template, id_: str, function: dict[str, Any]) -> set[str]:
    from cdk.constructs.thin_function import VPC_ACTIONS

    reads = [
        m for m in resources(template, "AWS::Lambda::EventSourceMapping").values() if m["FunctionName"] == {"Ref": id_}
    ]
    return (
        OWN_LOG
        | (TRACE if function["TracingConfig"]["Mode"] == "Active" else set())
        | (set(VPC_ACTIONS) if "VpcConfig" in function else set())
        | (QUEUE if reads else set())
    )


def test_every_function_and_container_is_looked_at(stacks: dict[str, Template]) -> None:
    assert set(holders(stacks)) == set(ENTRIES)


@pytest.mark.parametrize("name", ENTRIES)
def test_every_call_is_allowed_by_the_role(stacks: dict[str, Template], name: str) -> None:
    calls = calls_from(ENTRIES[name])
    assert calls
    holder = holders(stacks)[name]
    assert [right for right in sorted(needed(calls), key=str) if not holder.may(right)] == []


@pytest.mark.parametrize("name", ENTRIES)
def test_x02_no_role_holds_a_right_that_nobody_uses(stacks: dict[str, Template], name: str) -> None:
    holder = holders(stacks)[name]
    used = needed(calls_from(ENTRIES[name]))
    idle = [
        (action, resource)
        for action, resource in sorted(holder.held())
        if action not in holder.platform
        and not any(r.action == action and (r.on in resource or resource == '"*"') for r in used)
    ]
    assert idle == []


def test_no_call_of_an_adapter_is_out_of_sight() -> None:
    """What no function reaches is dead, or reached in a way that tests/infra/calls.py does not see."""
    reached = {(call.service, call.operation) for entries in ENTRIES.values() for call in calls_from(entries)}
    assert everything_adapters_call() - reached == set()


def test_calls_are_found_through_every_indirection() -> None:
    """A port called in a use case of a use case, a presigned address, a paginator behind an adapter of an adapter."""
    found = calls_from(ENTRIES["manager"])
    assert AwsCall("ecs", "delete_service", "EcsServableHost") in found
    assert AwsCall("s3", "put_object", "S3PayloadStore") in found
    assert AwsCall("logs", "filter_log_events", "CodeBuildImageBuilder") in found
    assert AwsCall("dynamodb", "UpdateItem", "counters") in found
    assert AwsCall("dynamodb", "GetItem", "api-keys") not in found


def test_writes_in_a_transaction_are_found_for_every_table_of_it() -> None:
    """The journal writes the event and the counter, its caller the item; only stores that made a journal have one."""
    found = calls_from(ENTRIES["platform-events"])
    for table in ("servables", "events", "counters"):
        assert AwsCall("dynamodb", "PutItem", table) in found
    assert AwsCall("dynamodb", "DeleteItem", "servables") in found
    assert {call.on for call in calls_from(ENTRIES["access"])} == {"api-keys"}


def test_a_field_of_our_own_is_not_taken_for_the_port_of_its_name() -> None:
    """The gateway's memory keeps `_servables` of its own and reads them many at a time."""
    found = calls_from(["functions.gateway.infer"])
    assert AwsCall("dynamodb", "BatchGetItem", "servables") in found
    assert AwsCall("dynamodb", "GetItem", "servables") not in found
