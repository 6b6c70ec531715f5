"""The gRPC door: a real server over a world of fakes, called through a Unix socket with the generated messages."""

import json
import struct
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2
from msgspec.structs import replace

from functions.adapters.pb import open_inference_pb2 as pb
from functions.core.access import digest, new_secret
from functions.core.api_keys import ApiKey, Role
from functions.core.dtypes import DType
from functions.core.errors import DeadlineExceeded, Forbidden, InvalidRequest, ModelFailed, PayloadTooLarge, Unavailable
from functions.core.models import ApplicationStatus, ServableStatus
from functions.core.tensor import Tensor
from functions.doors.grpc import GrpcServer, Limits, is_healthy
from functions.gateway.authenticate import KeyGuard
from functions.gateway.grpc_door import build_server
from functions.gateway.memory import LONGEST, Memory
from tests.fakes.stores import FakeKeyStore, FakeQuotaStore
from tests.unit.gateway.worlds import World, adding, field, raising, signature

SERVICE = "inference.GRPCInferenceService"
LIMITS = Limits(max_message_bytes=1024 * 1024, threads=16, concurrent=64)
LARGE = Tensor(DType.UINT8, (LIMITS.max_message_bytes,), bytes(LIMITS.max_message_bytes))


class GrpcGateway:
    """A world behind a running server, and a channel to it. `key` is known."""

    def __init__(self, folder: Path, limits: Limits = LIMITS, memory: Memory | None = None) -> None:
        self.world = World(clock=time.monotonic, sleep=time.sleep, memory=memory or Memory())
        keys = FakeKeyStore()
        self.key = new_secret()
        keys.put(ApiKey(digest=digest(self.key), name="test", role=Role.VIEWER, created=datetime.now(UTC)))
        self.server = build_server(self.world.ports, KeyGuard(keys, FakeQuotaStore()), limits)
        self.address = f"unix:{folder}/gateway.sock"
        self.server.start(self.address)
        self.channel = grpc.insecure_channel(self.address)

    def call(self, method: str, request: Any, *metadata: tuple[str, str], key: str | None = "", **more: Any) -> Any:
        """The answer and the call, whose metadata a test may look at."""
        answer = getattr(pb, f"{method}Response")
        function: Any = self.channel.unary_unary(
            f"/{SERVICE}/{method}", type(request).SerializeToString, answer.FromString
        )
        secret = self.key if key == "" else key
        identity = (("x-api-key", secret),) if secret else ()
        return function.with_call(request, metadata=(*identity, *metadata), timeout=more.get("timeout", 10))


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[GrpcGateway]:
    gateway = GrpcGateway(tmp_path)
    yield gateway
    gateway.channel.close()
    gateway.server.drain(0, 0)


def request(value: float = 2.0, name: str = "app", **more: Any) -> pb.ModelInferRequest:
    message = pb.ModelInferRequest(model_name=name, **more)
    message.inputs.add(name="x", datatype="FP64", shape=[])
    message.raw_input_contents.append(struct.pack("<d", value))
    return message


def refusal(gateway: GrpcGateway, *args: Any, **more: Any) -> Any:
    with pytest.raises(grpc.RpcError) as caught:
        gateway.call(*args, **more)
    return caught.value


def test_infer_answers_raw_with_version_and_ids(gateway: GrpcGateway) -> None:
    gateway.world.application("app", [(gateway.world.servable("adder", 3, adding(1)), 100)])
    answer, call = gateway.call("ModelInfer", request(id="call-7"), ("x-request-id", "mine"))
    assert (answer.model_name, answer.model_version, answer.id) == ("app", "3", "call-7")
    assert [(o.name, o.datatype, list(o.shape)) for o in answer.outputs] == [("y", "FP64", [])]
    assert list(answer.raw_output_contents) == [struct.pack("<d", 3.0)]
    for metadata in (call.initial_metadata(), call.trailing_metadata()):
        assert dict(metadata)["x-request-id"] == "mine"
    assert [made.request_id for made in gateway.world.sink.published] == ["mine"]


