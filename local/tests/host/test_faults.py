"""Faults on command: they meet the calls that they name, as AWS's own refusals would, until they are taken away."""

import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import Cloud

pytestmark = pytest.mark.cloud


def switch(cloud: Cloud, method: str, rule: dict[str, Any] | None = None) -> Any:
    request = urllib.request.Request(
        f"{cloud.endpoint}/_dewpoint/faults",
        method=method,
        data=None if rule is None else json.dumps(rule).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read() or b"null")


@pytest.fixture
def queues(cloud: Cloud) -> Iterator[list[str]]:
    """Two queues' addresses; afterwards nothing is wrong with them."""
    sqs = cloud.client("sqs")
    yield [sqs.create_queue(QueueName=f"{name}-{uuid.uuid4().hex[:8]}")["QueueUrl"] for name in ("ill", "well")]
    switch(cloud, "DELETE")


def test_a_fault_meets_the_calls_that_it_names_and_no_others(cloud: Cloud, queues: list[str]) -> None:
    sqs, (ill, well) = cloud.client("sqs"), queues
    name = ill.rpartition("/")[2]
    rule = {"service": "sqs", "operations": ["SendMessage"], "resource": name, "error": "Unavailable", "status": 503}
    switch(cloud, "PUT", rule)
    with pytest.raises(ClientError) as refused:
        sqs.send_message(QueueUrl=ill, MessageBody="x")
    assert refused.value.response["Error"]["Code"] == "Unavailable"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    sqs.send_message(QueueUrl=well, MessageBody="x")
    assert "Messages" not in sqs.receive_message(QueueUrl=ill)
    [listed] = switch(cloud, "GET")
    assert (listed["resource"], listed["hits"]) == (name, 1)
    switch(cloud, "DELETE")
    assert switch(cloud, "GET") == []
    sqs.send_message(QueueUrl=ill, MessageBody="x")


def test_a_fault_may_only_take_its_time(cloud: Cloud, queues: list[str]) -> None:
    sqs, (ill, _) = cloud.client("sqs"), queues
    switch(cloud, "PUT", {"service": "sqs", "resource": ill.rpartition("/")[2], "delay": 0.5})
    begun = time.monotonic()
    sqs.send_message(QueueUrl=ill, MessageBody="x")
    assert time.monotonic() - begun >= 0.5


def test_a_rule_that_cannot_be_read_is_refused(cloud: Cloud, queues: list[str]) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        switch(cloud, "PUT", {"service": "sqs", "colour": "red"})
    assert (refused.value.code, switch(cloud, "GET")) == (400, [])
