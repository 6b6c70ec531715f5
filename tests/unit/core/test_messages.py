import msgspec
import pytest

from functions.core.dtypes import DType
from functions.core.messages import Claim, PredictionMade, StageCall, decode, encode
from functions.core.tensor import Tensor

MADE = PredictionMade(
    request_id="r-1",
    at=1.5,
    application="penguins",
    calls=(
        StageCall(
            stage=0,
            servable_name="s",
            model_name="m",
            model_version=1,
            model_version_id=7,
            inputs={"x": Tensor(DType.DOUBLE, (), bytes(8))},
            outputs={"y": Tensor(DType.STRING, (1,), b"\x01\x00\x00\x00a")},
            latency_ms=2.5,
        ),
    ),
)


@pytest.mark.parametrize("message", [MADE, Claim(bucket="b", key="k")])
def test_round_trip(message: PredictionMade | Claim) -> None:
    assert decode(encode(message)) == message


def test_a_newer_senders_fields_are_ignored() -> None:
    document = msgspec.json.decode(encode(MADE)) | {"invented": 1}
    assert decode(msgspec.json.encode(document)) == MADE


@pytest.mark.parametrize("raw", [b"", b"{}", b'{"type":"Unknown"}', b'{"type":"PredictionMade"}', b"[1]"])
def test_what_is_not_a_message_is_refused(raw: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode(raw)
