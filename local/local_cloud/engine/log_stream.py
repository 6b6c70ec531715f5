"""Lines to a CloudWatch Logs stream, in batches, from a thread of its own: the writer of a line never waits."""

from __future__ import annotations

import logging
import queue
import threading
import time
from typing import Any

LOG = logging.getLogger(__name__)
MAX_EVENTS = 1000
MAX_MESSAGE = 200_000
PAUSE = 0.3


class LogStream:
    """One stream of one group; both are made when they do not exist.

    Args:
        client: a boto3 client of CloudWatch Logs.
    """

    def __init__(self, client: Any, group: str, stream: str, make_group: bool = True) -> None:
        self._client = client
        self.group = group
        self.stream = stream
        self._lines: queue.SimpleQueue[tuple[int, str] | None] = queue.SimpleQueue()
        if make_group:
            self._ignoring_existing(lambda: client.create_log_group(logGroupName=group))
        self._ignoring_existing(lambda: client.create_log_stream(logGroupName=group, logStreamName=stream))
        self._thread = threading.Thread(target=self._run, name=f"logs {stream}", daemon=True)
        self._thread.start()

    def write(self, line: str) -> None:
        """Takes one line; an empty one becomes a blank, which is the least CloudWatch keeps."""
        self._lines.put((int(time.time() * 1000), line[:MAX_MESSAGE] or " "))

    def close(self, timeout: float = 10) -> None:
        """Sends what is left."""
        self._lines.put(None)
        self._thread.join(timeout)

    def _run(self) -> None:
        is_open = True
        while is_open:
            batch = [self._lines.get()]
            time.sleep(PAUSE if batch[0] else 0)
            while len(batch) < MAX_EVENTS and not self._lines.empty():
                batch.append(self._lines.get())
            is_open = None not in batch
            self._send([item for item in batch if item])

    def _send(self, batch: list[tuple[int, str]]) -> None:
        if not batch:
            return
        events = [{"timestamp": moment, "message": line} for moment, line in batch]
        try:
            self._client.put_log_events(logGroupName=self.group, logStreamName=self.stream, logEvents=events)
        except Exception:
            # the group may have been deleted under a running container: its output is lost, as on AWS
            LOG.warning("%d lines lost for %s %s", len(batch), self.group, self.stream, exc_info=True)

    def _ignoring_existing(self, create: Any) -> None:
        try:
            create()
        except self._client.exceptions.ResourceAlreadyExistsException:
            return
