"""A DynamoDB table of the platform: paid by request, protected and recoverable where the environment keeps data."""

from dataclasses import dataclass

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from constructs import Construct

from cdk.accepted import accept
from cdk.environments import Environment


@dataclass(frozen=True, kw_only=True)
class Key:
    """An attribute that is part of a key; a number where `number`."""

    name: str
    number: bool = False

    @property
    def attribute(self) -> dynamodb.Attribute:
        kind = dynamodb.AttributeType.NUMBER if self.number else dynamodb.AttributeType.STRING
        return dynamodb.Attribute(name=self.name, type=kind)


@dataclass(frozen=True, kw_only=True)
class TableShape:
    """`indexes` are global secondary indexes that project everything; `expires` the time-to-live attribute."""

    name: str
    hash: Key
    range: Key | None = None
    indexes: tuple[tuple[str, Key], ...] = ()
    expires: str | None = None


class Table(Construct):
    """`shape.name` follows the environment's prefix."""

    def __init__(self, scope: Construct, shape: TableShape, *, environment: Environment) -> None:
        super().__init__(scope, shape.name)
        self.table = dynamodb.Table(
            self,
            "Table",
            table_name=f"{environment.prefix}-{shape.name}",
            partition_key=shape.hash.attribute,
            sort_key=shape.range.attribute if shape.range else None,
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            time_to_live_attribute=shape.expires,
            deletion_protection=environment.keeps_data,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=environment.keeps_data
            ),
            removal_policy=RemovalPolicy.RETAIN if environment.keeps_data else RemovalPolicy.DESTROY,
        )
        for name, key in shape.indexes:
            self.table.add_global_secondary_index(index_name=name, partition_key=key.attribute)

        self._has_indexes = bool(shape.indexes)
        if not environment.keeps_data:
            accept(self, "This environment's data may be lost: it is made to be thrown away.", "DDB3")

    def allow(self, role: iam.IRole, *actions: str) -> None:
        """Lets `role` call exactly `actions` ("GetItem" …) on the table and its indexes."""
        self.table.grant(role, *(f"dynamodb:{action}" for action in actions))
        if self._has_indexes:
            accept(role, "The wildcard stands for the indexes of this one table.", "IAM5[Resource::…/index/*]")
