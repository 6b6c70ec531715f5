"""How many requests may be held at the same time: each holds a thread that could answer another application's calls."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from functions.core.errors import Unavailable

PLACES = 16  # half of the gRPC door's threads; a Lambda function answers one call at a time


class WaitingRoom:
    def __init__(self, places: int = PLACES) -> None:
        self._places = threading.BoundedSemaphore(places)

    @contextmanager
    def place(self, reason: str) -> Iterator[None]:
        """Raises Unavailable, telling `reason`, when all places are taken."""
        if not self._places.acquire(blocking=False):
            raise Unavailable(f"{reason}, and many requests wait for a servable already")
        try:
            yield
        finally:
            self._places.release()
