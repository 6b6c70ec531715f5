"""What all tables share: one connection, what every item has, and the prefix of an environment."""

import threading
from decimal import Decimal
from functools import cache
from types import new_class
from typing import Any, TypeVar, cast

from botocore.exceptions import ClientError
from pynamodb.attributes import Attribute, NumberAttribute, UnicodeAttribute
from pynamodb.connection import Connection, TableConnection
from pynamodb.constants import NUMBER
from pynamodb.exceptions import TableError
from pynamodb.models import Model

from functions.core.errors import Unavailable

THROTTLED = ("ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded")

_lock = threading.Lock()


class SharedConnection(Connection):
    """A table that is throttled still, after botocore's retries, is 503 to a caller and not an unforeseen error."""

    def _make_api_call(self, operation_name: str, operation_kwargs: dict[str, Any]) -> dict[str, Any]:
        try:
            return super()._make_api_call(operation_name, operation_kwargs)
        except ClientError as error:
            if error.response["Error"]["Code"] in THROTTLED:
                raise Unavailable("the tables take no more calls at the moment; try again") from error
            raise


@cache
def connection() -> Connection:
    """The one connection of this process."""
    return SharedConnection()


class ExactNumberAttribute(Attribute[Decimal]):
    """A number with all its digits: DynamoDB keeps 38 of them, a float 16."""

    attr_type = NUMBER

    def serialize(self, value: Decimal) -> str:
        return format(value, "f")

    def deserialize(self, value: str) -> Decimal:
        return Decimal(value)


class Table(Model):
    """All tables share a connection. PynamoDB gives each its own, and each costs a cold start 70 ms and a handshake."""

    @classmethod
    def _get_connection(cls) -> TableConnection:
        own = super()._get_connection()
        shared = connection()
        if own.connection is not shared:
            with _lock:
                try:
                    shared.get_meta_table(own.table_name)
                except TableError:
                    shared.add_meta_table(own.get_meta_table())
            own.connection = shared
        return own


class Row(Table):
    """What every item of an entity has. `revision` grows with each write."""

    document = UnicodeAttribute()
    revision = NumberAttribute(default=1)


class NamedRow(Row):
    name = UnicodeAttribute(hash_key=True)


M = TypeVar("M", bound=Table)


def bind(row: type[M], prefix: str) -> type[M]:
    """`row` on the table `<prefix>-<kind>` of one environment."""
    meta = type("Meta", (), {"table_name": f"{prefix}-{row.Meta.table_name}"})
    bound = new_class(row.__name__, (row,), exec_body=lambda body: body.update(Meta=meta, __module__=row.__module__))
    return cast("type[M]", bound)
