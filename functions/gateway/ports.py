"""What the use cases of the gateway need from the world, in one place; built by wiring.py, or from fakes by a test."""

import random
import time
from collections.abc import Callable

import msgspec

from functions.core.ports import ApplicationStore, ObservationSink, ServableClient, ServableStore


class Ports(msgspec.Struct, frozen=True, kw_only=True):
    """`timeout` is the seconds all stages of one prediction have together; `max_bytes` the largest body accepted.

    `chance` draws uniformly from [0, 1), `clock` measures seconds, `now` tells seconds since the epoch.
    """

    applications: ApplicationStore
    servables: ServableStore
    client: ServableClient
    sink: ObservationSink
    timeout: float = 10.0
    max_bytes: int = 64 * 1024 * 1024
    chance: Callable[[], float] = random.random
    clock: Callable[[], float] = time.perf_counter
    now: Callable[[], float] = time.time


OBSERVE_HEADER = "x-dewpoint-observe"


def is_observed(header: str | None) -> bool:
    """`x-dewpoint-observe: false` marks what the platform asks itself (metrics, explanations): nobody monitors it."""
    return (header or "").strip().lower() not in ("false", "off", "0")


class CallOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller says about one prediction beside its inputs.

    `time_left`: the seconds the caller is willing to wait. `observed` False: the prediction is not for monitoring.
    """

    request_id: str
    time_left: float | None = None
    observed: bool = True
