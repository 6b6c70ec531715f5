"""The server around the door: health, limits, and an orderly end.

Threads rather than asyncio: measured on two cores with one small model, a threaded server answers as many calls as an
asyncio one (ONNX, 16 connections: 3,290 against 2,510-2,880 a second; one connection: 1,210-1,320 against 1,055-1,275),
runs models side by side, and lets a slow model block nothing but itself.
"""

import logging
import time
from concurrent.futures import ThreadPoolExecutor

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from servable.crew import Crew
from servable.errors import CannotLoad
from servable.model import Model
from servable.pb import open_inference_pb2_grpc as rpc
from servable.progress import Progress
from servable.service import InferenceService
from servable.settings import Settings

log = logging.getLogger(__name__)

SERVICE = "inference.GRPCInferenceService"
_LIGHT_THREADS = 2  # health, metadata
_MOST_CALLERS = 64


class Health(health.HealthServicer):
    """The standard health service; NOT_SERVING as well while the model finishes no call."""

    def __init__(self, progress: Progress) -> None:
        super().__init__(experimental_non_blocking=True)
        self._progress = progress

    def Check(  # noqa: N802 - the protocol's name
        self, request: health_pb2.HealthCheckRequest, context: grpc.ServicerContext
    ) -> health_pb2.HealthCheckResponse:
        if self._progress.is_stuck:
            log.error("the model has not finished a call for too long: asking to be replaced")
            return health_pb2.HealthCheckResponse(status=health_pb2.HealthCheckResponse.NOT_SERVING)
        return super().Check(request, context)


class Server:
    """Serves one model from construction until `drain`. `port` is the port it listens on."""

    def __init__(self, model: Model, settings: Settings) -> None:
        """Raises CannotLoad when the address is not to be had."""
        self._settings = settings
        progress = Progress(settings.stuck_seconds)
        self._health = Health(progress)
        self._server = grpc.server(ThreadPoolExecutor(_LIGHT_THREADS), options=_options(settings))
        crew = Crew(_callers(model, settings))
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        rpc.add_GRPCInferenceServiceServicer_to_server(  # type: ignore[no-untyped-call]
            InferenceService(model, crew, progress), self._server
        )
        try:
            self.port = self._server.add_insecure_port(settings.address)
        except RuntimeError as error:
            raise CannotLoad(f"cannot listen on {settings.address}") from error
        self._server.start()
        for service in ("", SERVICE):
            self._health.set(service, health_pb2.HealthCheckResponse.SERVING)

    def drain(self) -> bool:
        """Turn unhealthy, linger, refuse new calls, let the running ones finish. False when some had to be left."""
        self._health.enter_graceful_shutdown()
        time.sleep(self._settings.linger_seconds)
        stopped_in_time = self._server.stop(self._settings.drain_seconds)
        begun = time.monotonic()
        stopped_in_time.wait()
        return time.monotonic() - begun < self._settings.drain_seconds


def _callers(model: Model, settings: Settings) -> int:
    """Requests that are read at the same time. Those that wait to be joined are many, and each holds a thread."""
    batching = model.contract.batching
    return max(settings.threads, min(batching.max_batch_size, _MOST_CALLERS)) if batching else settings.threads


def _options(settings: Settings) -> list[tuple[str, int]]:
    return [
        ("grpc.max_receive_message_length", settings.max_message_bytes),
        ("grpc.max_send_message_length", settings.max_message_bytes),
        ("grpc.so_reuseport", 0),  # a port that is taken is an error, not a share of somebody's calls
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),
    ]
