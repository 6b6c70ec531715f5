"""One emulator for the session: a process of the emulator's own environment, on free ports, in a temporary folder."""

import io
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config

if TYPE_CHECKING:
    from .stack import Stack

ROOT = Path(__file__).resolve().parents[3]
ACCOUNT = "000000000000"
REGION = "us-east-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/anything"
START_SECONDS = 90

sys.path.insert(0, str(ROOT / "local"))


@dataclass(frozen=True)
class Cloud:
    """A running emulator."""

    endpoint: str
    pid: int
    cloud_id: str
    log: Path
    images: Path

    def client(self, service: str, **config: Any) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"max_attempts": 0}, read_timeout=120, **config),
        )

    def api_url(self, api: str, stage: str = "v1") -> str:
        return f"{self.endpoint}/_aws/execute-api/{api}/{stage}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def emulator_python() -> str:
    found = os.environ.get("DEWPOINT_EMULATOR_PYTHON") or str(ROOT / "local/.state/emulator/bin/python")
    if not Path(found).exists():
        pytest.fail(f"no emulator environment at {found}: `make test-local` makes one and names it")
    return found


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    folder = tmp_path_factory.mktemp("emulator")
    port, cloud_id = free_port(), f"test-{uuid.uuid4().hex}"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "FILESYSTEM_ROOT": str(folder / "state"),
        "GATEWAY_LISTEN": f"127.0.0.1:{port}",
        "LAMBDA_PROCESS_PYTHON": os.environ.get("DEWPOINT_LAMBDA_PYTHON", sys.executable),
        "DEWPOINT_CLOUD": cloud_id,
        "DEWPOINT_IMAGES": str(folder / "images"),
        "SECRET_OF_THE_HOST": "must not leak into functions",
    }
    log = folder / "emulator.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [emulator_python(), "-m", "local_cloud"], env=environment, stdout=output, stderr=output
        )
    running = Cloud(f"http://127.0.0.1:{port}", process.pid, cloud_id, log, folder / "images")
    try:
        wait_until_ready(running, process)
        yield running
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)


def wait_until_ready(running: Cloud, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{running.endpoint}/_localstack/health", timeout=2).read()
        except OSError:
            assert process.poll() is None, running.log.read_text()
            time.sleep(0.2)
        else:
            return
    raise AssertionError(running.log.read_text())


def zipped(source: str) -> bytes:
    """A function's package with one file, `index.py`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("index.py", source)
    return buffer.getvalue()


@pytest.fixture(scope="session")
def make_function(cloud: Cloud) -> Callable[..., str]:
    """Creates a function from source and returns its ARN."""

    def make(source: str, **settings: Any) -> str:
        functions = cloud.client("lambda")
        name = f"f-{uuid.uuid4().hex[:10]}"
        defaults = {"Runtime": "python3.13", "Handler": "index.handler", "Role": ROLE, "Timeout": 20}
        created = functions.create_function(
            FunctionName=name, Code={"ZipFile": zipped(source)}, **{**defaults, **settings}
        )
        functions.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.1})
        return str(created["FunctionArn"])

    return make


@pytest.fixture(scope="session")
def invoke(cloud: Cloud) -> Callable[..., Any]:
    """Invokes a function and returns its parsed result, or the error document under `error`."""
    functions = cloud.client("lambda", max_pool_connections=20)

    def call(function: str, event: Any = None) -> Any:
        answer = functions.invoke(FunctionName=function, Payload=json.dumps(event).encode(), LogType="Tail")
        document = json.loads(answer["Payload"].read() or b"null")
        return {"error": document} if "FunctionError" in answer else document

    return call


def eventually(check: Callable[[], Any], seconds: float = 20.0) -> Any:
    """The first true value of `check`, which is asked until then."""
    deadline = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < deadline, "did not come true in time"
        time.sleep(0.2)
    return found


@pytest.fixture
def stack(cloud: Cloud) -> "Stack":
    from .stack import Stack

    return Stack(cloud)
