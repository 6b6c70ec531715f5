"""Reads the feed, and waits a while for news when there are none: a long poll over the number of the newest event."""

import time
from collections.abc import Callable, Sequence

from functions.core.feed import Event
from functions.manager.ports import Ports

LOOK_EVERY = 0.5  # seconds


def read_events(
    ports: Ports, cursor: int, limit: int, wait: int, pause: Callable[[float], None] = time.sleep
) -> Sequence[Event]:
    """At most `limit` events after `cursor`; none when nothing happened for `wait` seconds. Raises Gone."""
    for _ in range(int(wait / LOOK_EVERY)):
        if ports.feed.head() != cursor:
            break
        pause(LOOK_EVERY)
    return ports.feed.after(cursor, limit)
