"""`python -m servable.probe`: the health check. Exit status 0 when the servable says it is serving, else 1."""

import os
import sys

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from servable.settings import read_settings

_PATIENCE_SECONDS = 3.0
_ANYWHERE = ("0.0.0.0", "[::]", "")  # noqa: S104 - compared with, not listened on


def probe(address: str, timeout: float = _PATIENCE_SECONDS) -> str:
    """The state the standard health service gives, such as SERVING, or the gRPC status when it gives none."""
    with grpc.insecure_channel(address) as channel:
        try:
            answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=timeout)
        except grpc.RpcError as error:
            return str(error.code().name)
    return str(health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status))


def main() -> int:
    settings = read_settings(os.environ)
    host = "127.0.0.1" if settings.host in _ANYWHERE else settings.host
    state = probe(f"{host}:{settings.port}")
    sys.stdout.write(f"{state}\n")
    return 0 if state == "SERVING" else 1


if __name__ == "__main__":
    sys.exit(main())
