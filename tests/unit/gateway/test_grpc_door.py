"""What the gRPC door answers: inference, metadata, and what headers ask for."""

import json
import struct
import threading
import time
from pathlib import Path

import grpc
import pytest
from msgspec.structs import replace

from functions.adapters.pb import open_inference_pb2 as pb
from functions.core.models import ApplicationStatus, ServableStatus
from functions.gateway.memory import LONGEST, Memory
from tests.unit.gateway.grpc_client import GrpcGateway, refusal, request
from tests.unit.gateway.worlds import adding, field, signature


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