def test_typed_contents_and_an_addressed_version(gateway: GrpcGateway) -> None:
    old, new = gateway.world.servable("m", 1, adding(1)), gateway.world.servable("m", 2, adding(2))
    gateway.world.application("app", [(old, 100), (new, 0)])
    message = pb.ModelInferRequest(model_name="app", model_version="2")
    message.inputs.add(name="x", datatype="FP64", shape=[]).contents.fp64_contents.append(2.0)
    answer, _ = gateway.call("ModelInfer", message)
    assert (answer.model_version, list(answer.raw_output_contents)) == ("2", [struct.pack("<d", 4.0)])


def test_every_problem_is_in_the_status_with_its_field(gateway: GrpcGateway) -> None:
    gateway.world.application("app", [(gateway.world.servable(model=adding(1)), 100)])
    message = pb.ModelInferRequest(model_name="app")
    message.inputs.add(name="x", datatype="INT64", shape=[1])
    message.inputs.add(name="foo", datatype="FP64", shape=[])
    message.raw_input_contents.extend([b"\0" * 8, b"\0" * 8])
    error = refusal(gateway, "ModelInfer", message)
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    for told in ("/inputs/0/datatype: expected FP64 for input 'x'", "/inputs/0/shape", "/inputs/1/name", "'foo'"):
        assert told in error.details()
    assert "x-request-id" in dict(error.trailing_metadata())


@pytest.mark.parametrize("told", ["x" * 5000, "💧" * 2000, "%" * 3000, "\x00" * 3000])
def test_a_long_message_is_cut_to_what_a_header_takes(gateway: GrpcGateway, told: str) -> None:
    """Beyond it gRPC drops the status, and the caller hears that a resource is exhausted."""
    gateway.world.application("app", [(gateway.world.servable(model=raising(InvalidRequest(told))), 100)])
    refused = refusal(gateway, "ModelInfer", request(), ("x-request-id", "r" * 128))
    assert refused.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert len(refused.details()) >= 300
    assert told.startswith(refused.details())


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InvalidRequest("bad value"), grpc.StatusCode.INVALID_ARGUMENT),
        (ModelFailed("crashed"), grpc.StatusCode.INTERNAL),
        (Unavailable("later"), grpc.StatusCode.UNAVAILABLE),
        (DeadlineExceeded("too slow"), grpc.StatusCode.DEADLINE_EXCEEDED),
        (PayloadTooLarge("too large"), grpc.StatusCode.RESOURCE_EXHAUSTED),
        (Forbidden("no"), grpc.StatusCode.PERMISSION_DENIED),
    ],
)
def test_errors_have_their_status_and_words(gateway: GrpcGateway, error: Exception, code: grpc.StatusCode) -> None:
    gateway.world.application("app", [(gateway.world.servable(model=raising(error)), 100)])
    refused = refusal(gateway, "ModelInfer", request())
    assert (refused.code(), refused.details()) == (code, str(error))


def test_an_unforeseen_error_tells_nothing_but_the_request_id(gateway: GrpcGateway) -> None:
    gateway.world.application("app", [(gateway.world.servable(model=raising(OSError("secret"))), 100)])
    refused = refusal(gateway, "ModelInfer", request(), ("x-request-id", "mine"))
    assert (refused.code(), refused.details()) == (
        grpc.StatusCode.INTERNAL,
        "an unforeseen error; quote request id mine",
    )


@pytest.mark.parametrize("key", [None, "dp_nobody"])
@pytest.mark.parametrize("method", ["ServerLive", "ModelInfer", "RepositoryIndex"])
def test_no_method_answers_without_a_known_key(gateway: GrpcGateway, method: str, key: str | None) -> None:
    refused = refusal(gateway, method, getattr(pb, f"{method}Request")(), key=key)
    assert refused.code() is grpc.StatusCode.UNAUTHENTICATED


