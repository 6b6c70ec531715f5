"""What callers are told when something behind the gateway is slow, dead or refuses: the stated behaviour each time."""

import os
import signal
import time
from collections.abc import Iterator

import pytest

from functions.gateway.memory import LONGEST
from tests.cloud import Cloud, wait_until
from tests.e2e.elastic import TABLES, Application, application
from tests.e2e.load import GOOD, Call, GrpcCaller, HttpCaller

NAME = "fragile"
CALLS = 10


@pytest.fixture(scope="module")
def fragile(elastic_cloud: Cloud) -> Iterator[Application]:
    with application(elastic_cloud, NAME, "one") as made:
        yield made


@pytest.fixture
def over_grpc(fragile: Application) -> Iterator[GrpcCaller]:
    caller = GrpcCaller(fragile.cloud, NAME)
    assert caller.ask().code == "OK"
    yield caller
    caller.close()


@pytest.fixture
def over_http(fragile: Application) -> Iterator[HttpCaller]:
    caller = HttpCaller(fragile.cloud, NAME)
    assert caller.ask().code == "200"
    yield caller
    caller.close()


@pytest.mark.parametrize("fault", [{"error": "ServiceUnavailable", "status": 503}, {"delay": 3}])
def test_g17_a_queue_that_refuses_or_hangs_neither_fails_nor_holds_up_a_prediction(
    over_grpc: GrpcCaller, over_http: HttpCaller, elastic_cloud: Cloud, fault: dict[str, object]
) -> None:
    rule = {"service": "sqs", "operations": ["SendMessage", "SendMessageBatch"], "resource": "observations", **fault}
    with elastic_cloud.fault(**rule) as hits:
        begun = time.monotonic()
        assert {over_grpc.ask().code for _ in range(CALLS)} == {"OK"}
        # Had each of them waited for the queue, they would have taken CALLS times as long as it does
        assert time.monotonic() - begun < CALLS * 3
        assert over_http.ask().code == "200"
        wait_until("the queue was asked", hits)


def test_a_throttled_table_is_503_with_retry_after_and_passes(
    over_grpc: GrpcCaller, over_http: HttpCaller, fragile: Application
) -> None:
    table = f"{TABLES}-applications"
    rule = {"service": "dynamodb", "resource": table, "error": "ProvisionedThroughputExceededException"}
    with fragile.cloud.fault(**rule) as hits, fragile.cloud.http() as http:
        time.sleep(LONGEST)  # what the gRPC gateway remembers is too old now
        assert over_grpc.ask().code == "UNAVAILABLE"
        for answer in (http.post(f"/gateway/application/{NAME}", json={"n": 1, "wait": 0}), http.get(fragile.path)):
            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) > 0
            assert answer.json()["detail"].startswith("the tables take no more calls")
        assert hits()
    assert (over_grpc.ask().code, over_http.ask().code) == ("OK", "200")


def test_g20_a_slow_servable_is_504_at_the_deadline_and_not_later(over_grpc: GrpcCaller, over_http: HttpCaller) -> None:
    """The deadline is the caller's over gRPC and the platform's over HTTP; the model would take longer than both."""
    for slow, code in (
        (lambda: over_grpc.ask(wait=8, timeout=1), "DEADLINE_EXCEEDED"),
        (lambda: over_http.ask(25), "504"),
    ):
        begun = time.monotonic()
        assert slow().code == code
        assert time.monotonic() - begun < (8 if code == "DEADLINE_EXCEEDED" else 25)
    assert over_grpc.ask().code == "OK"


def test_g22_a_dead_servable_is_unavailable_until_it_is_back_and_never_anything_else(
    over_grpc: GrpcCaller, over_http: HttpCaller, fragile: Application
) -> None:
    [victim] = wait_until("it serves", fragile.healthy)
    os.kill(victim, signal.SIGKILL)
    told: list[Call] = []

    def back() -> bool:
        told.extend([over_grpc.ask(timeout=2), over_http.ask()])
        return told[-1].code in GOOD and told[-2].code in GOOD and victim not in fragile.healthy()

    wait_until("it answers again without help", back, 120)
    assert {call.code for call in told} <= {*GOOD, "UNAVAILABLE", "503"}
    # Whoever was told so was told who: the servable that is not there, or the model that did not answer
    assert all("elastic" in call.said for call in told if call.code not in GOOD), told
