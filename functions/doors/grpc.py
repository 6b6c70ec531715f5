"""The gRPC door: unary methods over bytes, an API key before each, errors of the one tree as statuses.

It knows neither protobuf nor any use case: a `Method` brings its own codec and its own answer. Beside the methods
stands the standard health service, the only one that asks for no key. Threads rather than asyncio, because the use
cases are the same synchronous ones that the HTTP door calls.
"""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn

import grpc
import msgspec
from aws_lambda_powertools import Logger
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from msgspec.structs import replace

from functions.core import errors
from functions.core.access import secret_in
from functions.doors.access_log import note_call
from functions.doors.request_id import HEADER as REQUEST_ID
from functions.doors.request_id import choose_request_id

log = Logger(service="grpc", utc=True)

STATUS: dict[type[errors.DewpointError], grpc.StatusCode] = {
    errors.InvalidRequest: grpc.StatusCode.INVALID_ARGUMENT,
    errors.Unauthenticated: grpc.StatusCode.UNAUTHENTICATED,
    errors.Forbidden: grpc.StatusCode.PERMISSION_DENIED,
    errors.NotFound: grpc.StatusCode.NOT_FOUND,
    errors.Conflict: grpc.StatusCode.ALREADY_EXISTS,
    errors.PreconditionFailed: grpc.StatusCode.FAILED_PRECONDITION,
    errors.PayloadTooLarge: grpc.StatusCode.RESOURCE_EXHAUSTED,
    errors.TooManyRequests: grpc.StatusCode.RESOURCE_EXHAUSTED,
    errors.ModelFailed: grpc.StatusCode.INTERNAL,
    errors.Unavailable: grpc.StatusCode.UNAVAILABLE,
    errors.DeadlineExceeded: grpc.StatusCode.DEADLINE_EXCEEDED,
}
LONGEST_MESSAGE = 4000  # bytes; a status travels in HTTP/2 headers, which are limited to 8 KiB
LIGHT_THREADS = 2  # for health: it is told also while all others are busy
HEALTH_METHOD = "/grpc.health.v1.Health/Check"


class Call(msgspec.Struct, frozen=True):
    """What a method may know of the call. `time_left` in seconds; None when the caller set no deadline.

    What it puts into `told` goes back beside its answer, as trailing metadata.
    """

    request_id: str
    time_left: float | None
    metadata: Mapping[str, str]
    told: dict[str, str] = msgspec.field(default_factory=dict)


class Method(msgspec.Struct, frozen=True):
    """`access` is the HTTP call (method, path) that needs the same rights."""

    read: Callable[[bytes], Any]
    answer: Callable[[Any, Call], Any]
    write: Callable[[Any], bytes]
    access: tuple[str, str]