def test_g23_health_asks_for_no_key_and_knows_the_service(gateway: GrpcGateway) -> None:
    assert is_healthy(gateway.address, 5.0)
    check: Any = gateway.channel.unary_unary(
        "/grpc.health.v1.Health/Check",
        health_pb2.HealthCheckRequest.SerializeToString,
        health_pb2.HealthCheckResponse.FromString,
    )
    assert check(health_pb2.HealthCheckRequest(service=SERVICE)).status == health_pb2.HealthCheckResponse.SERVING


def test_where_nothing_listens_nothing_is_healthy(tmp_path: Path) -> None:
    assert not is_healthy(f"unix:{tmp_path}/none.sock", 1.0)


def test_models_are_described_listed_and_ready(gateway: GrpcGateway) -> None:
    grid = signature([field("g", dims=[-1, 2])], [field("y")])
    gateway.world.application("grid", [(gateway.world.servable("m", 4, signature=grid), 100)])
    late = gateway.world.servable("late", 1)
    gateway.world.application("late", [(late, 100)], status=ApplicationStatus.ASSEMBLING)
    assert gateway.call("ServerMetadata", pb.ServerMetadataRequest())[0].name == "dewpoint"
    assert gateway.call("ServerLive", pb.ServerLiveRequest())[0].live
    assert gateway.call("ServerReady", pb.ServerReadyRequest())[0].ready
    metadata, _ = gateway.call("ModelMetadata", pb.ModelMetadataRequest(name="grid"))
    assert list(metadata.versions) == ["4"]
    assert [(t.name, t.datatype, list(t.shape)) for t in metadata.inputs] == [("g", "FP64", [-1, 2])]
    assert gateway.call("ModelReady", pb.ModelReadyRequest(name="grid", version="4"))[0].ready
    assert not gateway.call("ModelReady", pb.ModelReadyRequest(name="late"))[0].ready
    index, _ = gateway.call("RepositoryIndex", pb.RepositoryIndexRequest())
    assert [(m.name, m.version, m.state) for m in index.models] == [("grid", "4", "READY"), ("late", "1", "LOADING")]
    ready, _ = gateway.call("RepositoryIndex", pb.RepositoryIndexRequest(ready=True))
    assert [m.name for m in ready.models] == ["grid"]
    for name in ("none", "", "a b"):
        assert refusal(gateway, "ModelMetadata", pb.ModelMetadataRequest(name=name)).code() is grpc.StatusCode.NOT_FOUND


def test_the_callers_deadline_reaches_the_servable(gateway: GrpcGateway) -> None:
    gateway.world.application("app", [(gateway.world.servable(model=adding(1)), 100)])
    gateway.call("ModelInfer", request(), timeout=3.0)
    assert 0 < gateway.world.client.asked[0].timeout <= 3.1  # gRPC rounds a deadline up a little


def test_unobserved_calls_are_not_published(gateway: GrpcGateway) -> None:
    gateway.world.application("app", [(gateway.world.servable(model=adding(1)), 100)])
    gateway.call("ModelInfer", request(), ("x-dewpoint-observe", "false"))
    assert len(gateway.world.sink) == 0


@pytest.mark.parametrize("beyond", [0, 1, 2 * LIMITS.slack_bytes])
def test_g20_the_limit_of_a_message_holds_to_the_byte(gateway: GrpcGateway, beyond: int) -> None:
    """Up to the limit a message is read and refused for what is in it; a little more is refused by us, much by gRPC."""
    infer: Any = gateway.channel.unary_unary(f"/{SERVICE}/ModelInfer", bytes, bytes)
    size = LIMITS.max_message_bytes + beyond
    with pytest.raises(grpc.RpcError) as caught:
        infer(b"\xff" * size, metadata=(("x-api-key", gateway.key),))
    code, details = caught.value.code(), caught.value.details()
    if not beyond:
        assert code is grpc.StatusCode.INVALID_ARGUMENT
        return
    assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert str(size) in details
    if beyond == 1:
        assert details == f"the message takes {size} bytes; at most {LIMITS.max_message_bytes} go over gRPC"


