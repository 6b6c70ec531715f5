"""The client of the benchmarks speaks to a real servable: answers as grpcio gets them, errors as errors."""

from collections.abc import Iterator

import numpy as np
import pytest

from benchmarks.serving.load import Grpc, ask, measure
from servable.pb import open_inference_pb2 as pb
from tests.servable.folders import field, python_folder, signature
from tests.servable.running import Servable, request_for

ECHO = signature([field("x", "DT_DOUBLE", (-1,))], [field("y", "DT_DOUBLE", (-1,))])
METHOD = "/inference.GRPCInferenceService/ModelInfer"


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servable]:
    folder = python_folder(tmp_path_factory.mktemp("echo"), ECHO, "def predict(x):\n    return {'y': x}\n")
    with Servable(folder) as servable:
        yield servable


def address(servable: Servable) -> tuple[str, int]:
    host, port = servable.address.split(":")
    return host, int(port)


def call(servable: Servable, values: object, method: str = METHOD) -> Grpc:
    return Grpc(address(servable), method, request_for(ECHO, {"x": values}).SerializeToString())


@pytest.mark.parametrize("count", [1, 5_000, 400_000], ids=["one frame", "several frames", "several windows"])
def test_an_answer_is_what_grpcio_gets(echo: Servable, count: int) -> None:
    values = np.arange(count) / 3
    answer = ask(address(echo), call(echo, values))
    assert pb.ModelInferResponse.FromString(answer) == echo.stub.ModelInfer(request_for(ECHO, {"x": values}))


def test_every_call_of_every_connection_is_counted_and_compared(echo: Servable) -> None:
    expected = ask(address(echo), call(echo, [1.0]))
    seen = measure(address(echo), [call(echo, [1.0]) for _ in range(3)], expected, 0.2, warm_up=0.05)
    assert len(seen.latencies) >= 3
    assert seen.latencies == sorted(seen.latencies)
    assert seen.calls > len(seen.latencies)
    assert 0 < seen.percentile(0.0) <= seen.percentile(0.5) <= seen.percentile(1.0)
    with pytest.raises(ValueError, match="differs"):
        measure(address(echo), [call(echo, [2.0])], expected, 0.1)


def test_a_status_that_is_an_error_is_one(echo: Servable) -> None:
    with pytest.raises(ValueError, match="status"):
        ask(address(echo), call(echo, [1.0], "/inference.GRPCInferenceService/Nothing"))
