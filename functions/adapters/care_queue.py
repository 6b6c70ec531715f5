"""Wishes about the request log, on the queue of those who keep it."""

from typing import TYPE_CHECKING

from functions.core.log_keeping import ForgetLog
from functions.core.messages import encode

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class SqsCareQueue:
    def __init__(self, client: "SQSClient", queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def ask(self, wish: ForgetLog) -> None:
        self._client.send_message(QueueUrl=self._queue_url, MessageBody=encode(wish).decode())