# Raises Unauthenticated or Forbidden for a key that may not (method, path)
Guard = Callable[[str | None, str, str], None]


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Calls beyond `concurrent` are refused at once with RESOURCE_EXHAUSTED, rather than all being slow.

    A message of more than `max_message_bytes` is refused by us, in our words; gRPC itself stops reading one that is
    larger by more than `slack_bytes`.
    """

    max_message_bytes: int
    slack_bytes: int = 1024 * 1024
    threads: int = 32
    concurrent: int = 256


class GrpcServer:
    """Serves `services`, each with its methods by name, and health."""

    def __init__(self, services: Mapping[str, Mapping[str, Method]], guard: Guard, limits: Limits) -> None:
        self._services = tuple(services)
        self._server = grpc.server(
            ThreadPoolExecutor(LIGHT_THREADS, thread_name_prefix="health"),
            options=_options(limits),
            maximum_concurrent_rpcs=limits.concurrent,
        )
        threads = ThreadPoolExecutor(limits.threads, thread_name_prefix="call")
        for service, methods in services.items():
            largest = limits.max_message_bytes
            handlers = {name: _handler(name, method, guard, largest, threads) for name, method in methods.items()}
            self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, handlers),))
        self._health = health.HealthServicer(experimental_non_blocking=True)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)

    def start(self, address: str) -> int:
        """Listens on "host:port" and returns the port. Raises OSError when the address is not to be had."""
        try:
            port = self._server.add_insecure_port(address)
        except RuntimeError as error:
            raise OSError(f"cannot listen on {address}") from error
        self._server.start()
        for service in ("", *self._services):
            self._health.set(service, health_pb2.HealthCheckResponse.SERVING)
        return port

    def drain(self, linger: float, grace: float) -> None:
        """Turns unhealthy, serves on for `linger` seconds while callers look elsewhere, then lets calls finish."""
        self._health.enter_graceful_shutdown()
        time.sleep(linger)
        self._server.stop(grace).wait()


def is_healthy(address: str, timeout: float) -> bool:
    """Does the server at `address` say that it serves? One that takes no more calls at the moment does."""
    with grpc.insecure_channel(address, options=[("grpc.enable_http_proxy", 0)]) as channel:
        check = channel.unary_unary(
            HEALTH_METHOD,
            request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
            response_deserializer=health_pb2.HealthCheckResponse.FromString,
        )
        try:
            answer = check(health_pb2.HealthCheckRequest(), timeout=timeout)
        except grpc.RpcError as error:
            return bool(error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED)
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def to_status(error: errors.DewpointError) -> tuple[grpc.StatusCode, str]:
    """The status of the nearest class of the error tree that has one, and the sentence with every problem."""
    code = next((STATUS[cls] for cls in type(error).__mro__ if cls in STATUS), grpc.StatusCode.INTERNAL)
    told = [f"{p.pointer}: expected {p.expected}, received {p.received}" for p in error.problems]
    message = "; ".join(told) if len(told) > 1 else error.detail
    return code, shortened(message)


def shortened(message: str) -> str:
    """As much of `message` as a header takes, in which everything but printable ASCII takes three times its bytes."""
    message = message.encode(errors="replace").decode()  # a model may say what UTF-8 cannot
    size = 0
    for at, character in enumerate(message):
        size += 1 if " " <= character <= "~" and character != "%" else 3 * len(character.encode())
        if size > LONGEST_MESSAGE:
            return message[:at]
    return message


def hints(error: errors.DewpointError) -> list[tuple[str, str]]:
    """What HTTP tells in headers: when to come back, and what a quota is."""
    told = {name.lower(): value for name, value in getattr(error, "headers", {}).items()}
    if retry_after := getattr(error, "retry_after", None):
        told["retry-after"] = str(retry_after)
    return list(told.items())


def read_call(context: grpc.ServicerContext) -> Call:
    metadata = {key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)}
    return Call(choose_request_id(metadata.get(REQUEST_ID)), context.time_remaining(), metadata)


def _note(name: str, call: Call, code: grpc.StatusCode, began: float) -> None:
    note_call(name, code.name, (time.perf_counter() - began) * 1000, call.request_id)


def check_size(what: str, message: bytes, largest: int) -> None:
    """Raises PayloadTooLarge."""
    if len(message) > largest:
        raise errors.PayloadTooLarge(f"the {what} takes {len(message)} bytes; at most {largest} go over gRPC")


def _handler(
    name: str, method: Method, guard: Guard, largest: int, threads: ThreadPoolExecutor
) -> "grpc.RpcMethodHandler[bytes, bytes]":
    def handle(raw: bytes, context: grpc.ServicerContext) -> bytes:
        call = read_call(context)
        began = time.perf_counter()
        identity = ((REQUEST_ID, call.request_id),)
        context.send_initial_metadata(identity)
        context.set_trailing_metadata(identity)
        try:
            guard(secret_in(call.metadata), *method.access)
            check_size("message", raw, largest)
            request = method.read(raw)
            call = replace(call, time_left=context.time_remaining())  # reading took some of it
            answer = method.write(method.answer(request, call))
            check_size("answer", answer, largest)
        except errors.DewpointError as error:
            code, message = to_status(error)
            context.set_trailing_metadata((*identity, *hints(error)))
        except Exception:
            log.exception("unforeseen error", request_id=call.request_id)
            code, message = grpc.StatusCode.INTERNAL, f"an unforeseen error; quote request id {call.request_id}"
        else:
            context.set_trailing_metadata((*identity, *call.told.items()))
            _note(name, call, grpc.StatusCode.OK, began)
            return answer
        _note(name, call, code, began)
        _refuse(context, code, message)

    handle.experimental_thread_pool = threads  # type: ignore[attr-defined] # gRPC looks for it there
    return grpc.unary_unary_rpc_method_handler(handle)


def _refuse(context: grpc.ServicerContext, code: grpc.StatusCode, message: str) -> NoReturn:
    context.abort(code, message)


def _options(limits: Limits) -> list[tuple[str, int]]:
    return [
        ("grpc.max_receive_message_length", limits.max_message_bytes + limits.slack_bytes),
        ("grpc.max_send_message_length", limits.max_message_bytes),
        ("grpc.so_reuseport", 0),  # a port that is taken is an error, not a share of somebody's calls
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),
    ]
