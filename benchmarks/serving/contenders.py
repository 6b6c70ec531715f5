"""Who is measured: how each server is started, asked, and its answer read."""

import json
import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.report import ROOT
from benchmarks.serving.environments import PEERS, environment
from benchmarks.serving.load import Address, Conversation, Grpc, Http1, ask
from benchmarks.serving.models import NAME, Served, rows
from benchmarks.serving.processes import Process, free_port
from servable.pb import open_inference_pb2 as pb

METHOD = "/inference.GRPCInferenceService/ModelInfer"
Table = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Protocol:
    """A request for the labels of some rows, and the labels in an answer."""

    speak: Callable[[Address, Table], Conversation]
    labels: Callable[[bytes], list[int]]


@dataclass(frozen=True, slots=True)
class Command:
    """`environ` and `command` may name the address; `folder` is where the process runs."""

    command: list[str]
    environ: dict[str, str] = field(default_factory=dict)
    folder: Path = ROOT


@dataclass(frozen=True, slots=True)
class Contender:
    name: str
    protocol: Protocol
    start: Callable[[Served, int, Path], Command]


@dataclass(frozen=True, slots=True)
class Running:
    """A contender that answers. `expected` is its answer to one row, checked."""

    contender: Contender
    process: Process
    address: Address

    def conversation(self, table: Table) -> Conversation:
        return self.contender.protocol.speak(self.address, table)

    def checked_answer(self, table: Table, served: Served) -> bytes:
        """Raises ValueError when the labels are not the model's."""
        answer = ask(self.address, self.conversation(table))
        labels = self.contender.protocol.labels(answer)
        if labels != served.estimator.predict(table).tolist():
            raise ValueError(f"{self.contender.name} answered {labels[:10]}")
        return answer


def start(contender: Contender, served: Served, cpus: Collection[int], folder: Path) -> Running:
    """Returns when the first right answer came. Raises RuntimeError when none comes."""
    folder.mkdir(parents=True, exist_ok=True)
    address = ("127.0.0.1", free_port())
    command = contender.start(served, address[1], folder)
    process = Process(command.command, command.folder, command.environ, cpus, folder / "log.txt")
    running = Running(contender, process, address)
    try:
        process.wait_until(lambda: running.checked_answer(rows(1), served))
    except RuntimeError:
        process.stop()
        raise
    return running


def infer_request(table: Table, output: str) -> bytes:
    message = pb.ModelInferRequest(model_name=NAME, id="1")
    message.inputs.add(name="X", datatype="FP64", shape=table.shape)
    message.outputs.add(name=output)
    message.raw_input_contents.append(table.tobytes())
    return message.SerializeToString()


def infer_labels(answer: bytes) -> list[int]:
    return np.frombuffer(pb.ModelInferResponse.FromString(answer).raw_output_contents[0], np.int64).tolist()


def open_inference(output: str, metadata: Mapping[str, str] | None = None) -> Protocol:
    return Protocol(lambda address, table: Grpc(address, METHOD, infer_request(table, output), metadata), infer_labels)


def _oip_json(table: Table) -> bytes:
    tensor = {"name": "X", "datatype": "FP64", "shape": list(table.shape), "data": table.ravel().tolist()}
    return json.dumps({"id": "1", "inputs": [tensor]}).encode()


MLSERVER_REST = Protocol(
    lambda address, table: Http1(address, f"/v2/models/{NAME}/infer", _oip_json(table)),
    lambda answer: list(json.loads(answer)["outputs"][0]["data"]),
)
PLAIN_REST = Protocol(
    lambda address, table: Http1(address, "/predict", json.dumps({"X": table.tolist()}).encode()),
    lambda answer: list(json.loads(answer)["label"]),
)


def ours(runtime: str) -> Contender:
    def command(served: Served, port: int, _: Path) -> Command:
        environ = {
            "PYTHONPATH": str(ROOT),
            "APP_HOST": "127.0.0.1",
            "APP_PORT": str(port),
            "SERVABLE_LINGER_SECONDS": "0",
        }
        return Command([sys.executable, "-m", "servable"], environ, getattr(served, runtime))

    return Contender(f"**Dewpoint, {runtime}**", open_inference("label"), command)


def mlserver(protocol: str, workers: int = 0) -> Contender:
    def command(served: Served, port: int, folder: Path) -> Command:
        other = {"grpc": "http_port", "rest": "grpc_port"}[protocol]
        own = {"grpc": "grpc_port", "rest": "http_port"}[protocol]
        settings = {"host": "127.0.0.1", "debug": False, "parallel_workers": workers}
        ports = {own: port, other: free_port(), "metrics_port": free_port()}
        model = {"implementation": "mlserver_sklearn.SKLearnModel", "parameters": {"uri": str(served.joblib)}}
        (folder / "settings.json").write_text(json.dumps(settings | ports))
        (folder / "model-settings.json").write_text(json.dumps({"name": NAME, **model}))
        return Command([str(environment("mlserver") / "mlserver"), "start", "."], folder=folder)

    many = f", {workers} workers" if workers else ""
    spoken = {"grpc": open_inference("predict"), "rest": MLSERVER_REST}[protocol]
    return Contender(f"MLServer, {'gRPC' if protocol == 'grpc' else 'REST'}{many}", spoken, command)


def _fastapi(served: Served, port: int, _: Path) -> Command:
    uvicorn = [str(environment("fastapi") / "uvicorn"), "server:app", "--host", "127.0.0.1", "--port", str(port)]
    quiet = ["--log-level", "warning", "--no-access-log"]
    return Command([*uvicorn, *quiet], {"MODEL": str(served.joblib)}, PEERS / "fastapi")


def _litserve(served: Served, port: int, _: Path) -> Command:
    environ = {"MODEL": str(served.joblib), "PORT": str(port)}
    return Command([str(environment("litserve") / "python"), "server.py"], environ, PEERS / "litserve")


def _bentoml(served: Served, port: int, folder: Path) -> Command:
    serve = [str(environment("bentoml") / "bentoml"), "serve", "server:Flowers"]
    environ = {"MODEL": str(served.joblib), "BENTOML_HOME": str(folder), "BENTOML_DO_NOT_TRACK": "True"}
    return Command([*serve, "--host", "127.0.0.1", "--port", str(port)], environ, PEERS / "bentoml")


def _grpcio(served: Served, port: int, _: Path) -> Command:
    environ = {"MODEL": str(served.joblib), "PORT": str(port), "PYTHONPATH": str(ROOT)}
    return Command([sys.executable, "server.py"], environ, PEERS / "grpcio")


FLOOR = Contender("a bare grpcio server, no model", open_inference("label"), _grpcio)
FASTAPI = Contender("FastAPI and uvicorn", PLAIN_REST, _fastapi)
LITSERVE = Contender("LitServe", PLAIN_REST, _litserve)
BENTOML = Contender("BentoML", PLAIN_REST, _bentoml)
