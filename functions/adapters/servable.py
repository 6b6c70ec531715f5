"""The client of servables: any Open Inference server over gRPC, through channels that are kept.

A channel belongs to an endpoint and outlives the call, because a connection costs more than a small model. Those not
used for longest are closed when there are many, but none under a call.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import grpc

from functions.adapters.wire import from_infer_answer, tensors_of, to_infer_request
from functions.core.budget import DEFAULT, Budget
from functions.core.errors import (
    DeadlineExceeded,
    DewpointError,
    InvalidRequest,
    ModelFailed,
    Overloaded,
    PayloadTooLarge,
    Unavailable,
)
from functions.core.inference import InferRequest
from functions.core.tensor import Tensor

METHOD = "/inference.GRPCInferenceService/ModelInfer"
CHANNELS = 256
CONNECT_TIMEOUT_MS = 1000
ERRORS: dict[grpc.StatusCode, type[DewpointError]] = {
    grpc.StatusCode.INVALID_ARGUMENT: InvalidRequest,
    grpc.StatusCode.OUT_OF_RANGE: InvalidRequest,
    grpc.StatusCode.UNAVAILABLE: Unavailable,
    grpc.StatusCode.RESOURCE_EXHAUSTED: Overloaded,
    grpc.StatusCode.CANCELLED: Unavailable,
    grpc.StatusCode.DEADLINE_EXCEEDED: DeadlineExceeded,
}

Infer = Callable[..., bytes]


class Line:
    """A channel and its one method; `calls` are on their way."""

    def __init__(self, endpoint: str, limit: int) -> None:
        self.channel = grpc.insecure_channel(endpoint, options=_options(limit))
        self.infer: Infer = self.channel.unary_unary(METHOD, _as_it_is, _as_it_is)
        self.calls = 0


class GrpcServableClient:
    """`max_message_bytes` limits requests and answers, `max_elements` what an answer may hold (core/budget.py)."""

    def __init__(self, max_message_bytes: int, max_elements: int = DEFAULT, channels: int = CHANNELS) -> None:
        self._limit = max_message_bytes
        self._max_elements = max_elements
        self._size = channels
        self._lines: OrderedDict[str, Line] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """How many channels are open."""
        return len(self._lines)

    def infer(
        self, endpoint: str, model: str, version: str, request_id: str, inputs: Mapping[str, Tensor], timeout: float
    ) -> dict[str, Tensor]:
        request = to_infer_request(InferRequest(model=model, version=version, id=request_id, inputs=tensors_of(inputs)))
        if len(request) > self._limit:
            raise PayloadTooLarge(f"the inputs take {len(request)} bytes; at most {self._limit} are accepted")
        try:
            with self._line(endpoint) as infer:
                raw = infer(request, timeout=timeout, metadata=(("x-request-id", request_id),))
        except grpc.RpcError as error:
            raise _translated(error, f"{model}:{version}".rstrip(":")) from error
        if len(raw) > self._limit:
            raise PayloadTooLarge(f"the answer of {model}:{version} takes {len(raw)} bytes; at most {self._limit} do")
        return from_infer_answer(raw, Budget(self._max_elements)).outputs

    def close(self) -> None:
        with self._lock:
            while self._lines:
                self._lines.popitem()[1].channel.close()

    @contextmanager
    def _line(self, endpoint: str) -> Iterator[Infer]:
        with self._lock:
            line = self._lines.get(endpoint)
            if line is None:
                line = self._lines[endpoint] = Line(endpoint, self._limit)
            line.calls += 1
            self._lines.move_to_end(endpoint)
            surplus = self._surplus() if len(self._lines) > self._size else []
        for each in surplus:
            each.channel.close()
        try:
            yield line.infer
        finally:
            with self._lock:
                line.calls -= 1

    def _surplus(self) -> list[Line]:
        """Those not used for longest and on which nobody calls, taken out."""
        idle = [endpoint for endpoint, line in self._lines.items() if not line.calls]
        return [self._lines.pop(endpoint) for endpoint in idle[: len(self._lines) - self._size]]


def _as_it_is(message: bytes) -> bytes:
    """wire.py is the one who knows protobuf."""
    return message


def _translated(error: grpc.RpcError, model: str) -> DewpointError:
    code, details = error.code(), error.details() or ""
    cls = ERRORS.get(code, ModelFailed)
    if cls is DeadlineExceeded:
        return DeadlineExceeded(f"model {model} did not answer in time")
    return cls(f"model {model}: {details or code.name}")


def _options(limit: int) -> list[tuple[str, int]]:
    return [
        ("grpc.max_send_message_length", limit),
        # An answer a little beyond the limit is refused by us: gRPC's own refusal looks as if the replica were full
        ("grpc.max_receive_message_length", 2 * limit),
        # A replica that died without a word is noticed within seconds, also after a function was frozen
        ("grpc.keepalive_time_ms", 10_000),
        ("grpc.keepalive_timeout_ms", 3_000),
        # A connection is given up, and another replica asked, long before the caller's time is used up
        ("grpc.min_reconnect_backoff_ms", CONNECT_TIMEOUT_MS),
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.max_reconnect_backoff_ms", 2_000),
        ("grpc.enable_http_proxy", 0),  # servables are neighbours, whatever proxy the environment names
    ]
