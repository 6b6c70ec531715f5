"""Observations leave the gateway without anyone waiting for them, or failing because of them.

`BackgroundSink` stands before the real sink: a queue bounded in messages and in bytes, a few threads, and a count of
what was dropped. A Lambda
function is frozen as soon as it has answered, so there `patience` gives the message a moment to leave first. A server
that lives on needs none, and drains when it stops; there a message lingers, so that those of other calls leave with it:
one by one they would take the processor for longer than the predictions do (docs/decisions/0029).
"""

import queue
import threading
import time
from collections.abc import Sequence
from typing import NamedTuple

from aws_lambda_powertools import Logger

from functions.core.messages import PredictionMade
from functions.core.ports import ObservationSink

log = Logger(service="gateway", utc=True)

CAPACITY = 1000
MOST_BYTES = 256 * 1024 * 1024  # of the tensors that wait or are on their way: a quarter of the gateway's memory
THREADS = 4
TOGETHER = 10  # messages; what the queue takes in one call
LINGER = 0.05  # seconds that a server's message waits for company
QUIET = 1.0  # seconds between two complaints about dropped messages


def publish(sink: ObservationSink, prediction: PredictionMade) -> None:
    """Publishes, or says in the log why not; never raises."""
    try:
        sink.publish(prediction)
    except Exception:
        log.exception("observation lost", request_id=prediction.request_id)


def publish_all(sink: ObservationSink, predictions: Sequence[PredictionMade]) -> None:
    """Together, or each on its own when that fails: one that is refused takes no other with it. Never raises."""
    if len(predictions) > 1:
        try:
            sink.publish(*predictions)
            return
        except Exception:
            log.warning("observations sent one by one", count=len(predictions), exc_info=True)
    for prediction in predictions:
        publish(sink, prediction)


class Waiting(NamedTuple):
    """A message, and who must hear that it has left."""

    prediction: PredictionMade
    size: int
    left: threading.Event | None


class BackgroundSink:
    """Publishes through `sink` from threads of its own. `dropped` counts what found the queue full: with `capacity`
    messages, or `most_bytes` of tensors (but one message, however large, always finds room). Seconds: `patience` is how
    long `publish` waits for its message to leave, `linger` how long a message waits for others to leave with."""

    def __init__(
        self,
        sink: ObservationSink,
        *,
        patience: float = 0.0,
        linger: float = 0.0,
        capacity: int = CAPACITY,
        most_bytes: int = MOST_BYTES,
        threads: int = THREADS,
    ) -> None:
        self.dropped = 0
        self._most_bytes = most_bytes
        self._held = 0
        self._sink = sink
        self._patience = patience
        self._linger = linger
        self._waiting: queue.Queue[Waiting] = queue.Queue(capacity)
        self._threads = threads
        self._started: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._complained = -QUIET

    def publish(self, *predictions: PredictionMade) -> None:
        """Returns at once, or as soon as the messages have left but never after `patience` seconds."""
        self._start()
        for prediction in predictions:
            waiting = Waiting(prediction, _size(prediction), threading.Event() if self._patience else None)
            if not self._keep(waiting):
                self._drop()
                continue
            if waiting.left is not None:
                waiting.left.wait(self._patience)

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

    def _keep(self, waiting: Waiting) -> bool:
        """False when there is no room for it."""
        with self._lock:
            if self._held and self._held + waiting.size > self._most_bytes:
                return False
            try:
                self._waiting.put_nowait(waiting)
            except queue.Full:
                return False
            self._held += waiting.size
            return True

    def _work(self) -> None:
        while True:
            batch = [self._waiting.get()]
            if self._linger and self._waiting.qsize() < TOGETHER:
                time.sleep(self._linger)
            while len(batch) < TOGETHER:
                try:
                    batch.append(self._waiting.get_nowait())
                except queue.Empty:
                    break
            publish_all(self._sink, [waiting.prediction for waiting in batch])
            with self._lock:
                self._held -= sum(waiting.size for waiting in batch)
            for waiting in batch:
                if waiting.left is not None:
                    waiting.left.set()
                self._waiting.task_done()

    def _drop(self) -> None:
        with self._lock:
            self.dropped += 1
            complain = time.monotonic() - self._complained >= QUIET
            if complain:
                self._complained = time.monotonic()
        if complain:
            log.warning("observations dropped: the queue is full", dropped=self.dropped)


def _size(prediction: PredictionMade) -> int:
    """Bytes of its tensors."""
    sides = (side for call in prediction.calls for side in (call.inputs, call.outputs or {}, call.spare_inputs))
    return sum(len(tensor.data) for side in sides for tensor in side.values())
