"""One PredictionMade per call on the queue; and a queue that refuses changes nothing for the caller."""

import json
from typing import Any

import pytest

from functions.core.messages import PredictionMade, decode
from tests.cloud import Served, wait_until


def drain(sqs: Any, queue: str, into: list[PredictionMade]) -> list[PredictionMade]:
    received = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
    for message in received.get("Messages", []):
        prediction = decode(message["Body"])
        assert isinstance(prediction, PredictionMade)
        into.append(prediction)
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return into


@pytest.fixture
def queue(served: Served) -> str:
    sqs = served.cloud.client("sqs")
    url: str = next(u for u in sqs.list_queues()["QueueUrls"] if u.endswith("observations"))
    sqs.purge_queue(QueueUrl=url)
    return url


def test_g14_one_message_per_call(served: Served, queue: str) -> None:
    sqs = served.cloud.client("sqs")
    with served.cloud.http() as http:
        good = http.post("/gateway/application/blobs", json={"x1": -5.0, "x2": 1.0}, headers={"x-request-id": "good-1"})
        http.post("/gateway/application/blobs", json={"x1": "bad"}, headers={"x-request-id": "bad-1"})
    assert good.headers["x-request-id"] == "good-1"
    seen: list[PredictionMade] = []
    wait_until("the message arrives", lambda: [p for p in drain(sqs, queue, seen) if p.request_id == "good-1"])
    (made,) = [p for p in seen if p.request_id == "good-1"]
    assert made.application == "blobs"
    assert made.calls[0].model_name == "blobs"
    assert made.calls[0].latency_ms > 0
    assert made.calls[0].inputs["x1"].elements() == [-5.0]
    assert made.calls[0].outputs is not None


def test_g17_a_refusing_queue_changes_nothing(served: Served, queue: str) -> None:
    sqs = served.cloud.client("sqs")
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    kept = ("VisibilityTimeout", "MessageRetentionPeriod", "RedrivePolicy", "Policy")
    sqs.delete_queue(QueueUrl=queue)
    try:
        with served.cloud.http() as http:
            answer = http.post("/gateway/application/blobs", json={"x1": -5.0, "x2": 1.0})
        assert answer.status_code == 200, answer.text
    finally:
        name = queue.rsplit("/", 1)[1]
        sqs.create_queue(QueueName=name, Attributes={k: v for k, v in attributes.items() if k in kept})
    assert json.loads(answer.text)
