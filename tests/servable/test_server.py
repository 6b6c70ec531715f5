"""The protocol against real servers in their own processes, with real models."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest

from servable.dtypes import LAYOUTS, DType
from servable.pb import open_inference_pb2 as pb
from tests.servable.folders import (
    DIGITS,
    IRIS,
    MIXED,
    field,
    fitted_digits,
    fitted_iris,
    fitted_mixed,
    onnx_folder,
    python_folder,
    signature,
    sklearn_folder,
    write_contract,
)
from tests.servable.running import Servable, free_port, outputs_of, request_for, run


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servable]:
    with Servable(sklearn_folder(tmp_path_factory.mktemp("mixed"), MIXED, fitted_mixed())) as servable:
        yield servable


def refused(call: Any) -> grpc.RpcError:
    with pytest.raises(grpc.RpcError) as caught:
        call()
    return caught.value


def test_a_pipeline_over_numbers_and_text(mixed: Servable) -> None:
    assert mixed.infer(MIXED, age=31.0, colour="red")["label"] == 1
    assert mixed.infer(MIXED, age=31.0, colour="blue")["label"] == 0


def test_images(tmp_path: Path) -> None:
    estimator, images = fitted_digits()
    with Servable(sklearn_folder(tmp_path, DIGITS, estimator)) as servable:
        labels = servable.infer(DIGITS, images=images[:5])["label"]
    np.testing.assert_array_equal(labels, estimator.predict(images[:5].reshape(5, 64)))


def test_an_onnx_graph(tmp_path: Path) -> None:
    from skl2onnx import to_onnx

    estimator, table = fitted_iris()
    graph = to_onnx(estimator, table[:1], options={"zipmap": False}).SerializeToString()
    with Servable(onnx_folder(tmp_path, IRIS, graph)) as servable:
        outputs = servable.infer(IRIS, X=table)
    np.testing.assert_array_equal(outputs["label"], estimator.predict(table))


def test_every_dtype_makes_the_round_trip(tmp_path: Path) -> None:
    names = {dtype.name.lower(): dtype for dtype in DType}
    echo = signature(
        [field(name, dtype.value, (-1,)) for name, dtype in names.items()],
        [field(name, dtype.value, (-1,)) for name, dtype in names.items()],
    )
    values = {
        name: np.array(["", "ü" * 300] if dtype is DType.STRING else [0, 1], LAYOUTS[dtype].numpy)
        for name, dtype in names.items()
    }
    with Servable(python_folder(tmp_path, echo, "def predict(**inputs): return inputs")) as servable:
        outputs = servable.infer(echo, **values)
    for name, value in values.items():
        assert outputs[name].dtype == value.dtype
        assert outputs[name].tolist() == value.tolist()


def test_the_servers_word_about_itself(mixed: Servable) -> None:
    assert mixed.stub.ServerLive(pb.ServerLiveRequest()).live
    assert mixed.stub.ServerReady(pb.ServerReadyRequest()).ready
    assert mixed.stub.ServerMetadata(pb.ServerMetadataRequest()).name == "dewpoint-servable"
    assert mixed.stub.ModelReady(pb.ModelReadyRequest(name="model", version="1")).ready
    [entry] = mixed.stub.RepositoryIndex(pb.RepositoryIndexRequest()).models
    assert (entry.name, entry.version, entry.state) == ("model", "1", "READY")


def test_the_models_metadata(mixed: Servable) -> None:
    metadata = mixed.stub.ModelMetadata(pb.ModelMetadataRequest(name="model"))
    assert (metadata.name, list(metadata.versions), metadata.platform) == ("model", ["1"], "dewpoint_sklearn")
    assert [(one.name, one.datatype, list(one.shape)) for one in metadata.inputs] == [
        ("age", "FP64", []),
        ("colour", "BYTES", []),
    ]
    assert [(one.name, one.datatype, list(one.shape)) for one in metadata.outputs][1] == ("probabilities", "FP64", [2])


def test_the_answer_carries_the_requests_id_and_the_models_name(mixed: Servable) -> None:
    answer = mixed.stub.ModelInfer(request_for(MIXED, {"age": 1.0, "colour": "red"}))
    assert (answer.id, answer.model_name, answer.model_version) == ("request-1", "model", "1")


def test_only_the_outputs_asked_for(mixed: Servable) -> None:
    request = request_for(MIXED, {"age": 1.0, "colour": "red"})
    request.outputs.add(name="probability")
    request.outputs.add(name="label")
    assert list(outputs_of(mixed.stub.ModelInfer(request))) == ["probability", "label"]
    request.outputs.add(name="nonsense")
    error = refused(lambda: mixed.stub.ModelInfer(request))
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "'nonsense' is not an output" in error.details()


@pytest.mark.parametrize(("name", "version"), [("other", "1"), ("model", "2")])
def test_another_model(mixed: Servable, name: str, version: str) -> None:
    error = refused(lambda: mixed.stub.ModelInfer(pb.ModelInferRequest(model_name=name, model_version=version)))
    assert error.code() is grpc.StatusCode.NOT_FOUND
    assert refused(lambda: mixed.stub.ModelReady(pb.ModelReadyRequest(name=name, version=version))).code() is (
        grpc.StatusCode.NOT_FOUND
    )


def test_a_request_that_breaks_the_signature(mixed: Servable) -> None:
    request = request_for(MIXED, {"age": 1.0, "colour": "red"})
    request.inputs[0].datatype = "FP32"
    error = refused(lambda: mixed.stub.ModelInfer(request))
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "'age': expected datatype FP64, received FP32" in error.details()


def test_a_message_over_the_limit(tmp_path: Path) -> None:
    echo = signature([field("x", "DT_UINT8", (-1,))], [field("n", "DT_INT64")])
    folder = python_folder(tmp_path, echo, "def predict(x): return {'n': len(x)}")
    with Servable(folder, SERVABLE_MAX_MESSAGE_BYTES="5000000") as servable:
        assert servable.infer(echo, x=np.zeros(4_900_000, "u1"))["n"] == 4_900_000
        error = refused(lambda: servable.infer(echo, x=np.zeros(5_100_000, "u1")))
    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


SLOW = signature([field("seconds")], [field("y")])
SLOW_SOURCE = """
import time
def predict(seconds):
    open("started", "a").write("x")
    time.sleep(seconds)
    return {"y": seconds}
