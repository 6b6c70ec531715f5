"""The policy of retries against real gRPC: servables that die, hang, are slow, or come back."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from msgspec.structs import replace

from functions.adapters.servable import GrpcServableClient
from functions.core.errors import DeadlineExceeded, Unavailable
from functions.core.models import Replica, ServableStatus
from functions.gateway.breaker import FAILURES, Breakers
from functions.gateway.inputs import PlainInputs
from functions.gateway.ports import CallOptions
from functions.gateway.predict import predict
from functions.gateway.resolve import resolve_application
from tests.contract import open_inference_double
from tests.unit.gateway.worlds import World, field, signature

OPTIONS = CallOptions(request_id="r")
X_TO_X = signature([field("x")], [field("x")])
COOL_DOWN = 0.3


class Gateway:
    """The use case over a real client; the replicas are at the addresses that a test gives."""

    def __init__(self, client: GrpcServableClient, model: str = "doubles", timeout: float = 5.0) -> None:
        self.breakers = Breakers(cool_down=COOL_DOWN)
        real: dict[str, Any] = {"client": client, "clock": time.monotonic, "sleep": time.sleep}
        self.world = World(**real, breakers=self.breakers, timeout=timeout)
        self.servable = self.world.servable(model, signature=X_TO_X, status=ServableStatus.STARTING)
        self.world.application("app", [(self.servable, 100)])

    def replicas(self, *addresses: str) -> None:
        known = tuple(Replica(task=address, address=address, healthy=True, version=1) for address in addresses)
        self.world.servables.update(
            self.servable.name, lambda current: replace(current, replicas=known, status=ServableStatus.SERVING)
        )

    def ask(self) -> Any:
        route = resolve_application(self.world.ports, "app")
        return predict(self.world.ports, route, PlainInputs({"x": 2}), OPTIONS).outputs["x"].elements()[0]


@pytest.fixture
def client() -> Iterator[GrpcServableClient]:
    client = GrpcServableClient(1024 * 1024)
    yield client
    client.close()


@contextmanager
def hanging() -> Iterator[str]:
    """A host that takes connections and never says a word, as one does whose process stands still."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        yield f"127.0.0.1:{listener.getsockname()[1]}"


def test_g22_a_replica_that_dies_under_calls_costs_no_error(client: GrpcServableClient) -> None:
    gateway = Gateway(client)
    with open_inference_double.start() as alive:
        with open_inference_double.start() as dying:
            gateway.replicas(dying, alive)
            assert {gateway.ask() for _ in range(20)} == {4.0}
        assert {gateway.ask() for _ in range(50)} == {4.0}
        assert not gateway.breakers.admits(dying)


def test_g22_a_dead_servable_is_unavailable_and_fast_once_its_circuit_is_open(client: GrpcServableClient) -> None:
    gateway = Gateway(client)
    with open_inference_double.start() as address:
        gateway.replicas(address)
        gateway.ask()
    for _ in range(FAILURES):
        with pytest.raises(Unavailable):
            gateway.ask()
    begun = time.monotonic()
    with pytest.raises(Unavailable, match="none of its 1 replicas answered"):
        gateway.ask()
    assert time.monotonic() - begun < 0.05


def test_g22_a_servable_that_comes_back_is_served_again_after_a_probe(client: GrpcServableClient) -> None:
    gateway = Gateway(client)
    with open_inference_double.start() as address:
        gateway.replicas(address)
    for _ in range(FAILURES):
        with pytest.raises(Unavailable):
            gateway.ask()
    with open_inference_double.start(port=int(address.rpartition(":")[2])):
        deadline = time.monotonic() + 10
        answers = []
        while not answers and time.monotonic() < deadline:
            time.sleep(COOL_DOWN)
            try:
                answers.append(gateway.ask())
            except Unavailable:
                continue
        assert answers == [4.0]
        assert {gateway.ask() for _ in range(10)} == {4.0}


def test_a_host_that_hangs_while_connecting_leaves_time_for_another_replica(client: GrpcServableClient) -> None:
    gateway = Gateway(client)
    with open_inference_double.start() as alive, hanging() as silent:
        gateway.replicas(silent, alive)
        begun = time.monotonic()
        assert {gateway.ask() for _ in range(10)} == {4.0}
        assert time.monotonic() - begun < 4.5


def test_g20_a_slow_servable_exceeds_the_deadline_and_is_not_asked_again(client: GrpcServableClient) -> None:
    gateway = Gateway(client, "sleeps", timeout=0.3)
    with open_inference_double.start() as one, open_inference_double.start() as other:
        gateway.replicas(one, other)
        begun = time.monotonic()
        with pytest.raises(DeadlineExceeded):
            gateway.ask()
        assert 0.29 <= time.monotonic() - begun < 0.9
        assert gateway.breakers.admits(one)
        assert gateway.breakers.admits(other)


def test_a_full_servable_is_unavailable_and_its_circuit_stays_closed(client: GrpcServableClient) -> None:
    gateway = Gateway(client, "busy")
    with open_inference_double.start() as address:
        gateway.replicas(address)
        for _ in range(2 * FAILURES):
            with pytest.raises(Unavailable, match="too many calls"):
                gateway.ask()
        assert gateway.breakers.admits(address)