def test_g20_the_limit_of_an_answer_holds_over_grpc(gateway: GrpcGateway) -> None:
    """A tensor of that size is too large with what names it."""
    echo = signature([field("x", DType.UINT8, [-1])], [field("x", DType.UINT8, [-1])])
    model = gateway.world.servable("echo", 1, lambda _: {"x": LARGE}, echo)
    gateway.world.application("echo", [(model, 100)])
    message = pb.ModelInferRequest(model_name="echo")
    message.inputs.add(name="x", datatype="UINT8", shape=[0])
    message.raw_input_contents.append(b"")
    refused = refusal(gateway, "ModelInfer", message)
    assert refused.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert f"at most {LIMITS.max_message_bytes} go over gRPC" in refused.details()


def test_bytes_that_are_no_message_are_the_callers_fault(gateway: GrpcGateway) -> None:
    infer: Any = gateway.channel.unary_unary(f"/{SERVICE}/ModelInfer", bytes, bytes)
    with pytest.raises(grpc.RpcError) as caught:
        infer(b"\xff\xff", metadata=(("x-api-key", gateway.key),))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_draining_turns_unhealthy_finishes_what_runs_and_refuses_the_rest(tmp_path: Path) -> None:
    gateway = GrpcGateway(tmp_path)
    running, finish = threading.Event(), threading.Event()

    def held(inputs: Any) -> Any:
        running.set()
        finish.wait(10)
        return adding(1)(inputs)

    gateway.world.application("app", [(gateway.world.servable(model=held), 100)])
    answers: list[Any] = []
    caller = threading.Thread(target=lambda: answers.append(gateway.call("ModelInfer", request())[0]))
    caller.start()
    assert running.wait(5)
    drain = threading.Thread(target=gateway.server.drain, args=(0.2, 10))
    drain.start()
    time.sleep(0.05)
    assert not is_healthy(gateway.address, 5.0)
    time.sleep(0.4)
    assert refusal(gateway, "ServerLive", pb.ServerLiveRequest(), timeout=2).code() is grpc.StatusCode.UNAVAILABLE
    finish.set()
    caller.join(5)
    drain.join(5)
    assert list(answers[0].raw_output_contents) == [struct.pack("<d", 3.0)]
    gateway.channel.close()


@pytest.mark.parametrize("limits", [{"threads": 1, "concurrent": 64}, {"threads": 4, "concurrent": 1}])
def test_g23_a_gateway_whose_callers_all_wait_for_a_slow_model_is_healthy(
    tmp_path: Path, limits: dict[str, int]
) -> None:
    gateway = GrpcGateway(tmp_path, Limits(max_message_bytes=1024, **limits))
    running, finish = threading.Event(), threading.Event()

    def held(inputs: Any) -> Any:
        running.set()
        finish.wait(10)
        return adding(1)(inputs)

    gateway.world.application("app", [(gateway.world.servable(model=held), 100)])
    caller = threading.Thread(target=lambda: gateway.call("ModelInfer", request()))
    caller.start()
    assert running.wait(5)
    assert is_healthy(gateway.address, 5.0)
    finish.set()
    caller.join(5)
    gateway.channel.close()
    gateway.server.drain(0, 0)


def test_calls_beyond_the_limit_are_refused_at_once(tmp_path: Path) -> None:
    gateway = GrpcGateway(tmp_path, Limits(max_message_bytes=1024, threads=4, concurrent=1))
    running, finish = threading.Event(), threading.Event()

    def held(inputs: Any) -> Any:
        running.set()
        finish.wait(10)
        return adding(1)(inputs)

    gateway.world.application("app", [(gateway.world.servable(model=held), 100)])
    caller = threading.Thread(target=lambda: gateway.call("ModelInfer", request()))
    caller.start()
    assert running.wait(5)
    assert refusal(gateway, "ServerLive", pb.ServerLiveRequest()).code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    finish.set()
    caller.join(5)
    gateway.channel.close()
    gateway.server.drain(0, 0)


