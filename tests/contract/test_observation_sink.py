"""The promises of the ObservationSink port: what is published can be read, whatever its size and characters."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest

from functions.adapters.sqs import SqsObservationSink
from functions.core.dtypes import DType
from functions.core.messages import Claim, PredictionMade, StageCall, decode, encode
from functions.core.ports import ObservationSink
from functions.core.tensor import Tensor, from_json
from tests.fakes.observation_sink import FakeObservationSink

BUCKET = "observations"
LARGEST = 10_000
Reader = Callable[[], list[PredictionMade]]


def prediction(request_id: str, tensor: Tensor, error: str | None = None) -> PredictionMade:
    call = StageCall(
        stage=0,
        servable_name="s-1-calm-heron",
        model_name="s",
        model_version=1,
        model_version_id=7,
        inputs={"x": tensor},
        outputs=None if error else {"y": tensor},
        error=error,
        latency_ms=1.5,
    )
    return PredictionMade(request_id=request_id, at=1700000000.25, application="app", calls=(call,), error=error)


SMALL = from_json(DType.STRING, ["ü", "\x00"], "")


class Cloud:
    """SQS and S3, and what a consumer would read from them."""

    def __init__(self) -> None:
        self.sqs: Any = boto3.client("sqs", region_name="eu-west-1")
        self.s3: Any = boto3.client("s3", region_name="eu-west-1")
        self.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        self.queue = self.sqs.create_queue(QueueName="observations")["QueueUrl"]
        self.sink = SqsObservationSink(self.sqs, self.s3, self.queue, BUCKET, largest=LARGEST)

    def messages(self) -> list[PredictionMade | Claim]:
        received = self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages", [])
        return [decode(message["Body"]) for message in received]

    def read(self) -> list[PredictionMade]:
        return [self._redeem(message) for message in self.messages()]

    def _redeem(self, message: PredictionMade | Claim) -> PredictionMade:
        if isinstance(message, Claim):
            message = decode(self.s3.get_object(Bucket=message.bucket, Key=message.key)["Body"].read())
        assert isinstance(message, PredictionMade)
        return message


@pytest.fixture
def cloud(aws: str) -> Cloud:
    return Cloud()


@pytest.fixture(params=["fake", "real"])
def subject(request: pytest.FixtureRequest) -> tuple[ObservationSink, Reader]:
    if request.param == "real":
        cloud: Cloud = request.getfixturevalue("cloud")
        return cloud.sink, cloud.read
    fake = FakeObservationSink()
    return fake, lambda: fake.published


@pytest.mark.parametrize("error", [None, "it said \ufffe and \uffff \ud7ff \x01 \U0001f600"])
def test_what_is_published_is_read(subject: tuple[ObservationSink, Reader], error: str | None) -> None:
    sink, read = subject
    sink.publish(prediction("small", SMALL, error))
    assert read() == [prediction("small", SMALL, error)]


def test_size_does_not_matter(subject: tuple[ObservationSink, Reader]) -> None:
    sink, read = subject
    large = Tensor(DType.UINT8, (3_000_000,), bytes(range(250)) * 12_000)
    sink.publish(prediction("large", large))
    assert read() == [prediction("large", large)]


def test_g20_the_limit_of_a_message_to_the_queue_holds_to_the_byte(cloud: Cloud) -> None:
    """Up to the limit the observation itself is queued, one byte more and it is its claim."""
    around = len(encode(prediction("", SMALL)))
    for size, kind in ((LARGEST, PredictionMade), (LARGEST + 1, Claim)):
        made = prediction("r" * (size - around), SMALL)
        assert len(encode(made)) == size
        cloud.sink.publish(made)
        assert [type(message) for message in cloud.messages()] == [kind]


def test_g20_what_grows_on_the_way_to_the_queue_is_measured_as_it_goes(cloud: Cloud) -> None:
    """Two characters are escaped for SQS: here they double the message."""
    cloud.sink.publish(prediction("\uffff" * (LARGEST // 4), SMALL))
    [message] = cloud.messages()
    assert isinstance(message, Claim)


def test_several_are_published_in_their_order(subject: tuple[ObservationSink, Reader]) -> None:
    sink, read = subject
    some = [prediction(str(number), SMALL) for number in range(7)]
    sink.publish(*some)
    assert read() == some


def test_g24_ten_messages_leave_in_one_call_unless_they_are_too_large_together(cloud: Cloud) -> None:
    calls: list[int] = []
    cloud.sqs.meta.events.register(
        "provide-client-params.sqs.SendMessageBatch", lambda params, **_: calls.append(len(params["Entries"]))
    )
    cloud.sink.publish(*(prediction(str(number), SMALL) for number in range(12)))
    half = Tensor(DType.UINT8, (LARGEST // 4,), b"\0" * (LARGEST // 4))
    cloud.sink.publish(*(prediction(str(number), half) for number in range(2)))
    assert calls == [10, 2, 1, 1]


def test_only_what_is_too_large_becomes_a_claim(cloud: Cloud) -> None:
    cloud.sink.publish(prediction("small", SMALL))
    cloud.sink.publish(prediction("large", Tensor(DType.UINT8, (LARGEST,), b"\0" * LARGEST)))
    kinds = [type(message) for message in cloud.messages()]
    assert sorted(kind.__name__ for kind in kinds) == ["Claim", "PredictionMade"]


def test_claims_never_share_a_key(cloud: Cloud) -> None:
    for _ in range(2):
        cloud.sink.publish(prediction("same id", Tensor(DType.UINT8, (LARGEST,), b"\0" * LARGEST)))
    keys = {message.key for message in cloud.messages() if isinstance(message, Claim)}
    assert len(keys) == 2
