"""The same models twice: behind our gateway and our servable; and behind MLServer, in an environment of its own."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
import httpx
import joblib
from msgspec.structs import replace

from functions.adapters.pb import open_inference_pb2 as pb
from functions.adapters.servable import GrpcServableClient
from functions.core.access import digest, new_secret
from functions.core.api_keys import ApiKey, Role
from functions.core.signature import parse_signature
from functions.doors.grpc import Limits
from functions.gateway.authenticate import KeyGuard
from functions.gateway.grpc_door import build_server
from tests.fakes.stores import FakeKeyStore, FakeQuotaStore
from tests.servable.folders import IRIS, field, fitted_iris, python_folder, signature, sklearn_folder
from tests.servable.running import ROOT, Servable, free_port
from tests.unit.gateway.http_client import HttpGateway
from tests.unit.gateway.worlds import World

HERE = Path(__file__).with_name("mlserver")
MIXED = signature(
    [
        field("x", "DT_DOUBLE", (-1, 2)),
        field("n", "DT_INT32", (-1,)),
        field("flag", "DT_BOOL", (-1,)),
        field("name", "DT_STRING", (-1,)),
    ],
    [
        field("total", "DT_DOUBLE", (-1,)),
        field("next", "DT_INT64", (-1,)),
        field("other", "DT_BOOL", (-1,)),
        field("loud", "DT_STRING", (-1,)),
    ],
)
SOURCE = """
def predict(x, n, flag, name):
    return {
        "total": x.sum(axis=1),
        "next": n.astype("int64") + 1,
        "other": ~flag,
        "loud": [text + "!" for text in name],
    }
"""
Answer = tuple[int, dict[str, Any]]


@dataclass(frozen=True)
class Peer:
    """Somebody who speaks the Open Inference Protocol: `post` over HTTP, `infer` over gRPC."""

    post: Any
    infer: Any

    def http(self, model: str, body: Any) -> Answer:
        status, content = self.post(f"/v2/models/{model}/infer", body)
        return status, content if isinstance(content, dict) else {}

    def rpc(self, request: pb.ModelInferRequest) -> "tuple[grpc.StatusCode, pb.ModelInferResponse | str]":
        try:
            return grpc.StatusCode.OK, self.infer(request)
        except grpc.RpcError as error:
            return error.code(), error.details()


@contextmanager
def ours(folder: Path) -> Iterator[Peer]:
    """Real servables behind the gateway's two doors; only the tables are in memory."""
    client = GrpcServableClient(2**26)
    world = World(client=client, clock=time.monotonic, sleep=time.sleep)
    folders = {
        "mixed": (MIXED, python_folder(folder / "mixed", MIXED, SOURCE)),
        "iris": (IRIS, sklearn_folder(folder / "iris", IRIS, fitted_iris()[0])),
    }
    with ExitStack() as running:
        running.callback(client.close)
        for name, (_, place) in folders.items():
            served = running.enter_context(Servable(place))
            contract = json.loads((place / "contract.json").read_text())
            servable = world.servable("model", signature=parse_signature(contract["signature"]))
            replicas = tuple(replace(replica, address=served.address) for replica in servable.replicas)
            world.servables.update(
                servable.name, lambda current, replicas=replicas: replace(current, replicas=replicas)
            )
            world.application(name, [(servable, 100)])
        gateway = HttpGateway(world)

        def post(path: str, body: Any) -> tuple[int, Any]:
            answer = gateway.post(path, body)
            return answer.status_code, answer.json_body

        keys, key = FakeKeyStore(), new_secret()
        keys.put(ApiKey(digest=digest(key), name="test", role=Role.VIEWER, created=datetime.now(UTC)))
        limits = Limits(max_message_bytes=2**20, threads=4, concurrent=8)
        server = build_server(world.ports, KeyGuard(keys, FakeQuotaStore()), limits)
        server.start(f"unix:{folder}/gateway.sock")
        running.callback(server.drain, 0, 0)
        yield Peer(post, _stub(running, f"unix:{folder}/gateway.sock", key))


@contextmanager
def mlserver(folder: Path) -> Iterator[Peer]:
    """MLServer from PyPI, unchanged."""
    folder.mkdir()
    shutil.copy(HERE / "mixed.py", folder)
    joblib.dump(fitted_iris()[0], folder / "iris.joblib")
    _settings(folder / "iris", "iris", "mlserver_sklearn.SKLearnModel", uri=str(folder / "iris.joblib"))
    _settings(folder / "mixed", "mixed", "mixed.Mixed")
    http, rpc, metrics = free_port(), free_port(), free_port()
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(folder),
        "HOME": str(folder),
        "MLSERVER_HOST": "127.0.0.1",
        "MLSERVER_HTTP_PORT": str(http),
        "MLSERVER_GRPC_PORT": str(rpc),
        "MLSERVER_METRICS_PORT": str(metrics),
        "MLSERVER_PARALLEL_WORKERS": "0",
    }
    with ExitStack() as running:
        log = running.enter_context((folder / "log.txt").open("wb"))
        command = [_environment() / "bin" / "mlserver", "start", folder]
        process = subprocess.Popen(command, cwd=folder, env=environ, stdout=log, stderr=log)
        running.callback(process.wait)
        running.callback(process.kill)
        address = f"http://127.0.0.1:{http}"
        _until_ready(process, address, folder / "log.txt")

        def post(path: str, body: Any) -> tuple[int, Any]:
            raw = body if isinstance(body, bytes) else json.dumps(body).encode()
            # a connection each: after an error of its own, MLServer breaks them
            answer = httpx.post(address + path, content=raw, headers={"content-type": "application/json"}, timeout=30)
            is_json = answer.headers["content-type"].startswith("application/json")
            return answer.status_code, answer.json() if is_json else answer.text

        yield Peer(post, _stub(running, f"127.0.0.1:{rpc}"))


def _settings(folder: Path, name: str, implementation: str, **parameters: str) -> None:
    folder.mkdir()
    settings = {"name": name, "implementation": implementation, "parameters": parameters}
    (folder / "model-settings.json").write_text(json.dumps(settings))


def _environment() -> Path:
    """With MLServer in it, made once."""
    environment = ROOT / "local" / ".state" / "mlserver"
    uv = Path(sys.executable).with_name("uv")
    python = environment / "bin" / "python"
    if not python.exists():
        subprocess.run([uv, "venv", "-q", "--python", sys.executable, environment], check=True)
    subprocess.run([uv, "pip", "install", "-q", "--python", python, "-r", HERE / "requirements.txt"], check=True)
    return environment


def _until_ready(process: "subprocess.Popen[bytes]", address: str, log: Path, patience: float = 120) -> None:
    end = time.monotonic() + patience
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(f"{address}/v2/health/ready").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError(log.read_text())


def _stub(running: ExitStack, address: str, key: str = "") -> Any:
    channel = running.enter_context(grpc.insecure_channel(address))
    call: Any = channel.unary_unary(
        "/inference.GRPCInferenceService/ModelInfer",
        pb.ModelInferRequest.SerializeToString,
        pb.ModelInferResponse.FromString,
    )
    metadata = (("x-api-key", key),) if key else ()
    return lambda request: call(request, metadata=metadata, timeout=30)
