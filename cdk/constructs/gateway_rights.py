"""What the gateway's code is told and may do, behind HTTP and behind gRPC alike."""

from typing import TYPE_CHECKING

from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs

from cdk.accepted import accept

if TYPE_CHECKING:
    from cdk.stacks.data import Data


def gateway_variables(data: "Data", observations: sqs.IQueue) -> dict[str, str]:
    """The environment that functions/core/settings.py reads as GatewaySettings."""
    return {
        "TABLE_PREFIX": data.table_prefix,
        "OBSERVATIONS_QUEUE_URL": observations.queue_url,
        "OBSERVATIONS_BUCKET": data.observations.bucket_name,
    }


def grant_gateway(role: iam.IRole, data: "Data", observations: sqs.IQueue) -> None:
    """It reads who answers, and writes what was answered."""
    data.tables["applications"].allow(role, "GetItem", "Scan")
    data.tables["servables"].allow(role, "GetItem", "BatchGetItem")  # by its own name, or those of an application
    allow(role, [observations.queue_arn], "sqs:SendMessage")
    allow(role, [data.observations.arn_for_objects("claims/*")], "s3:PutObject")
    accept(role, "It writes new objects, whose names nobody knows before.", "IAM5[Resource::…/claims/*]")


def allow(role: iam.IRole, resources: list[str], *actions: str) -> None:
    role.add_to_principal_policy(iam.PolicyStatement(actions=list(actions), resources=resources))
