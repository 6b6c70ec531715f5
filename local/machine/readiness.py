"""Waits until users are served: over HTTP through the edge, and over gRPC through the load balancer's place."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Protocol

from local.machine.errors import NotReady
from local.machine.ports import LOOPBACK
from local.machine.progress import Say
from local.machine.settings import EDGE, GRPC
from local.machine.state import State

LIMIT = 120.0
PAUSE = 0.5
REFUSED = (401, 403)
READY = "/v2/health/ready"
SERVER_READY = "/inference.GRPCInferenceService/ServerReady"
IS_READY = b"\x08\x01"  # ServerReadyResponse(ready=true)


class Front(Protocol):
    """What users reach. Both answer None when ready, else a phrase that says what is seen instead."""

    def http(self, address: str, key: str) -> str | None: ...

    def grpc(self, address: str, key: str) -> str | None: ...


class KeyRefused(Exception):
    """The platform does not know the key (any more)."""


class WaitUntilHealthy:
    title = "waiting until healthy"

    def __init__(self, state: State, front: Front, renew_key: Callable[[], None], limit: float = LIMIT) -> None:
        self._state = state
        self._front = front
        self._renew_key = renew_key
        self._limit = limit

    def needed(self) -> bool:
        return True

    def run(self, say: Say) -> None:
        """Raises NotReady, saying what was seen last, when HTTP or gRPC is not ready in time."""
        deadline = time.monotonic() + self._limit
        self._wait("HTTP", self._http, deadline, say)
        self._wait("gRPC", self._grpc, deadline, say)

    def _wait(self, name: str, look: Callable[[], str | None], deadline: float, say: Say) -> None:
        renewed = False
        while True:
            try:
                seen = look()
            except KeyRefused:
                seen = "the key is refused"
                if not renewed:
                    self._renew_key()
                    renewed = True
            if seen is None:
                return
            say(f"{name}: {seen}")
            if time.monotonic() > deadline:
                raise NotReady(
                    f"{name} is not ready after {self._limit:.0f} s: {seen}; see {self._state.log('emulator').parent}"
                )
            time.sleep(PAUSE)

    def _http(self) -> str | None:
        record = self._state.record
        return self._front.http(f"http://{LOOPBACK}:{record.ports[EDGE]}", record.api_key)

    def _grpc(self) -> str | None:
        record = self._state.record
        return self._front.grpc(f"{LOOPBACK}:{record.ports[GRPC]}", record.api_key)


class RealFront:
    """Raises KeyRefused when the platform refuses the key."""

    def http(self, address: str, key: str) -> str | None:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        request = urllib.request.Request(f"{address}{READY}", headers={"x-api-key": key})
        try:
            with opener.open(request, timeout=60) as answer:
                return None if answer.status == 200 else f"status {answer.status}"
        except urllib.error.HTTPError as error:
            if error.code in REFUSED:
                raise KeyRefused from error
            return f"status {error.code}, {reason(error.read(2000))}"
        except OSError as error:
            return str(error)

    def grpc(self, address: str, key: str) -> str | None:
        import grpc

        with grpc.insecure_channel(address, options=[("grpc.enable_http_proxy", 0)]) as channel:
            call = channel.unary_unary(SERVER_READY, request_serializer=None, response_deserializer=None)
            try:
                answer = call(b"", metadata=(("x-api-key", key),), timeout=10)
            except grpc.RpcError as error:
                code = error.code()
                if code in (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED):
                    raise KeyRefused from error
                return f"{code.name.lower()} {error.details()}"[:200]
        return None if answer == IS_READY else "the server says it is not ready"


def reason(body: bytes) -> str:
    """The detail of a problem document; the body itself when it is none."""
    try:
        return str(json.loads(body)["detail"])
    except (ValueError, KeyError, TypeError):
        return body.decode(errors="replace")[:200]
