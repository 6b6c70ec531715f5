"""The gateway's messages on their way to their queues: observations, and the wish that a servable wakes.

An observation too large for a message waits on S3, and its claim is queued instead. Signing and sending costs a
millisecond of the processor, whatever is sent: ten observations leave in one call.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast
from uuid import uuid4

from botocore.config import Config
from botocore.session import get_session

from functions.adapters.events import to_wanted_event
from functions.core.errors import Unavailable
from functions.core.messages import Claim, Observed, PredictionMade, PredictionsMade, ServableWanted, encode

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef as Entry

LARGEST_MESSAGE = 900_000  # bytes, also of all messages of one call together; SQS takes 1 MiB with all attributes
MESSAGES_PER_CALL = 10  # SQS takes no more
PREFIX = "claims"
# The two characters that JSON may hold as they are and SQS refuses
FORBIDDEN = {"\ufffe": "\\ufffe", "\uffff": "\\uffff"}

# For clients in the path of a prediction: a queue that does not answer at once is not waited for. TLS guards a claim on
# its way: a hash of it beside that would take longer than everything else
IMPATIENT = Config(
    connect_timeout=0.5,
    read_timeout=1.0,
    retries={"total_max_attempts": 1},
    max_pool_connections=16,
    request_checksum_calculation="when_required",
    s3={"payload_signing_enabled": False},
)


def connect() -> tuple["SQSClient", "S3Client"]:
    """botocore's own clients: boto3 would add a tenth to the start of a function that needs nothing of it."""
    session = get_session()
    sqs, s3 = (session.create_client(service, config=IMPATIENT) for service in ("sqs", "s3"))
    return cast("SQSClient", sqs), cast("S3Client", s3)


class ObservationsQueue:
    """`bucket` takes what is larger than `largest` bytes."""

    def __init__(
        self, sqs: "SQSClient", s3: "S3Client", queue_url: str, bucket: str, largest: int = LARGEST_MESSAGE
    ) -> None:
        self._sqs = sqs
        self._s3 = s3
        self._queue_url = queue_url
        self._bucket = bucket
        self._largest = largest

    def send(self, observed: Iterable[Observed]) -> None:
        """Raises Unavailable when the queue did not take all of them, or what botocore raises."""
        for batch in _batches(map(self._message, observed), self._largest):
            entries: list[Entry] = [{"Id": str(at), "MessageBody": message} for at, message in enumerate(batch)]
            refused = self._sqs.send_message_batch(QueueUrl=self._queue_url, Entries=entries).get("Failed", [])
            if refused:
                raise Unavailable(
                    f"the queue refused {len(refused)} of {len(batch)} observations: {refused[0]['Code']}"
                )

    def _message(self, observed: Observed) -> str:
        body = encode(observed)
        if len(body) <= self._largest:
            text = sendable(body)
            if len(text.encode()) <= self._largest:  # what SQS refuses takes more bytes now
                return text
        return encode(self._deposit(body)).decode()

    def _deposit(self, body: bytes) -> Claim:
        # Named after the day and nothing of the caller's: a request id may be chosen twice
        key = f"{PREFIX}/{datetime.now(UTC):%Y/%m/%d}/{uuid4()}.json"
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType="application/json")
        return Claim(bucket=self._bucket, key=key)


def sendable(body: bytes) -> str:
    """Without what SQS refuses: an escape takes twice the bytes of its character."""
    text = body.decode()
    for character, escaped in FORBIDDEN.items():
        text = text.replace(character, escaped)
    return text


class SqsObservationSink:
    def __init__(
        self, sqs: "SQSClient", s3: "S3Client", queue_url: str, bucket: str, largest: int = LARGEST_MESSAGE
    ) -> None:
        self._queue = ObservationsQueue(sqs, s3, queue_url, bucket, largest)

    def publish(self, *predictions: PredictionMade) -> None:
        """Raises what ObservationsQueue.send raises."""
        self._queue.send(predictions)


class SqsRecordSink:
    def __init__(self, sqs: "SQSClient", s3: "S3Client", queue_url: str, bucket: str) -> None:
        self._queue = ObservationsQueue(sqs, s3, queue_url, bucket)

    def publish(self, *records: PredictionsMade) -> None:
        """Raises what ObservationsQueue.send raises."""
        self._queue.send(records)


class SqsWakeUpSink:
    """Beside the events about tasks and builds, in their form: one queue tells the manager what happened."""

    def __init__(self, sqs: "SQSClient", queue_url: str) -> None:
        self._sqs = sqs
        self._queue_url = queue_url

    def publish(self, wanted: ServableWanted) -> None:
        self._sqs.send_message(QueueUrl=self._queue_url, MessageBody=to_wanted_event(wanted))


class SqsRedelivery:
    def __init__(self, client: "SQSClient", queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def put_off(self, receipt: str, seconds: int) -> None:
        self._client.change_message_visibility(
            QueueUrl=self._queue_url, ReceiptHandle=receipt, VisibilityTimeout=seconds
        )


def _batches(messages: Iterable[str], largest: int) -> Iterator[list[str]]:
    """In their order, as many to a call as SQS takes by number and by size."""
    batch: list[str] = []
    size = 0
    for message in messages:
        length = len(message.encode())
        if batch and (len(batch) == MESSAGES_PER_CALL or size + length > largest):
            yield batch
            batch, size = [], 0
        batch.append(message)
        size += length
    if batch:
        yield batch
