"""Messages that nobody can read, on the dead-letter queue of the queue they came from."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from functions.core.dead_letters import UNTOLD, Letter
from functions.core.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

LONGEST_REASON = 1000  # characters
AT_ONCE = 10  # SQS hands out and takes no more
HELD = 120  # seconds: longer than one look at the whole queue, which an API call bounds


class SqsDeadLetters:
    def __init__(self, client: "SQSClient", queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def bury(self, body: str, reason: str) -> None:
        told: Any = {"DataType": "String", "StringValue": reason[:LONGEST_REASON] or "unknown"}
        self._client.send_message(QueueUrl=self._queue_url, MessageBody=body, MessageAttributes={"reason": told})


class SqsDeadLetterDesk:
    """`queue_url` is where the letters lie, `target_url` the queue that they go back to."""

    def __init__(self, client: "SQSClient", queue_url: str, target_url: str) -> None:
        self._client = client
        self._queue_url = queue_url
        self._target_url = target_url

    def take(self) -> Sequence[Letter]:
        received = self._client.receive_message(
            QueueUrl=self._queue_url,
            MaxNumberOfMessages=AT_ONCE,
            VisibilityTimeout=HELD,
            WaitTimeSeconds=1,  # a short poll asks a part of the queue's hosts only
            AttributeNames=["SentTimestamp"],
            MessageAttributeNames=["reason"],
        )
        return [_letter(message) for message in received.get("Messages", [])]

    def redrive(self, letters: Sequence[Letter]) -> None:
        sent: list[Any] = [{"Id": str(at), "MessageBody": letter.body} for at, letter in enumerate(letters)]
        refused = self._client.send_message_batch(QueueUrl=self._target_url, Entries=sent).get("Failed", [])
        gone = {entry["Id"] for entry in refused}
        done: list[Any] = [
            {"Id": str(at), "ReceiptHandle": letter.receipt} for at, letter in enumerate(letters) if str(at) not in gone
        ]
        if done:
            self._client.delete_message_batch(QueueUrl=self._queue_url, Entries=done)
        if refused:
            raise Unavailable(f"the queue refused {len(refused)} of {len(letters)} messages: {refused[0]['Code']}")

    def put_back(self, letters: Sequence[Letter]) -> None:
        shown: list[Any] = [
            {"Id": str(at), "ReceiptHandle": letter.receipt, "VisibilityTimeout": 0}
            for at, letter in enumerate(letters)
        ]
        if shown:
            self._client.change_message_visibility_batch(QueueUrl=self._queue_url, Entries=shown)


def _letter(message: Any) -> Letter:
    told = message.get("MessageAttributes", {}).get("reason", {}).get("StringValue", UNTOLD)
    sent = int(message["Attributes"]["SentTimestamp"]) / 1000
    return Letter(
        id=message["MessageId"], receipt=message["ReceiptHandle"], body=message["Body"], reason=told, sent=sent
    )
