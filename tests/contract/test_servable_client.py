"""The promises of the ServableClient port, held by the fake and by the real client against a real gRPC server."""

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from functions.adapters.servable import GrpcServableClient
from functions.core.dtypes import DType
from functions.core.errors import (
    DeadlineExceeded,
    DewpointError,
    InvalidRequest,
    ModelFailed,
    PayloadTooLarge,
    Unavailable,
)
from functions.core.ports import ServableClient
from functions.core.tensor import Tensor, from_json
from tests.contract import open_inference_double
from tests.fakes.servable_client import FakeServableClient

SILENT = "127.0.0.1:1"
LIMIT = 1024 * 1024


def number(value: Any, dtype: DType = DType.DOUBLE) -> Tensor:
    return from_json(dtype, value, "")


def doubling(inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: number([2 * v for v in tensor.elements()]) for name, tensor in inputs.items()}  # type: ignore[operator]


class Subject:
    """A client, and the endpoint at which a behaviour is found."""

    def __init__(self, client: ServableClient, endpoint: str) -> None:
        self.client = client
        self.endpoint = endpoint

    def infer(self, model: str, inputs: Mapping[str, Tensor], timeout: float = 5.0) -> dict[str, Tensor]:
        endpoint = self.endpoint if isinstance(self.client, GrpcServableClient) else model
        return self.client.infer(endpoint, model, "3", "request-1", inputs, timeout)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with open_inference_double.start() as endpoint:
        yield endpoint


@pytest.fixture
def real(endpoint: str) -> Iterator[Subject]:
    client = GrpcServableClient(LIMIT)
    yield Subject(client, endpoint)
    client.close()


@pytest.fixture
def fake() -> Subject:
    def refusing(error: DewpointError) -> Any:
        def model(_: Mapping[str, Tensor]) -> dict[str, Tensor]:
            raise error

        return model

    models = {
        "doubles": doubling,
        "echo": dict,
        "sleeps": doubling,
        "refuses": refusing(InvalidRequest("model refuses:3: x must be positive")),
        "crashes": refusing(ModelFailed("model crashes:3: ZeroDivisionError: division by zero")),
        "draining": refusing(Unavailable("model draining:3: going down")),
    }
    return Subject(FakeServableClient(models, takes={"sleeps": 1.0}), "")


@pytest.fixture(params=["fake", "real"])
def subject(request: pytest.FixtureRequest) -> Subject:
    chosen: Subject = request.getfixturevalue(request.param)
    return chosen


def test_outputs_come_back_by_name(subject: Subject) -> None:
    outputs = subject.infer("doubles", {"a": number([1.0, 2.0]), "b": number([0.5])})
    assert outputs == {"a": number([2.0, 4.0]), "b": number([1.0])}


@pytest.mark.parametrize(
    "tensor",
    [
        number(1.5, DType.HALF),
        number([[True], [False]], DType.BOOL),
        number(["ü", ""], DType.STRING),
        number(2**64 - 1, DType.UINT64),
        number([[], []], DType.INT8),
    ],
)
def test_every_kind_of_tensor_passes_unchanged(subject: Subject, tensor: Tensor) -> None:
    assert subject.infer("echo", {"t": tensor}) == {"t": tensor}


@pytest.mark.parametrize(
    ("model", "error", "told"),
    [
        ("refuses", InvalidRequest, "x must be positive"),
        ("crashes", ModelFailed, "ZeroDivisionError: division by zero"),
        ("draining", Unavailable, "going down"),
    ],
)
def test_errors_are_of_the_one_tree_and_keep_the_models_words(
    subject: Subject, model: str, error: type[DewpointError], told: str
) -> None:
    with pytest.raises(error, match=f"^model {model}:3: {told}$"):
        subject.infer(model, {"x": number(1)})


def test_a_model_that_is_too_slow_exceeds_the_deadline(subject: Subject) -> None:
    with pytest.raises(DeadlineExceeded, match="did not answer in time"):
        subject.infer("sleeps", {"x": number(1)}, timeout=0.1)


def test_where_nobody_listens_it_is_unavailable(subject: Subject) -> None:
    with pytest.raises(Unavailable):
        subject.client.infer(SILENT, "m", "1", "r", {"x": number(1)}, 5.0)


