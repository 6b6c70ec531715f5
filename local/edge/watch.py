"""Keeps something that is read from the emulator fresh: every `period` seconds, and at once when it is missing.

Reading blocks, so it happens on a thread; never two reads at a time. While the emulator does not answer, the last value
stands: a distribution does not vanish because its API is busy.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

log = logging.getLogger(__name__)

T = TypeVar("T")


class Watch(Generic[T]):
    """The latest value of `read`. `missing` is what it answers when there is nothing (yet)."""

    def __init__(self, name: str, read: Callable[[], T], missing: T, period: float, patience: float = 0.2) -> None:
        self._name = name
        self._read = read
        self._missing = missing
        self._period = period
        self._patience = patience
        self._lock = asyncio.Lock()
        self._read_at = float("-inf")
        self._failing = False
        self.value = missing

    async def current(self) -> T:
        """The value; when it is missing it is read first, but not more often than every `patience` seconds."""
        if self.value == self._missing:
            async with self._lock:
                if self.value == self._missing and time.monotonic() - self._read_at > self._patience:
                    await self._refresh()
        return self.value

    async def run(self) -> None:
        """Refresh for ever."""
        while True:
            async with self._lock:
                await self._refresh()
            await asyncio.sleep(self._period)

    async def _refresh(self) -> None:
        try:
            value = await asyncio.to_thread(self._read)
        except (BotoCoreError, ClientError, KeyError, ValueError) as error:
            if not self._failing:
                log.warning("%s cannot be read: %r", self._name, error)
            self._failing = True
        else:
            if value != self.value:
                log.info("%s: %s", self._name, value)
            self.value, self._failing = value, False
        finally:
            self._read_at = time.monotonic()
