"""Notices on their way: the queue of deliveries, the topic, and the secrets that sign webhooks."""

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from functions.adapters.sqs import sendable
from functions.core.errors import NotFound
from functions.core.messages import encode
from functions.core.receivers import Delivery

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient

MISSING = "ResourceNotFoundException"
REMEMBERED = 300.0  # seconds; how long a replaced secret may go on signing


class SqsDeliveryQueue:
    def __init__(self, client: "SQSClient", queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def put(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            self._client.send_message(QueueUrl=self._queue_url, MessageBody=sendable(encode(delivery)))


class SnsAlertTopic:
    def __init__(self, client: "SNSClient", topic_arn: str) -> None:
        self._client = client
        self._topic_arn = topic_arn

    def publish(self, body: str, attributes: dict[str, str]) -> None:
        told: Any = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
        message = sendable(body.encode())
        self._client.publish(TopicArn=self._topic_arn, Message=message, MessageAttributes=told)


class SecretsManagerSigningSecrets:
    """`prefix` is what the secrets' names begin with; a process remembers each for REMEMBERED seconds."""

    def __init__(
        self, client: "SecretsManagerClient", prefix: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._prefix = prefix
        self._clock = clock
        self._known: dict[str, tuple[float, bytes]] = {}

    def read(self, name: str) -> bytes:
        at, value = self._known.get(name, (0.0, b""))
        if not value or self._clock() - at > REMEMBERED:
            value = self._fetch(name)
            self._known[name] = (self._clock(), value)
        return value

    def _fetch(self, name: str) -> bytes:
        try:
            found = self._client.get_secret_value(SecretId=f"{self._prefix}{name}")
        except ClientError as error:
            if error.response["Error"]["Code"] == MISSING:
                raise NotFound(f"there is no secret {self._prefix}{name}") from None
            raise
        if not found.get("SecretString"):
            raise NotFound(f"secret {self._prefix}{name} holds no text")
        return found["SecretString"].encode()