"""


def test_health_is_answered_while_every_thread_of_the_model_is_busy(tmp_path: Path) -> None:
    folder = python_folder(tmp_path, SLOW, SLOW_SOURCE)
    with Servable(folder, SERVABLE_THREADS="2") as servable, ThreadPoolExecutor(6) as callers:
        calls = [callers.submit(servable.infer, SLOW, seconds=1.5) for _ in range(6)]
        while not (folder / "files" / "started").exists():
            pass
        assert servable.state() == "SERVING"
        assert not any(call.done() for call in calls)
        assert [call.result()["y"] for call in calls] == [1.5] * 6


MEETING = """
import threading
together = threading.Barrier(2)

def predict(seconds):
    together.wait(20)  # nobody goes on before both are here
    return {"y": seconds}
"""


def test_g24_calls_of_a_model_run_side_by_side(tmp_path: Path) -> None:
    folder = python_folder(tmp_path, SLOW, MEETING)
    with Servable(folder, SERVABLE_THREADS="2") as servable, ThreadPoolExecutor(2) as callers:
        calls = [callers.submit(servable.infer, SLOW, seconds=1.5) for _ in range(2)]
        assert [call.result()["y"] for call in calls] == [1.5] * 2


def test_the_probe(tmp_path: Path) -> None:
    folder = python_folder(tmp_path, SLOW, SLOW_SOURCE)
    with Servable(folder) as servable:
        up = run("servable.probe", folder, **servable.environ)
        servable.stop()
        down = run("servable.probe", folder, **servable.environ)
    assert (up.returncode, up.stdout) == (0, "SERVING\n")
    assert (down.returncode, down.stdout) == (1, "UNAVAILABLE\n")


def test_a_server_listens_on_every_address_by_default_and_the_probe_finds_it(tmp_path: Path) -> None:
    folder = python_folder(tmp_path, SLOW, SLOW_SOURCE)
    # the default host, made explicit only by absence; the port must be free
    with Servable(folder, APP_HOST="0.0.0.0") as servable:
        assert run("servable.probe", folder, **servable.environ).returncode == 0


def test_the_images_runtime_goes_before_the_contracts(tmp_path: Path) -> None:
    folder = python_folder(tmp_path, SLOW, SLOW_SOURCE)
    write_contract(folder, SLOW, runtime="some.registry/runtime:1")
    assert "runtime 'some.registry/runtime:1' is not one of python, sklearn, onnx" in run("servable", folder).stderr
    with Servable(folder, SERVABLE_RUNTIME="python") as servable:
        assert servable.state() == "SERVING"


@pytest.mark.parametrize(
    ("environ", "said"),
    [({"APP_PORT": "http"}, "APP_PORT must be a number, not 'http'"), ({"SERVABLE_RUNTIME": "r"}, "runtime 'r'")],
)
def test_a_wrong_environment(tmp_path: Path, environ: dict[str, str], said: str) -> None:
    done = run("servable", python_folder(tmp_path, SLOW, SLOW_SOURCE), **environ)
    assert done.returncode == 1
    assert said in done.stderr.splitlines()[-1]


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    folder = python_folder(tmp_path, SLOW, SLOW_SOURCE)
    with Servable(folder) as servable:
        done = run("servable", folder, **servable.environ)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"cannot load model: cannot listen on {servable.address}"
    assert free_port()
