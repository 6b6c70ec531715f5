"""What the gateway tells the platform about servables that may sleep: that they are called, and that one must wake.

A process notes a servable at most once per interval (core/sleep.py: a minute, for the usual idle times), and asks for
the same sleeper at most every five seconds. Both are told beside the prediction: what goes wrong is logged, and made up
for by the next call, or by whoever waits and asks again.

Shadows are called later, by whoever monitors; the application's calls keep them awake all the same.
"""

import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from aws_lambda_powertools import Logger

from functions.core.lately import Lately
from functions.core.messages import ServableWanted
from functions.core.models import Servable
from functions.core.ports import UsageStore, WakeUpSink
from functions.core.scaling import Scaling
from functions.core.sleep import LONGEST_INTERVAL, may_sleep, note_interval

log = Logger(service="gateway", utc=True)

AGAIN = 5.0  # seconds between two wishes for the same servable


class Sleepers:
    """`patience`: seconds that a note of a call may hold its caller up, because a Lambda function freezes when it has
    answered. `now` tells seconds since the epoch."""

    def __init__(
        self,
        usage: UsageStore,
        wake_ups: WakeUpSink,
        *,
        patience: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._usage = usage
        self._wake_ups = wake_ups
        self._patience = patience
        self._now = now
        self._noted = Lately(clock)
        self._asked = Lately(clock)

    def rouse(self, servables: Iterable[Servable]) -> None:
        """Asks for those that are asleep."""
        for servable in servables:
            if servable.is_asleep and self._asked.admits(servable.name, AGAIN):
                self._ask(servable.name)

    def note(self, servables: Iterable[Servable], shadows: Iterable[str]) -> None:
        """Notes that `servables` were called, and that `shadows` will be."""
        intervals = {s.name: note_interval(s.scaling or Scaling()) for s in servables if may_sleep(s)}
        intervals |= dict.fromkeys(shadows, LONGEST_INTERVAL)
        names = [name for name, interval in intervals.items() if self._noted.admits(name, interval)]
        if names:
            writing = threading.Thread(target=self._write, args=(names,), name="usage", daemon=True)
            writing.start()
            writing.join(self._patience)

    def _ask(self, name: str) -> None:
        try:
            self._wake_ups.publish(ServableWanted(servable=name))
        except Exception:
            self._asked.forget(name)
            log.exception("a wake-up could not be sent", servable=name)

    def _write(self, names: list[str]) -> None:
        try:
            self._usage.note(names, datetime.fromtimestamp(self._now(), UTC))
        except Exception:
            for name in names:
                self._noted.forget(name)
            log.exception("a call could not be noted", servables=names)
