"""The threads that call the model.

An executor makes a future for every call, and locks three times to know whether another thread is wanted: for a small
model that takes longer than its arithmetic. gRPC asks nothing of the future but to count calls by it, where their
number is limited; here it is not (docs/decisions/0044).
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any

log = logging.getLogger(__name__)

Task = tuple[Callable[..., object], tuple[Any, ...]]


class Crew(ThreadPoolExecutor):
    """`size` threads that begin at once and end with the process. An executor by type only, because gRPC takes a
    handler's own threads as one."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self._tasks: SimpleQueue[Task] = SimpleQueue()
        for number in range(size):
            threading.Thread(target=self._work, name=f"model-{number}", daemon=True).start()

    def submit(self, function: Callable[..., object], /, *args: Any) -> None:  # type: ignore[override]
        """`function` is called soon, in the order of submission; nobody hears how it ends."""
        self._tasks.put((function, args))

    def _work(self) -> None:
        while True:
            function, args = self._tasks.get()
            try:
                function(*args)
            except Exception:
                log.exception("a call ended in a way that gRPC did not foresee")
            del function, args  # an idle thread must not hold on to its last call
