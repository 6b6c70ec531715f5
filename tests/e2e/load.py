"""Callers of the elastic model, over both doors, who call again as soon as they are answered."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import grpc

from functions.adapters.pb import open_inference_pb2 as oip
from tests.cloud import Cloud

METHOD = "/inference.GRPCInferenceService/ModelInfer"
PAUSE = 0.01  # seconds between two calls of one caller: the machine is shared with what is called
GOOD = ("200", "OK")


@dataclass(frozen=True)
class Call:
    """When it began (time.monotonic), and how it ended: an HTTP status or the name of a gRPC one, and what was said."""

    begun: float
    code: str
    said: str = ""


class GrpcCaller:
    """One open connection."""

    def __init__(self, cloud: Cloud, application: str) -> None:
        self._channel = grpc.insecure_channel(cloud.grpc)
        self._infer = self._channel.unary_unary(METHOD, oip.ModelInferRequest.SerializeToString, bytes)
        self._key = (("x-api-key", cloud.api_key),)
        self._application = application

    def ask(self, wait: float = 0, timeout: float = 30) -> Call:
        message = oip.ModelInferRequest(model_name=self._application)
        for name, value in (("n", 3.0), ("wait", wait)):
            message.inputs.add(name=name, datatype="FP64", shape=[]).contents.fp64_contents.append(value)
        begun = time.monotonic()
        try:
            self._infer(message, metadata=self._key, timeout=timeout)
        except grpc.RpcError as error:
            return Call(begun, error.code().name, error.details() or "")
        return Call(begun, "OK")

    def close(self) -> None:
        self._channel.close()


class HttpCaller:
    def __init__(self, cloud: Cloud, application: str) -> None:
        self._client = cloud.http()
        self._path = f"/gateway/application/{application}"

    def ask(self, wait: float = 0) -> Call:
        begun = time.monotonic()
        answer = self._client.post(self._path, json={"n": 3, "wait": wait})
        return Call(begun, str(answer.status_code), "" if answer.is_success else answer.text)

    def close(self) -> None:
        self._client.close()


class Load:
    """What the callers of `calling` have heard."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.stopped = threading.Event()

    @property
    def failed(self) -> list[Call]:
        return [call for call in self.calls if call.code not in GOOD]

    def go_on(self, caller: GrpcCaller | HttpCaller) -> None:
        while not self.stopped.wait(PAUSE):
            self.calls.append(caller.ask())
        caller.close()


@contextmanager
def calling(cloud: Cloud, application: str, *, over_grpc: int = 3, over_http: int = 1) -> Iterator[Load]:
    """Lets so many callers call until the end of the block."""
    load = Load()
    callers = [GrpcCaller(cloud, application) for _ in range(over_grpc)]
    callers += [HttpCaller(cloud, application) for _ in range(over_http)]  # type: ignore[misc]
    threads = [threading.Thread(target=load.go_on, args=(caller,), daemon=True) for caller in callers]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        load.stopped.set()
        for thread in threads:
            thread.join(60)
