"""Messages that nobody can read, on the dead-letter queue of the queue they came from."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

LONGEST_REASON = 1000  # characters


class SqsDeadLetters:
    def __init__(self, client: "SQSClient", queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def bury(self, body: str, reason: str) -> None:
        told: Any = {"DataType": "String", "StringValue": reason[:LONGEST_REASON] or "unknown"}
        self._client.send_message(QueueUrl=self._queue_url, MessageBody=body, MessageAttributes={"reason": told})
