"""Whether the model still finishes calls. One that loops for ever, or waits for ever, holds its threads until no call
gets one; nothing in the process can end such a thread, so the servable says that it is ill, and is replaced."""

import threading
import time
from collections.abc import Callable


class Progress:
    """Entered around each call of the model, by any number of threads.

    `patience` is in seconds, 0 for ever; `clock` counts seconds.
    """

    def __init__(self, patience: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._patience = patience
        self._clock = clock
        self._lock = threading.Lock()
        self._running = 0
        self._since = 0.0  # when a call ended last, or when the first of those that run began

    def __enter__(self) -> None:
        with self._lock:
            if self._running == 0:
                self._since = self._clock()
            self._running += 1

    def __exit__(self, *_error: object) -> None:
        with self._lock:
            self._running -= 1
            self._since = self._clock()

    @property
    def is_stuck(self) -> bool:
        """Calls run, and none has ended for longer than anybody waits for an answer."""
        with self._lock:
            return 0 < self._patience < self._clock() - self._since and self._running > 0
