"""DynamoDB keeps its word when many write at once."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from .conftest import Cloud

pytestmark = pytest.mark.cloud

KEY = [{"AttributeName": "id", "KeyType": "HASH"}]
ROUNDS = 30


def test_a_refused_transaction_takes_nothing_of_others_back(cloud: Cloud) -> None:
    name, tables = f"t-{uuid.uuid4().hex[:8]}", cloud.client("dynamodb")
    attributes = [{"AttributeName": "id", "AttributeType": "S"}]
    tables.create_table(TableName=name, KeySchema=KEY, AttributeDefinitions=attributes, BillingMode="PAY_PER_REQUEST")
    for number in range(200):  # more to restore takes longer, and leaves more time to write in between
        tables.put_item(TableName=name, Item={"id": {"S": f"{number}"}, "text": {"S": "x" * 100}})

    def count(_: int) -> int:
        done = tables.update_item(
            TableName=name,
            Key={"id": {"S": "counter"}},
            UpdateExpression="ADD n :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
            ReturnValues="ALL_NEW",
        )
        return int(done["Attributes"]["n"]["N"])

    cancelled = tables.exceptions.TransactionCanceledException  # made at first use, and not by three threads at once

    def refuse(_: int) -> None:
        item: dict[str, Any] = {"TableName": name, "Item": {"id": {"S": "0"}}}
        put = item | {"ConditionExpression": "attribute_not_exists(id)"}
        with pytest.raises(cancelled):
            tables.transact_write_items(TransactItems=[{"Put": put}])

    with ThreadPoolExecutor(3) as refused, ThreadPoolExecutor(3) as counted:
        refusals = [refused.submit(refuse, number) for number in range(ROUNDS)]
        numbers = list(counted.map(count, range(ROUNDS)))
    assert all(refusal.result() is None for refusal in refusals)
    assert sorted(numbers) == list(range(1, ROUNDS + 1))
