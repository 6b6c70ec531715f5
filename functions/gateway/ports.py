"""What the use cases of the gateway need from the world, in one place; built by wiring.py, or from fakes by a test."""

import random
import time
from collections.abc import Callable

import msgspec

from functions.core.budget import DEFAULT
from functions.core.ports import (
    ApplicationStore,
    ExchangeStore,
    ObservationSink,
    QuotaStore,
    ServableClient,
    ServableStore,
)
from functions.gateway.breaker import Breakers
from functions.gateway.memory import Memory
from functions.gateway.sleepers import Sleepers
from functions.gateway.turns import Turns
from functions.gateway.waiting_room import WaitingRoom


class Ports(msgspec.Struct, frozen=True, kw_only=True):
    """`timeout` is the seconds all stages of one prediction have together; `max_bytes` the largest body
    accepted, `max_elements` the most elements in one request (core/budget.py).

    `exchange` is made when it is first asked for: most calls need none. `chance` draws uniformly from [0, 1), `clock`
    measures seconds, `sleep` lets them pass, `now` tells seconds since the epoch. `breakers`, `memory`,
    `sleepers`, `turns` and `waiting` are this process's own.
    """

    applications: ApplicationStore
    servables: ServableStore
    client: ServableClient
    sink: ObservationSink
    quotas: QuotaStore
    exchange: Callable[[], ExchangeStore]
    sleepers: Sleepers
    timeout: float = 10.0
    max_bytes: int = 64 * 1024 * 1024
    max_elements: int = DEFAULT
    chance: Callable[[], float] = random.random
    clock: Callable[[], float] = time.perf_counter
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.time
    breakers: Breakers = msgspec.field(default_factory=Breakers)
    memory: Memory = msgspec.field(default_factory=Memory)
    turns: Turns = msgspec.field(default_factory=Turns)
    waiting: WaitingRoom = msgspec.field(default_factory=WaitingRoom)


OBSERVE_HEADER = "x-dewpoint-observe"


def is_observed(header: str | None) -> bool:
    """`x-dewpoint-observe: false` marks what the platform asks itself (metrics, explanations): nobody monitors it."""
    return (header or "").strip().lower() not in ("false", "off", "0")


class CallOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller says about one prediction beside its inputs.

    `heard`: when it was, by the ports' clock; None is now. `time_left`: the seconds from then on that the caller is
    willing to wait; looking up and reading take some of them. `observed` False: the prediction is not for monitoring.
    `sticky_key`: calls with the same one get the same variants. `variant` names those that must answer (select.py).
    """

    request_id: str
    heard: float | None = None
    time_left: float | None = None
    observed: bool = True
    sticky_key: str = ""
    variant: str = ""
