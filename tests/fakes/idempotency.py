"""Answers by the key of their request, in memory."""

import threading
from datetime import datetime

import msgspec

from functions.core.idempotency import BUSY, KEPT, Claim, Held, KeptAnswer


class Entry(msgspec.Struct):
    claim: Claim
    taken: float
    answer: KeptAnswer | None = None


class FakeAnswerStore:
    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self._lock = threading.Lock()

    def claim(self, claim: Claim, now: datetime) -> Held | None:
        with self._lock:
            entry = self.entries.get(claim.key)
            if entry and now.timestamp() - entry.taken < (KEPT if entry.answer else BUSY):
                return Held(entry.claim.fingerprint, entry.answer)
            self.entries[claim.key] = Entry(claim, now.timestamp())
            return None

    def finish(self, claim: Claim, answer: KeptAnswer) -> None:
        with self._lock:
            if self._is_mine(claim):
                self.entries[claim.key].answer = answer

    def release(self, claim: Claim) -> None:
        with self._lock:
            if self._is_mine(claim):
                del self.entries[claim.key]

    def _is_mine(self, claim: Claim) -> bool:
        return claim.key in self.entries and self.entries[claim.key].claim.owner == claim.owner
