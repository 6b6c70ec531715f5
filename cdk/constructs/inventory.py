"""What an installation consists of, by the names that CloudWatch knows: found in the stacks, none forgotten."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from aws_cdk import CfnResource, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs

R = TypeVar("R", bound=CfnResource)


@dataclass(frozen=True)
class Inventory:
    """Names of functions, tables, queues that have consumers, and queues of dead letters."""

    functions: Sequence[str]
    tables: Sequence[str]
    queues: Sequence[str]
    dead_letters: Sequence[str]


def inventory(stacks: Iterable[Stack]) -> Inventory:
    """Raises ValueError for a function, table or queue without a name of its own: nobody could find its metrics."""
    found = [construct for stack in stacks for construct in stack.node.find_all()]
    queues = list(_of(found, sqs.CfnQueue))
    return Inventory(
        functions=sorted(_named(one, one.function_name) for one in _of(found, lambda_.CfnFunction)),
        tables=sorted(_named(one, one.table_name) for one in _of(found, dynamodb.CfnTable)),
        queues=sorted(_named(one, one.queue_name) for one in queues if one.redrive_policy),
        dead_letters=sorted(_named(one, one.queue_name) for one in queues if not one.redrive_policy),
    )


def _of(found: Iterable[object], kind: type[R]) -> Iterator[R]:
    return (one for one in found if isinstance(one, kind))


def _named(resource: CfnResource, name: str | None) -> str:
    if not name:
        raise ValueError(f"{resource.node.path} has no name")
    return name
