"""The end of a servable: unhealthy first, running calls finish, new ones are refused, exit status 0."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest

from tests.servable.folders import python_folder
from tests.servable.running import Servable
from tests.servable.test_server import SLOW, SLOW_SOURCE


def until_started(folder: Path) -> None:
    while not (folder / "files" / "started").exists():
        time.sleep(0.01)


def test_a_call_in_flight_is_answered(tmp_path: Path) -> None:
    with Servable(python_folder(tmp_path, SLOW, SLOW_SOURCE)) as servable, ThreadPoolExecutor() as callers:
        call = callers.submit(servable.infer, SLOW, seconds=1.5)
        until_started(tmp_path)
        assert servable.stop() == 0
        assert call.result()["y"] == 1.5
    assert "drained" in servable.log.read_text()


def test_new_calls_are_refused_while_the_old_ones_finish(tmp_path: Path) -> None:
    with Servable(python_folder(tmp_path, SLOW, SLOW_SOURCE)) as servable, ThreadPoolExecutor() as callers:
        call = callers.submit(servable.infer, SLOW, seconds=2)
        until_started(tmp_path)
        servable.terminate()
        time.sleep(0.5)
        with pytest.raises(grpc.RpcError) as caught:
            servable.infer(SLOW, seconds=0)
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        assert call.result()["y"] == 2


def test_it_lingers_unhealthy_but_answering(tmp_path: Path) -> None:
    folder = python_folder(tmp_path, SLOW, SLOW_SOURCE)
    with Servable(folder, SERVABLE_LINGER_SECONDS="3") as servable:
        servable.terminate()
        deadline = time.monotonic() + 2
        while servable.state() != "NOT_SERVING":
            assert time.monotonic() < deadline
        assert servable.infer(SLOW, seconds=0)["y"] == 0
        assert servable.process.wait(timeout=10) == 0


def test_a_call_that_outlives_the_drain_is_left(tmp_path: Path) -> None:
    folder = python_folder(tmp_path, SLOW, SLOW_SOURCE)
    with Servable(folder, SERVABLE_DRAIN_SECONDS="0.5") as servable, ThreadPoolExecutor() as callers:
        call = callers.submit(servable.infer, SLOW, seconds=20)
        until_started(tmp_path)
        begun = time.monotonic()
        assert servable.stop() == 1
        assert time.monotonic() - begun < 5
        assert isinstance(call.exception(), grpc.RpcError)
    assert "stopped with calls still running" in servable.log.read_text()
