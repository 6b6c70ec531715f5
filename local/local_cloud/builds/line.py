"""The line of builds: taken in order, two at a time, by threads that live as long as the emulator."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable

from ..engine.log_stream import LogStream
from .record import BuildRecord
from .run import BuildRun
from .workshop import Workshop

LOG = logging.getLogger(__name__)
AT_ONCE = 2


class BuildLine:
    """Takes builds and runs them.

    Args:
        announce: called with a record when its status is news.
    """

    def __init__(self, workshop: Workshop, announce: Callable[[BuildRecord], None]) -> None:
        self._workshop = workshop
        self._announce = announce
        self._waiting: queue.SimpleQueue[BuildRecord] = queue.SimpleQueue()
        for number in range(AT_ONCE):
            threading.Thread(target=self._work, name=f"builds-{number}", daemon=True).start()

    def add(self, record: BuildRecord) -> None:
        """Puts a build at the end of the line."""
        self._announce(record)
        self._waiting.put(record)

    def _work(self) -> None:
        while True:
            record = self._waiting.get()
            try:
                status = self._run(record)
            except Exception:
                LOG.exception("build %s", record.id)
                record.leave("FAULT", "INTERNAL_SERVICE_ERROR", "the local cloud failed; see its log")
                status = "FAULT"
            record.complete(status)
            self._announce(record)

    def _run(self, record: BuildRecord) -> str:
        if record.stop_requested.is_set():
            record.leave("STOPPED")
            return "STOPPED"
        logs = self._workshop.emulator.client("logs", record.account, record.region)
        stream = LogStream(logs, record.group, record.stream)
        try:
            return BuildRun(record, self._workshop, stream.write).run()
        finally:
            stream.close()
