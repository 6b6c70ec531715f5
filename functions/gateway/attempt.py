"""The policy of retries: what one replica could not take is put to another, within the caller's deadline.

- A prediction changes nothing, so it may be asked twice. Only Unavailable is retried: nobody answered, or a replica
  that is full said so. What a model answered, also an error, is the answer; a timeout has used the time up.
- Replicas take turns (turns.py). At most two are tried, so that a failure does not multiply the load. One whose circuit
  is open takes no part, so that its share falls to all the others and not to its neighbour (breaker.py).
- When both were lost, the servable's record may be older than what happened: it is read again, and replicas that were
  not in it before are tried by the same rule. One that went to sleep, or starts anew, is waited for (wake.py).
- Nobody left to ask is 503 at once, with the seconds after which a circuit lets a call through as Retry-After.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from functions.core.errors import Overloaded, Unavailable
from functions.core.models import Servable
from functions.gateway.ports import Ports
from functions.gateway.wake import awake

ATTEMPTS = 2

T = TypeVar("T")


def attempt(ports: Ports, servable: Servable, send: Callable[[str], T], deadline: float) -> T:
    """The answer of the first endpoint that gives one. Raises what `send` raises, Unavailable when nobody was left."""
    try:
        return _first_answer(ports, servable, servable.endpoints, send)
    except Overloaded:
        raise
    except Unavailable:
        newer = _since(ports, servable, deadline) if servable.endpoints else []
        if not newer:
            raise
    return _first_answer(ports, servable, newer, send)


def _first_answer(ports: Ports, servable: Servable, endpoints: Sequence[str], send: Callable[[str], T]) -> T:
    refused: Unavailable | None = None
    for endpoint in _chosen(ports, servable.name, endpoints):
        try:
            with ports.breakers.watching(endpoint):
                return send(endpoint)
        except Unavailable as error:
            refused = error
    raise refused or _nobody(ports, servable)


def _chosen(ports: Ports, name: str, endpoints: Sequence[str]) -> Iterator[str]:
    able = [endpoint for endpoint in endpoints if not ports.breakers.rest(endpoint)]
    return islice(filter(ports.breakers.admits, ports.turns.turned(name, able)), ATTEMPTS)


def _since(ports: Ports, servable: Servable, deadline: float) -> list[str]:
    """Endpoints that the record has now and did not have before. Raises Unavailable as `awake` does."""
    ports.memory.forget_servable(servable.name)
    latest = ports.servables.get_many([servable.name]).get(servable.name)
    if latest is None:
        return []
    return [each for each in awake(ports, latest, deadline).endpoints if each not in servable.endpoints]


def _nobody(ports: Ports, servable: Servable) -> Unavailable:
    if not servable.endpoints:
        because = f": {servable.message}" if servable.message else ""
        return Unavailable(f"servable {servable.name} is {servable.status}{because}")
    rest = min(ports.breakers.rest(endpoint) for endpoint in servable.endpoints)
    told = f"servable {servable.name}: none of its {len(servable.endpoints)} replicas answered the last calls"
    return Unavailable(told, retry_after=max(1, math.ceil(rest)))
