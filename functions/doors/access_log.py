"""The gRPC door's access log: a line per call, in the form of every other line (Powertools' JSON).

cdk/stacks/grpc_gateway.py counts these lines into metrics, so no log level hides them. A logging library takes longer
for such a line than the gateway takes to validate a prediction (docs/decisions/0044).
"""

import sys
from datetime import UTC, datetime

import msgspec


class CallLine(msgspec.Struct, frozen=True, kw_only=True):
    """`status` is gRPC's name of it, `request_id` the caller's or ours."""

    level: str = "INFO"
    message: str = "called"
    timestamp: str
    service: str = "grpc"
    method: str
    status: str
    milliseconds: float
    request_id: str


def note_call(method: str, status: str, milliseconds: float, request_id: str) -> None:
    now = datetime.now(UTC)
    line = CallLine(
        timestamp=f"{now:%Y-%m-%d %H:%M:%S},{now.microsecond // 1000:03}+0000",
        method=method,
        status=status,
        milliseconds=round(milliseconds, 3),
        request_id=request_id,
    )
    # in one piece, so that lines of calls that end at the same time do not mix
    sys.stdout.write(f"{msgspec.json.encode(line).decode()}\n")
    sys.stdout.flush()
