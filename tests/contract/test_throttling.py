"""A throttled table: repeated by botocore first, then "not now" to the caller."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse

from functions.adapters.dynamo.applications import DynamoApplicationStore
from functions.adapters.dynamo.tables import connection
from functions.core.errors import DewpointError, Unavailable
from tests.fakes import entities

pytestmark = pytest.mark.disable_socket

THROTTLED = b'{"__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException", "message": "slow"}'


@contextmanager
def throttling(times: int) -> Iterator[list[str]]:
    """The next `times` calls to DynamoDB are refused; the bodies of those that were."""
    refused: list[str] = []

    def refuse(request: Any, **_: Any) -> AWSResponse | None:
        if len(refused) >= times:
            return None
        refused.append(request.body)
        raw: Any = SimpleNamespace(stream=lambda **_: iter([THROTTLED]))
        return AWSResponse(request.url, 400, {"content-type": "application/x-amz-json-1.0"}, raw)

    events = connection().client.meta.events  # type: ignore[attr-defined]
    events.register_first("before-send.dynamodb", refuse)
    try:
        yield refused
    finally:
        events.unregister("before-send.dynamodb", refuse)


def test_a_short_burst_costs_nobody_an_error(tables: str) -> None:
    store = DynamoApplicationStore(tables)
    store.create(entities.application("a", "s"))
    with throttling(2) as refused:
        assert store.get("a").name == "a"
    assert len(refused) == 2


@pytest.mark.slow
def test_a_long_one_is_unavailable_whatever_was_asked_for(tables: str) -> None:
    store = DynamoApplicationStore(tables)
    store.create(entities.application("a", "s"))
    for ask in (
        lambda: store.get("a"),
        store.list,
        store.next_id,
        lambda: store.create(entities.application("b", "s")),
        lambda: store.delete("a"),
    ):
        with throttling(1000), pytest.raises(Unavailable, match="take no more calls at the moment") as told:
            ask()
        assert isinstance(told.value, DewpointError)
    assert [application.name for application in store.list()] == ["a"]
