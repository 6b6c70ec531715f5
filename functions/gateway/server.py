"""`python -m functions.gateway.server`: the gateway over gRPC, until SIGTERM; then it drains and ends with 0.

Observations leave in the background here, because the process lives on after it has answered; and what was read for one
call is remembered for the next ones (memory.py).
"""

import signal
import sys
import threading

from aws_lambda_powertools import Logger

from functions.core.settings import Settings, read_settings
from functions.doors.grpc import Limits
from functions.gateway import wiring
from functions.gateway.authenticate import KeyGuard
from functions.gateway.grpc_door import build_server
from functions.gateway.memory import LONGEST, Memory
from functions.gateway.publish import LINGER, BackgroundSink

log = Logger(service="gateway", utc=True)


class ListenSettings(Settings, frozen=True, kw_only=True):
    """`linger_seconds`: between turning unhealthy and refusing calls. Both waits fit in the host's stop timeout."""

    app_host: str = "0.0.0.0"  # noqa: S104 - a container is reached from outside
    app_port: int = 9091
    linger_seconds: float = 2.0
    drain_seconds: float = 15.0


def main() -> int:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    listen = read_settings(ListenSettings)
    sink = BackgroundSink(wiring.observations(), linger=LINGER)
    limits = Limits(max_message_bytes=wiring.settings().max_message_bytes)
    ports = wiring.build_ports(sink, wiring.sleepers(), Memory(LONGEST))
    server = build_server(ports, KeyGuard(wiring.keys(), wiring.quotas()), limits)
    port = server.start(f"{listen.app_host}:{listen.app_port}")
    log.info("serving", address=f"{listen.app_host}:{port}")
    stop.wait()
    server.drain(listen.linger_seconds, listen.drain_seconds)
    lost = sink.drain(5.0)
    log.info("stopped", observations_lost=lost, observations_dropped=sink.dropped)
    return 0


if __name__ == "__main__":
    sys.exit(main())