def test_g24_parallel_calls_are_not_serialised(gateway: GrpcGateway) -> None:
    together = threading.Barrier(8)

    def meeting(inputs: Any) -> Any:
        together.wait(10)  # nobody goes on before all eight are here
        return adding(1)(inputs)

    gateway.world.application("app", [(gateway.world.servable(model=meeting), 100)])
    with ThreadPoolExecutor(8) as callers:
        answers = list(callers.map(lambda value: gateway.call("ModelInfer", request(value))[0], range(8)))
    assert [list(answer.raw_output_contents) for answer in answers] == [[struct.pack("<d", n + 1)] for n in range(8)]


def test_an_address_that_is_taken_is_an_error(gateway: GrpcGateway) -> None:
    second = GrpcServer({SERVICE: {}}, lambda *_: None, LIMITS)
    with pytest.raises(OSError, match="cannot listen"):
        second.start("unix:/nowhere/at/all.sock")


def test_a_sticky_key_and_a_named_variant_come_as_metadata(gateway: GrpcGateway) -> None:
    one, two = gateway.world.servable("m", 1, adding(1)), gateway.world.servable("m", 2, adding(2))
    gateway.world.application("app", [(one, 50), (two, 50)])

    def version(*metadata: tuple[str, str]) -> str:
        return str(gateway.call("ModelInfer", request(), *metadata)[0].model_version)

    assert {version(("x-dewpoint-variant", "m:2")) for _ in range(20)} == {"2"}
    assert len({version(("x-dewpoint-sticky-key", "k")) for _ in range(20)}) == 1
    assert {version(("x-dewpoint-sticky-key", str(key))) for key in range(30)} == {"1", "2"}
    error = refusal(gateway, "ModelInfer", request(), ("x-dewpoint-variant", "m:3"))
    assert error.code() is grpc.StatusCode.NOT_FOUND
    assert "it has m:1" in error.details()


def test_a_deleted_application_stops_answering_an_open_connection_within_half_a_second(tmp_path: Path) -> None:
    gateway = GrpcGateway(tmp_path, memory=Memory(LONGEST))
    gateway.world.application("app", [(gateway.world.servable("adder", 3, adding(1)), 100)])
    gateway.call("ModelInfer", request())
    gateway.world.applications.delete("app")
    deleted = time.monotonic()
    error = None
    while error is None and time.monotonic() < deleted + 5:
        try:
            gateway.call("ModelInfer", request())
        except grpc.RpcError as refused:
            error = refused
    assert error is not None
    assert error.code() is grpc.StatusCode.NOT_FOUND
    assert time.monotonic() - deleted < LONGEST + 0.2
    gateway.channel.close()
    gateway.server.drain(0, 0)


def test_a_call_for_a_servable_that_starts_waits_for_it_and_not_beyond_its_own_deadline(gateway: GrpcGateway) -> None:
    servable = gateway.world.servable("adder", 3, adding(1))
    ready = servable.replicas
    gateway.world.servables.update(servable.name, lambda now: replace(now, replicas=(), status=ServableStatus.STARTING))
    gateway.world.application("app", [(servable, 100)])
    refused = refusal(gateway, "ModelInfer", request(), timeout=1.0)
    assert refused.code() is grpc.StatusCode.UNAVAILABLE
    assert "is Starting: no replica served" in refused.details()
    timer = threading.Timer(
        0.3, lambda: gateway.world.servables.update(servable.name, lambda now: replace(now, replicas=ready))
    )
    timer.start()
    answer, _ = gateway.call("ModelInfer", request())
    timer.join()
    assert answer.model_version == "3"


def test_every_call_leaves_a_line_that_the_metric_filters_count(
    gateway: GrpcGateway, capsys: pytest.CaptureFixture[str]
) -> None:
    gateway.world.application("app", [(gateway.world.servable("adder", 3, adding(1)), 100)])
    gateway.call("ModelInfer", request(), ("x-request-id", "mine"))
    refusal(gateway, "ModelInfer", request(name="absent"))
    lines = map(json.loads, capsys.readouterr().out.splitlines())
    called = [line for line in lines if line["message"] == "called"]
    assert [(line["method"], line["status"]) for line in called] == [("ModelInfer", "OK"), ("ModelInfer", "NOT_FOUND")]
    assert called[0]["request_id"] == "mine"
    assert all(line["milliseconds"] > 0 for line in called)
