"""The gRPC door: a real server over a world of fakes, called through a Unix socket with the generated messages."""

import struct
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
import pytest

from functions.adapters.pb import open_inference_pb2 as pb
from functions.core.access import digest, new_secret
from functions.core.api_keys import ApiKey, Role
from functions.doors.grpc import Limits
from functions.gateway.authenticate import KeyGuard
from functions.gateway.grpc_door import build_server
from functions.gateway.memory import Memory
from tests.fakes.stores import FakeKeyStore, FakeQuotaStore
from tests.unit.gateway.worlds import World

SERVICE = "inference.GRPCInferenceService"
LIMITS = Limits(max_message_bytes=1024 * 1024, threads=16, concurrent=64)


class GrpcGateway:
    """A world behind a running server, and a channel to it. `key` is known."""

    def __init__(self, folder: Path, limits: Limits = LIMITS, memory: Memory | None = None) -> None:
        self.world = World(clock=time.monotonic, sleep=time.sleep, memory=memory or Memory())
        keys = FakeKeyStore()
        self.key = new_secret()
        keys.put(ApiKey(digest=digest(self.key), name="test", role=Role.VIEWER, created=datetime.now(UTC)))
        self.server = build_server(self.world.ports, KeyGuard(keys, FakeQuotaStore()), limits)
        self.address = f"unix:{folder}/gateway.sock"
        self.server.start(self.address)
        self.channel = grpc.insecure_channel(self.address)

    def call(self, method: str, request: Any, *metadata: tuple[str, str], key: str | None = "", **more: Any) -> Any:
        """The answer and the call, whose metadata a test may look at."""
        answer = getattr(pb, f"{method}Response")
        function: Any = self.channel.unary_unary(
            f"/{SERVICE}/{method}", type(request).SerializeToString, answer.FromString
        )
        secret = self.key if key == "" else key
        identity = (("x-api-key", secret),) if secret else ()
        return function.with_call(request, metadata=(*identity, *metadata), timeout=more.get("timeout", 10))


def request(value: float = 2.0, name: str = "app", **more: Any) -> pb.ModelInferRequest:
    message = pb.ModelInferRequest(model_name=name, **more)
    message.inputs.add(name="x", datatype="FP64", shape=[])
    message.raw_input_contents.append(struct.pack("<d", value))
    return message


def refusal(gateway: GrpcGateway, *args: Any, **more: Any) -> Any:
    with pytest.raises(grpc.RpcError) as caught:
        gateway.call(*args, **more)
    return caught.value
