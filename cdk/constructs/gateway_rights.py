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
    """Where the gateway's messages go: what was answered, and which servable must wake; where observations lie that
    nobody could read; and where it is told what the request log shall forget."""

    observations: sqs.IQueue
    events: sqs.IQueue
    dead_observations: sqs.IQueue
    care: sqs.IQueue


def gateway_variables(data: "Data", queues: Queues) -> dict[str, str]:
    """The environment that functions/core/settings.py reads as GatewaySettings."""
    return {
        "TABLE_PREFIX": data.table_prefix,
        "OBSERVATIONS_QUEUE_URL": queues.observations.queue_url,
        "OBSERVATIONS_BUCKET": data.observations.bucket_name,
        "EXCHANGE_BUCKET": data.exchange.bucket_name,
        "EVENTS_QUEUE_URL": queues.events.queue_url,
    }


def grant_gateway(role: iam.IRole, data: "Data", queues: Queues) -> None:
    """It reads who answers, writes what was answered and who was called, and asks for those who sleep."""
    data.tables["applications"].allow(role, "GetItem", "Scan")
    data.tables["servables"].allow(role, "GetItem", "BatchGetItem")  # by its own name, or those of an application
    data.tables["quotas"].allow(role, "GetItem", "UpdateItem")
    data.tables["usage"].allow(role, "UpdateItem")
    allow(role, [queues.events.queue_arn], "sqs:SendMessage")
    may_observe(role, data, queues.observations)


def may_observe(role: iam.IRole, data: "Data", observations: sqs.IQueue) -> None:
    """It tells of predictions."""
    allow(role, [observations.queue_arn], "sqs:SendMessage")
    allow(role, [data.observations.arn_for_objects("claims/*")], "s3:PutObject")
    accept(role, "It writes new objects, whose names nobody knows before.", "IAM5[Resource::…/claims/*]")


def may_exchange(role: iam.IRole, data: "Data") -> None:
    """Large inputs come in and large answers go out. Who may not list a bucket is told 403 for what is not there."""
    objects = {prefix: data.exchange.arn_for_objects(f"{prefix}/*") for prefix in ("inputs", "answers")}
    allow(role, list(objects.values()), "s3:PutObject", "s3:GetObject")
    allow(role, [data.exchange.bucket_arn], "s3:ListBucket")
    accept(
        role,
        "Callers' inputs and answers: each object has a name of its own below one of these prefixes.",
        *(f"IAM5[Resource::…/{prefix}/*]" for prefix in objects),
    )


def allow(role: iam.IRole, resources: list[str], *actions: str) -> None:
    role.add_to_principal_policy(iam.PolicyStatement(actions=list(actions), resources=resources))
