"""What the functions of alerts are told and may do: who keeps watch, who delivers, and who answers about it."""

from typing import TYPE_CHECKING

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam

from cdk.accepted import accept
from cdk.constructs.gateway_rights import Queues, allow
from cdk.environments import Environment

if TYPE_CHECKING:
    from cdk.stacks.alerts import Alerts
    from cdk.stacks.data import Data


def alert_variables(environment: Environment, data: "Data", alerts: "Alerts") -> dict[str, str]:
    """The environment that functions/core/settings.py reads as AlertSettings."""
    domain = environment.edge_domain
    return {
        "TABLE_PREFIX": data.table_prefix,
        "DELIVERIES_QUEUE_URL": alerts.deliveries.queue_url,
        "ALERT_TOPIC": alerts.topic.topic_arn,
        "SIGNING_SECRETS": alerts.signing_secrets,
        "ALLOW_PRIVATE_RECEIVERS": "true" if environment.private_receivers else "false",
        **({"PUBLIC_URL": f"https://{domain}"} if domain else {}),
    }


def grant_watch(role: iam.Role, data: "Data", alerts: "Alerts") -> None:
    """It reads what the commits said, and writes what follows from it."""
    tables = data.tables
    tables["models"].allow(role, "Query")
    tables["bulletins"].allow(role, "Query")
    tables["log-heads"].allow(role, "Scan")
    tables["watches"].allow(role, "GetItem", "PutItem", "Scan")
    tables["alert-history"].allow(role, "PutItem")
    tables["receivers"].allow(role, "Scan")
    allow(role, [alerts.deliveries.queue_arn], "sqs:SendMessage")


def grant_delivery(role: iam.Role, data: "Data", alerts: "Alerts") -> None:
    """It tells receivers, signs with their secrets, and notes how it ended."""
    data.tables["receivers"].allow(role, "GetItem", "UpdateItem")
    allow(role, [alerts.topic.topic_arn], "sns:Publish")
    secrets = Stack.of(role).format_arn(
        service="secretsmanager",
        resource="secret",
        resource_name=f"{alerts.signing_secrets}*",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    allow(role, [secrets], "secretsmanager:GetSecretValue")
    reason = "Administrators make these secrets, with names of their own below one prefix."
    accept(role, reason, "IAM5[Resource::…/webhook/*]")


def grant_alerts_api(role: iam.Role, data: "Data", alerts: "Alerts") -> None:
    """It shows alerts, silences them, and manages receivers."""
    tables = data.tables
    tables["models"].allow(role, "Query")
    tables["watches"].allow(role, "GetItem", "PutItem")
    tables["alert-history"].allow(role, "PutItem", "Query")
    tables["receivers"].allow(role, "GetItem", "Scan", "PutItem", "DeleteItem")
    allow(role, [alerts.deliveries.queue_arn], "sqs:SendMessage")


def may_redrive(role: iam.Role, queues: Queues) -> None:
    """Looks at the dead letters of observations; what goes back goes with the right to send that it has already."""
    allow(
        role,
        [queues.dead_observations.queue_arn],
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:ChangeMessageVisibility",
    )
