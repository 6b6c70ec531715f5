"""`python -m functions.gateway.server` as the host runs it: healthy by its own probe, and gone with 0 after SIGTERM."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_socket import enable_socket

ROOT = Path(__file__).parents[3]


@pytest.fixture
def environment() -> dict[str, str]:
    enable_socket()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "APP_HOST": "127.0.0.1",
        "APP_PORT": str(port),
        "LINGER_SECONDS": "0",
        "TABLE_PREFIX": "test",
        "OBSERVATIONS_QUEUE_URL": "http://127.0.0.1:1/queue",
        "OBSERVATIONS_BUCKET": "observations",
        "EXCHANGE_BUCKET": "exchange",
        "EVENTS_QUEUE_URL": "https://sqs.invalid/events",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }


def run(module: str, environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", module], env=environment, stdout=subprocess.PIPE)


@pytest.fixture
def server(environment: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    process = run("functions.gateway.server", environment)
    yield process
    process.kill()
    process.communicate()


@pytest.mark.slow
def test_the_server_serves_until_it_is_told_to_stop(
    server: "subprocess.Popen[bytes]", environment: dict[str, str]
) -> None:
    deadline = time.monotonic() + 30
    while run("functions.gateway.probe", environment).wait() != 0:
        assert time.monotonic() < deadline
        assert server.poll() is None
    server.send_signal(signal.SIGTERM)
    out, _ = server.communicate(timeout=20)
    assert server.returncode == 0
    assert b"serving" in out
    assert b"stopped" in out
    assert run("functions.gateway.probe", environment).wait() == 1


def test_a_missing_setting_is_named_and_ends_the_process(environment: dict[str, str]) -> None:
    del environment["TABLE_PREFIX"]
    process = subprocess.run(
        [sys.executable, "-m", "functions.gateway.server"],
        env=environment,
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert process.returncode == 1
    assert b"TABLE_PREFIX is not set" in process.stderr
