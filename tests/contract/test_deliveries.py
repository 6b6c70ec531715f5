"""The queues, the topic and the secrets behind alerts, and the desk of dead letters, over an AWS in process."""

import json
from collections.abc import Sequence
from typing import Any

import boto3
import msgspec
import pytest

from functions.adapters.dead_letters import SqsDeadLetterDesk, SqsDeadLetters
from functions.adapters.deliveries import (
    REMEMBERED,
    SecretsManagerSigningSecrets,
    SnsAlertTopic,
    SqsDeliveryQueue,
)
from functions.adapters.log_news import SqsLogNews
from functions.core.alerts import Notice, Occasion, Told
from functions.core.dead_letters import UNTOLD, DeadLetterDesk, Letter
from functions.core.errors import NotFound
from functions.core.messages import LogGrew
from functions.core.receivers import Delivery
from tests.contract.test_alert_stores import alert
from tests.fakes.monitoring import FakeDeadLetters

pytestmark = pytest.mark.disable_socket


@pytest.fixture
def sqs(aws: str) -> Any:
    return boto3.client("sqs", region_name=aws)


def queue(sqs: Any, name: str = "queue") -> str:
    return str(sqs.create_queue(QueueName=name)["QueueUrl"])


def bodies(sqs: Any, url: str) -> list[str]:
    found: list[str] = []
    while received := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found += [message["Body"] for message in received]
    return found


def test_a_delivery_is_read_as_it_was_put(sqs: Any) -> None:
    url = queue(sqs)
    told = Told(occasion=Occasion.FIRED, alert=alert(value="\ufffe ü \x00"), expires=9.5)
    deliveries = [
        Delivery(receiver=name, notice=Notice(id="7-1", version_id=7, at=1.5, told=(told,)))
        for name in ("", "a", *(f"b{n}" for n in range(10)))
    ]
    SqsDeliveryQueue(sqs, url).put(deliveries)
    read = [msgspec.json.decode(body, type=Delivery) for body in bodies(sqs, url)]
    assert sorted(read, key=lambda each: each.receiver) == sorted(deliveries, key=lambda each: each.receiver)


def test_word_of_logs_that_grew_arrives(sqs: Any) -> None:
    url = queue(sqs)
    SqsLogNews(sqs, url).tell([7, 8])
    assert [msgspec.json.decode(body, type=LogGrew) for body in bodies(sqs, url)] == [LogGrew(version_ids=(7, 8))]


def test_s17_a_subscription_gets_what_its_filter_takes(aws: str, sqs: Any) -> None:
    sns: Any = boto3.client("sns", region_name=aws)
    arn, url = sns.create_topic(Name="alerts")["TopicArn"], queue(sqs)
    queue_arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    chosen = {"FilterPolicy": json.dumps({"modelName": ["penguins"]}), "RawMessageDelivery": "true"}
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue_arn, Attributes=chosen)
    topic = SnsAlertTopic(sns, arn)
    for name in ("penguins", "digits"):
        topic.publish(f'{{"of": "{name}"}}', {"modelName": name, "state": "firing"})
    assert bodies(sqs, url) == ['{"of": "penguins"}']


def test_a_secret_is_read_once_in_a_while(aws: str) -> None:
    manager: Any = boto3.client("secretsmanager", region_name=aws)
    manager.create_secret(Name="dewpoint/webhook/ops", SecretString="first")
    time = [0.0]
    secrets = SecretsManagerSigningSecrets(manager, "dewpoint/webhook/", lambda: time[0])
    assert secrets.read("ops") == b"first"
    manager.put_secret_value(SecretId="dewpoint/webhook/ops", SecretString="second")
    time[0] = REMEMBERED
    assert secrets.read("ops") == b"first"
    time[0] += 1
    assert secrets.read("ops") == b"second"
    with pytest.raises(NotFound, match="dewpoint/webhook/other"):
        secrets.read("other")


class Desk(msgspec.Struct):
    desk: DeadLetterDesk
    bury: Any
    redriven: Any


@pytest.fixture(params=["fake", "sqs"])
def office(request: pytest.FixtureRequest) -> Desk:
    if request.param == "fake":
        fake = FakeDeadLetters()
        return Desk(fake, fake.bury, lambda: fake.redriven)
    client = request.getfixturevalue("sqs")
    dead, live = queue(client, "dead"), queue(client, "live")
    return Desk(SqsDeadLetterDesk(client, dead, live), SqsDeadLetters(client, dead).bury, lambda: bodies(client, live))


def taken(desk: DeadLetterDesk) -> list[Letter]:
    found: list[Letter] = []
    while letters := desk.take():
        found += letters
    return found


def put_back(desk: DeadLetterDesk, letters: Sequence[Letter]) -> None:
    for at in range(0, len(letters), 10):
        desk.put_back(letters[at : at + 10])


def test_letters_are_taken_with_their_reasons_and_hidden_until_put_back(office: Desk) -> None:
    for n in range(12):
        office.bury(f"b{n}", "not JSON" if n % 2 else "no claim")
    letters = taken(office.desk)
    assert {(each.body, each.reason) for each in letters} == {
        (f"b{n}", "not JSON" if n % 2 else "no claim") for n in range(12)
    }
    assert office.desk.take() == []
    put_back(office.desk, letters)
    assert {each.id for each in taken(office.desk)} == {each.id for each in letters}


def test_redriven_letters_are_on_the_queue_and_no_longer_on_the_desk(office: Desk) -> None:
    for n in range(3):
        office.bury(f"b{n}", "why")
    letters = sorted(office.desk.take(), key=lambda each: each.body)
    office.desk.redrive(letters[:2])
    put_back(office.desk, letters[2:])
    assert sorted(office.redriven()) == ["b0", "b1"]
    assert [each.body for each in taken(office.desk)] == ["b2"]


def test_a_letter_that_the_queue_itself_gave_up_has_no_reason_of_its_own(sqs: Any) -> None:
    dead = queue(sqs, "dead")
    sqs.send_message(QueueUrl=dead, MessageBody="x")
    (letter,) = SqsDeadLetterDesk(sqs, dead, queue(sqs)).take()
    assert (letter.body, letter.reason) == ("x", UNTOLD)
    assert letter.sent > 0