@pytest.mark.parametrize(
    ("model", "error"), [("out-of-range", InvalidRequest), ("busy", Unavailable), ("other", ModelFailed)]
)
def test_other_statuses(real: Subject, model: str, error: type[DewpointError]) -> None:
    with pytest.raises(error):
        real.infer(model, {"x": number(1)})


def test_typed_answers_of_more_elements_than_are_accepted_are_the_model_s_failure(endpoint: str) -> None:
    client = GrpcServableClient(LIMIT, max_elements=2)
    subject = Subject(client, endpoint)
    assert subject.infer("typed", {"x": number([1.0, 2.0])}) == {"x": number([2.0, 4.0])}
    with pytest.raises(ModelFailed, match="at most 2 are accepted"):
        subject.infer("typed", {"x": number([1.0, 2.0, 3.0])})
    client.close()


def test_m22_typed_answers_are_read_too(real: Subject) -> None:
    assert real.infer("typed", {"x": number([1.0, 2.0])}) == {"x": number([2.0, 4.0])}


def test_m22_contents_that_are_empty_beside_raw_ones_are_no_contradiction(real: Subject) -> None:
    """MLServer answers so."""
    assert real.infer("both-empty", {"x": number([1.0, 2.0])}) == {"x": number([2.0, 4.0])}
    with pytest.raises(ModelFailed, match="output x: expected no contents beside raw contents, received both"):
        real.infer("both", {"x": number(1)})


def test_an_answer_that_cannot_be_read_fails_the_model(real: Subject) -> None:
    with pytest.raises(ModelFailed, match="output x: expected FP64 data, received 7 bytes"):
        real.infer("garbled", {"x": number(1)})


def test_request_id_and_version_are_told(real: Subject) -> None:
    assert set(real.infer("headers", {"x": number(1)})) == {"request-1/request-1/3"}


def test_g20_inputs_over_the_limit_are_refused_before_they_are_sent(real: Subject) -> None:
    fits = Tensor(DType.UINT8, (LIMIT - 200,), b"\0" * (LIMIT - 200))
    assert real.infer("echo", {"x": fits}) == {"x": fits}
    with pytest.raises(PayloadTooLarge):
        real.infer("echo", {"x": Tensor(DType.UINT8, (LIMIT,), b"\0" * LIMIT)})


def test_g20_an_answer_over_the_limit_is_refused_and_does_not_look_like_a_full_replica(real: Subject) -> None:
    half = LIMIT // 2 + 1
    with pytest.raises(PayloadTooLarge, match=rf"the answer of swells:3 takes \d+ bytes; at most {LIMIT} do"):
        real.infer("swells", {"x": Tensor(DType.UINT8, (half,), bytes(half))})


def test_channels_are_kept_and_those_not_used_for_longest_are_closed(endpoint: str) -> None:
    client = GrpcServableClient(LIMIT, channels=1)
    for _ in range(3):
        for host in ("127.0.0.1", "localhost"):
            address = endpoint.replace("127.0.0.1", host)
            assert client.infer(address, "echo", "1", "r", {"x": number(1)}, 5.0) == {"x": number(1)}
    client.close()


def test_a_channel_is_not_closed_under_a_call(endpoint: str) -> None:
    """Nor is it forgotten: once its call is over, it is one too many."""
    client = GrpcServableClient(LIMIT, channels=1)
    with ThreadPoolExecutor(1) as caller:
        slow = caller.submit(client.infer, endpoint, "sleeps", "1", "r", {"x": number(1)}, 5.0)
        other = endpoint.replace("127.0.0.1", "localhost")
        until = time.monotonic() + 5
        while not slow.done() and time.monotonic() < until:
            assert client.infer(other, "echo", "1", "r", {"x": number(1)}, 5.0) == {"x": number(1)}
        assert slow.result() == {"x": number(2)}
    client.infer(other, "echo", "1", "r", {"x": number(1)}, 5.0)
    assert len(client) == 1
    client.close()


def test_a_servable_that_comes_back_is_found_again(endpoint: str) -> None:
    client = GrpcServableClient(LIMIT)
    with open_inference_double.start() as short_lived:
        client.infer(short_lived, "echo", "1", "r", {"x": number(1)}, 5.0)
    with pytest.raises(Unavailable):
        client.infer(short_lived, "echo", "1", "r", {"x": number(1)}, 5.0)
    assert client.infer(endpoint, "echo", "1", "r", {"x": number(1)}, 5.0)
    client.close()
