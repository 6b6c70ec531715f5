"""Requests that may be repeated: a caller's key stands for one request, whose answer is kept and given again."""

from datetime import datetime
from typing import Protocol

import msgspec


class KeptAnswer(msgspec.Struct, frozen=True):
    """`body` is JSON."""

    status: int
    headers: dict[str, str]
    body: str


class Claim(msgspec.Struct, frozen=True):
    """Who works on a request (`owner`, unique), and what the request is (`fingerprint`)."""

    key: str
    owner: str
    fingerprint: str


class Held(msgspec.Struct, frozen=True):
    """What somebody else made of a key; `answer` is None while they work on it."""

    fingerprint: str
    answer: KeptAnswer | None


class AnswerStore(Protocol):
    def claim(self, claim: Claim, now: datetime) -> Held | None:
        """None when the key is the claimer's now: for BUSY seconds, in which it must finish or release."""

    def finish(self, claim: Claim, answer: KeptAnswer) -> None:
        """Keeps the answer for a day, unless the key is somebody else's by now."""

    def release(self, claim: Claim) -> None:
        """Forgets the key, unless it is somebody else's by now."""


BUSY = 60  # seconds; a function lives at most 29, so that whoever is silent longer is dead
KEPT = 24 * 3600  # seconds
