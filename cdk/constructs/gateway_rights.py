"""What the gateway's code is told and may do, behind HTTP and behind gRPC alike."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs

from cdk.accepted import accept

if TYPE_CHECKING:
    from cdk.stacks.data import Data


@dataclass(frozen=True, kw_only=True)
class Queues:
    """Where the gateway's messages go: what was answered, and which servable must wake."""

    observations: sqs.IQueue
    events: sqs.IQueue


def gateway_variables(data: "Data", queues: Queues) -> dict[str, str]:
    """The environment that functions/core/settings.py reads as GatewaySettings."""
    return {
        "TABLE_PREFIX": data.table_prefix,
        "OBSERVATIONS_QUEUE_URL": queues.observations.queue_url,
        "OBSERVATIONS_BUCKET": data.observations.bucket_name,
        "EVENTS_QUEUE_URL": queues.events.queue_url,
    }


def grant_gateway(role: iam.IRole, data: "Data", queues: Queues) -> None:
    """It reads who answers, writes what was answered and who was called, and asks for those who sleep."""
    data.tables["applications"].allow(role, "GetItem", "Scan")
    data.tables["servables"].allow(role, "BatchGetItem")
    data.tables["usage"].allow(role, "UpdateItem")
    allow(role, [queues.observations.queue_arn, queues.events.queue_arn], "sqs:SendMessage")
    allow(role, [data.observations.arn_for_objects("claims/*")], "s3:PutObject")
    accept(role, "It writes new objects, whose names nobody knows before.", "IAM5[Resource::…/claims/*]")


def allow(role: iam.IRole, resources: list[str], *actions: str) -> None:
    role.add_to_principal_policy(iam.PolicyStatement(actions=list(actions), resources=resources))
