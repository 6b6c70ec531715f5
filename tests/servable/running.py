"""A servable as the platform runs it: its own process, on a loopback address and port of its own, spoken to by gRPC."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import grpc
import numpy as np
from grpc_health.v1 import health_pb2, health_pb2_grpc

from servable.contract import Signature
from servable.dtypes import LAYOUTS
from servable.pb import open_inference_pb2 as pb
from servable.pb import open_inference_pb2_grpc as rpc
from servable.tensors import Array, from_raw, to_raw

ROOT = Path(__file__).parents[2]
_BY_WIRE = {layout.wire: dtype for dtype, layout in LAYOUTS.items()}
_START_SECONDS = 120


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def request_for(of: Signature, values: dict[str, Any], model: str = "model") -> pb.ModelInferRequest:
    """A request with raw contents, in the signature's dtypes."""
    request = pb.ModelInferRequest(model_name=model, model_version="1", id="request-1")
    for one in of.tensors.inputs:
        layout = LAYOUTS[one.dtype]
        array = np.asarray(values[one.name], layout.numpy)
        request.inputs.add(name=one.name, datatype=layout.wire, shape=array.shape)
        request.raw_input_contents.append(to_raw(one.dtype, array))
    return request


def outputs_of(response: pb.ModelInferResponse) -> dict[str, Array]:
    return {
        tensor.name: from_raw(_BY_WIRE[tensor.datatype], tuple(tensor.shape), raw)
        for tensor, raw in zip(response.outputs, response.raw_output_contents, strict=True)
    }


class Servable:
    """`python -m servable` in a model folder. Use as a context manager; `stop` gives the exit status."""

    def __init__(self, folder: Path, **environ: str) -> None:
        self.address = f"127.0.0.1:{free_port()}"
        host, port = self.address.split(":")
        self.environ = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
            "APP_HOST": host,
            "APP_PORT": port,
            "SERVABLE_LINGER_SECONDS": "0",
            **environ,
        }
        self._folder = folder
        self.log = folder / "log.txt"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Servable":
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "servable"], cwd=self._folder, env=self.environ, stdout=log, stderr=log
            )
        self.channel = grpc.insecure_channel(self.address)
        self.stub: Any = rpc.GRPCInferenceServiceStub(self.channel)
        self.health = health_pb2_grpc.HealthStub(self.channel)
        if not self._becomes_ready():
            self.__exit__()
            raise AssertionError(self.log.read_text())
        return self

    def __exit__(self, *_: object) -> None:
        self.channel.close()
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def _becomes_ready(self) -> bool:
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            try:
                grpc.channel_ready_future(self.channel).result(timeout=0.5)
            except grpc.FutureTimeoutError:
                continue
            return True
        return False

    @property
    def process(self) -> "subprocess.Popen[bytes]":
        assert self._process is not None
        return self._process

    def infer(self, of: Signature, **values: Any) -> dict[str, Array]:
        return outputs_of(self.stub.ModelInfer(request_for(of, values), timeout=30))

    def state(self) -> str:
        answer = self.health.Check(health_pb2.HealthCheckRequest(), timeout=5)
        return str(health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status))

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def stop(self) -> int:
        self.terminate()
        return self.process.wait(timeout=30)


def run(module: str, folder: Path, **environ: str) -> "subprocess.CompletedProcess[str]":
    """`python -m <module>` in a model folder, to its end."""
    return subprocess.run(
        [sys.executable, "-m", module],
        cwd=folder,
        env={**Servable(folder).environ, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
