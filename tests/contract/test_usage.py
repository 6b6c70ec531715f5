"""What the two ways of telling about calls promise, held against the fakes and against AWS."""

import json
from datetime import timedelta

import boto3
import pytest

from functions.adapters.dynamo.usage import DynamoUsageStore
from functions.adapters.events import AwsEvents
from functions.adapters.sqs import SqsRedelivery, SqsWakeUpSink, connect
from functions.core.messages import ServableWanted
from functions.core.ports import UsageStore
from functions.core.reports import MinutePassed, ServableCalled
from tests.events import load
from tests.fakes.entities import START
from tests.fakes.usage import FakeUsageStore

pytestmark = pytest.mark.disable_socket


@pytest.fixture(params=["fake", "dynamo"])
def usage(request: pytest.FixtureRequest) -> UsageStore:
    return FakeUsageStore() if request.param == "fake" else DynamoUsageStore(request.getfixturevalue("tables"))


def test_the_last_call_is_what_was_noted_last(usage: UsageStore) -> None:
    assert usage.last(["one"]) == {}
    usage.note(["one", "two", "one"], START)
    usage.note(["two"], START + timedelta(seconds=1.25))
    assert usage.last(["one", "two", "three"]) == {"one": START, "two": START + timedelta(seconds=1.25)}


def test_a_late_note_of_an_earlier_call_changes_nothing(usage: UsageStore) -> None:
    usage.note(["one"], START)
    usage.note(["one", "two"], START - timedelta(seconds=30))
    assert usage.last(["one", "two"]) == {"one": START, "two": START - timedelta(seconds=30)}


def test_many_servables_are_asked_for_at_once(usage: UsageStore) -> None:
    names = [f"servable-{at}" for at in range(130)]
    usage.note(names, START)
    assert usage.last(names) == dict.fromkeys(names, START)
    assert usage.last([]) == {}


def test_x03_a_wish_comes_out_of_the_queue_as_the_manager_reads_it(aws: str) -> None:
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName="events")["QueueUrl"]
    SqsWakeUpSink(connect()[0], url).publish(ServableWanted(servable="penguins-1-calm-heron"))
    [message] = sqs.receive_message(QueueUrl=url)["Messages"]
    assert AwsEvents(9091).read(message["Body"]) == ServableCalled("penguins-1-calm-heron")


def test_a_message_that_is_put_off_comes_again_when_it_was_said(aws: str) -> None:
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName="observations", Attributes={"VisibilityTimeout": "360"})["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="later")
    [message] = sqs.receive_message(QueueUrl=url)["Messages"]
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    SqsRedelivery(sqs, url).put_off(message["ReceiptHandle"], 0)
    [again] = sqs.receive_message(QueueUrl=url)["Messages"]
    assert again["MessageId"] == message["MessageId"]


def test_the_clocks_event_is_read_and_a_strangers_wish_is_not() -> None:
    assert AwsEvents(9091).read(json.dumps(load("minute_passed"))) == MinutePassed()
    stranger = {"source": "somebody", "detail-type": "Servable Wanted", "detail": {"servable": "x"}}
    assert AwsEvents(9091).read(json.dumps(stranger)) is None
