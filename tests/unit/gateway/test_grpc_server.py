"""The server behind the gRPC door: healthy or not, draining, busy, and open to many at once."""

import struct
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2

from functions.adapters.pb import open_inference_pb2 as pb
from functions.doors.grpc import GrpcServer, Limits, is_healthy
from tests.unit.gateway.grpc_client import LIMITS, SERVICE, GrpcGateway, refusal, request
from tests.unit.gateway.worlds import adding


class Held:
    """A model that answers when it is told to finish."""

    def __init__(self) -> None:
        self.running, self.finish = threading.Event(), threading.Event()

    def __call__(self, inputs: Any) -> Any:
        self.running.set()
        self.finish.wait(10)
        return adding(1)(inputs)


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


def test_draining_turns_unhealthy_finishes_what_runs_and_refuses_the_rest(tmp_path: Path) -> None:
    gateway = GrpcGateway(tmp_path)
    held = Held()
    gateway.world.application("app", [(gateway.world.servable(model=held), 100)])
    answers: list[Any] = []
    caller = threading.Thread(target=lambda: answers.append(gateway.call("ModelInfer", request())[0]))
    caller.start()
    assert held.running.wait(5)
    drain = threading.Thread(target=gateway.server.drain, args=(0.2, 10))
    drain.start()
    time.sleep(0.05)
    assert not is_healthy(gateway.address, 5.0)
    time.sleep(0.4)
    assert refusal(gateway, "ServerLive", pb.ServerLiveRequest(), timeout=2).code() is grpc.StatusCode.UNAVAILABLE
    held.finish.set()
    caller.join(5)
    drain.join(5)
    assert list(answers[0].raw_output_contents) == [struct.pack("<d", 3.0)]
    gateway.channel.close()


@pytest.mark.parametrize("limits", [{"threads": 1, "concurrent": 64}, {"threads": 4, "concurrent": 1}])
def test_g23_a_gateway_whose_callers_all_wait_for_a_slow_model_is_healthy(
    tmp_path: Path, limits: dict[str, int]
) -> None:
    gateway = GrpcGateway(tmp_path, Limits(max_message_bytes=1024, **limits))
    held = Held()
    gateway.world.application("app", [(gateway.world.servable(model=held), 100)])
    caller = threading.Thread(target=lambda: gateway.call("ModelInfer", request()))
    caller.start()
    assert held.running.wait(5)
    assert is_healthy(gateway.address, 5.0)
    held.finish.set()
    caller.join(5)
    gateway.channel.close()
    gateway.server.drain(0, 0)


def test_calls_beyond_the_limit_are_refused_at_once(tmp_path: Path) -> None:
    gateway = GrpcGateway(tmp_path, Limits(max_message_bytes=1024, threads=4, concurrent=1))
    held = Held()
    gateway.world.application("app", [(gateway.world.servable(model=held), 100)])
    caller = threading.Thread(target=lambda: gateway.call("ModelInfer", request()))
    caller.start()
    assert held.running.wait(5)
    assert refusal(gateway, "ServerLive", pb.ServerLiveRequest()).code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    held.finish.set()
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
