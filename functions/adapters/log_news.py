"""Word that logs became longer, on the queue of whoever keeps watch over them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from functions.core.messages import LogGrew, encode

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class SqsLogNews:
    def __init__(self, client: "SQSClient", queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def tell(self, version_ids: Sequence[int]) -> None:
        body = encode(LogGrew(version_ids=tuple(version_ids))).decode()
        self._client.send_message(QueueUrl=self._queue_url, MessageBody=body)
