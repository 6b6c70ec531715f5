"""How sonar calls servables: many at once, none for long, and never so that the recording waits for a dead one.

A replica that cannot take the call is followed by the next, once. All calls of a batch share one allowance of time: a
servable that hangs costs its own calls' answers and nothing else.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from functions.core.errors import DeadlineExceeded, DewpointError, Unavailable
from functions.core.models import Servable
from functions.core.tensor import Tensor
from functions.sonar.ports import Ports

THREADS = 16
LONGEST_CALL = 5.0  # seconds

T = TypeVar("T")
A = TypeVar("A")


class Allowance:
    """Seconds that are left for calls."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._end = clock() + seconds

    def for_one(self) -> float:
        """Raises DeadlineExceeded when nothing is left."""
        left = self._end - self._clock()
        if left <= 0:
            raise DeadlineExceeded("no time was left to ask")
        return min(left, LONGEST_CALL)


def at_once(action: Callable[[A], T], things: Sequence[A]) -> list[T]:
    """`action` on all things, in their order, several at a time."""
    if len(things) < 2:
        return [action(thing) for thing in things]
    with ThreadPoolExecutor(min(THREADS, len(things)), thread_name_prefix="ask") as pool:
        return list(pool.map(action, things))


def ask(
    ports: Ports, servable: Servable, request_id: str, inputs: Mapping[str, Tensor], allowance: Allowance
) -> dict[str, Tensor]:
    """The servable's outputs. Raises any DewpointError."""
    refused: DewpointError | None = None
    for endpoint in _turned(servable.endpoints, request_id)[:2]:
        try:
            model, version = servable.asked_as
            return ports.client.infer(endpoint, model, version, request_id, inputs, allowance.for_one())
        except Unavailable as error:
            refused = error
    raise refused or Unavailable(f"servable {servable.name} is {servable.status}: {servable.message or 'no replica'}")


def _turned(endpoints: Sequence[str], request_id: str) -> Sequence[str]:
    """From one that depends on the request onwards: the load is spread without anyone counting."""
    first = sum(request_id.encode()) % len(endpoints) if endpoints else 0
    return (*endpoints[first:], *endpoints[:first])
