"""Observations leave the gateway without anyone waiting for them, or failing because of them.

`BackgroundSink` stands before the real sink: a bounded queue, a few threads, and a count of what was dropped. A Lambda
function is frozen as soon as it has answered, so there `patience` gives the message a moment to leave first; a server
that lives on needs none, and drains when it stops.
"""

import queue
import threading
import time

from aws_lambda_powertools import Logger

from functions.core.messages import PredictionMade
from functions.core.ports import ObservationSink

log = Logger(service="gateway", utc=True)

CAPACITY = 1000
THREADS = 4
QUIET = 1.0  # seconds between two complaints about dropped messages


def publish(sink: ObservationSink, prediction: PredictionMade) -> None:
    """Publishes, or says in the log why not; never raises."""
    try:
        sink.publish(prediction)
    except Exception:
        log.exception("observation lost", request_id=prediction.request_id)


class BackgroundSink:
    """Publishes through `sink` from threads of its own. `dropped` counts what found the queue full."""

    def __init__(
        self, sink: ObservationSink, *, patience: float = 0.0, capacity: int = CAPACITY, threads: int = THREADS
    ) -> None:
        self.dropped = 0
        self._sink = sink
        self._patience = patience
        self._waiting: queue.Queue[tuple[PredictionMade, threading.Event]] = queue.Queue(capacity)
        self._threads = threads
        self._started: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._complained = -QUIET

    def publish(self, prediction: PredictionMade) -> None:
        """Returns at once, or as soon as the message has left but never after `patience` seconds."""
        self._start()
        left = threading.Event()
        try:
            self._waiting.put_nowait((prediction, left))
        except queue.Full:
            self._drop()
            return
        if self._patience:
            left.wait(self._patience)

    def drain(self, timeout: float) -> int:
        """Waits for the queue to empty, at most `timeout` seconds. How many messages did not leave."""
        deadline = time.monotonic() + timeout
        while self._waiting.unfinished_tasks and time.monotonic() < deadline:
            time.sleep(0.01)
        return self._waiting.unfinished_tasks

    def _start(self) -> None:
        """Threads start with the first message: a snapshot or a fork taken before would not have them."""
        if self._started:
            return
        with self._lock:
            while len(self._started) < self._threads:
                thread = threading.Thread(target=self._work, name=f"observations-{len(self._started)}", daemon=True)
                thread.start()
                self._started.append(thread)

    def _work(self) -> None:
        while True:
            prediction, left = self._waiting.get()
            publish(self._sink, prediction)
            left.set()
            self._waiting.task_done()

    def _drop(self) -> None:
        with self._lock:
            self.dropped += 1
            complain = time.monotonic() - self._complained >= QUIET
            if complain:
                self._complained = time.monotonic()
        if complain:
            log.warning("observations dropped: the queue is full", dropped=self.dropped)
