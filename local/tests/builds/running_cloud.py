"""One emulator per session for the tests of builds and tasks, and the docker command that belongs to it."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

ROOT = Path(__file__).resolve().parents[3]
ACCOUNT, REGION = "000000000000", "us-east-1"
REGISTRY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
START_SECONDS = 90


@dataclass(frozen=True)
class Cloud:
    """A running emulator."""

    endpoint: str
    python: str
    environment: dict[str, str]

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def docker(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Runs the engine's docker command as a developer would."""
        keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_ENDPOINT_URL": self.endpoint}
        return subprocess.run(
            [self.python, "-m", "local_cloud.docker_command", *words],
            env={**self.environment, **keys},
            cwd=ROOT / "local",
            capture_output=True,
            text=True,
        )

    def queue_of_events(self, source: str) -> Callable[[], list[dict[str, Any]]]:
        """Subscribes a queue to the events of a service; what is returned takes those that have come."""
        sqs, events, name = self.client("sqs"), self.client("events"), f"events-{uuid.uuid4().hex}"
        url = sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        events.put_rule(Name=name, EventPattern=json.dumps({"source": [source]}))
        events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
        seen: list[dict[str, Any]] = []

        def take() -> list[dict[str, Any]]:
            while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
                for message in messages:
                    seen.append(json.loads(message["Body"]))
                    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            return seen

        return take


def eventually(look: Callable[[], Any], seconds: float = 30) -> Any:
    """The first true answer; fails with the last one when there is none in time."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {seconds} s; last: {found!r}"
        time.sleep(0.1)
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_up(endpoint: str) -> bool:
    try:
        urllib.request.urlopen(f"{endpoint}/_localstack/health", timeout=2).read()
    except OSError:
        return False
    return True


@contextmanager
def running(folder: Path, **more: str) -> Iterator[Cloud]:
    """An emulator whose state is in a folder; `more` are further variables of its environment."""
    python = os.environ.get("DEWPOINT_EMULATOR_PYTHON") or str(ROOT / "local/.state/emulator/bin/python")
    if not Path(python).exists():
        pytest.fail(f"no emulator environment at {python}: `make test-local` makes one and names it")
    port = _free_port()
    network = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "UV_"))}
    environment = {
        **network,
        "PATH": os.environ["PATH"],
        "HOME": os.environ["HOME"],
        "FILESYSTEM_ROOT": str(folder / "state"),
        "GATEWAY_LISTEN": f"127.0.0.1:{port}",
        "DEWPOINT_CLOUD": f"test-{uuid.uuid4().hex}",
        "DEWPOINT_IMAGES": str(folder / "images"),
        "DEWPOINT_PYTHON": sys.executable,
        "DEWPOINT_UV": str(Path(sys.executable).with_name("uv")),
        **more,
    }
    log = folder / "emulator.log"
    with log.open("w") as output:
        process = subprocess.Popen([python, "-m", "local_cloud"], env=environment, stdout=output, stderr=output)
    cloud = Cloud(f"http://127.0.0.1:{port}", python, environment)
    try:
        eventually(lambda: process.poll() is not None or _is_up(cloud.endpoint), START_SECONDS)
        assert process.poll() is None, log.read_text()
        yield cloud
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with running(tmp_path_factory.mktemp("cloud")) as started:
        yield started
