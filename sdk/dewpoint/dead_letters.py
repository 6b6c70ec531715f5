"""Observations that the platform could not record. Only an admin may use these calls."""

from dataclasses import dataclass
from typing import Any

from dewpoint.transport import Transport

ROOT = "/monitoring/dead_letters"


@dataclass(frozen=True)
class Reason:
    """Messages that failed for the same reason; `example` is the beginning of one."""

    reason: str
    count: int
    oldest: str
    newest: str
    example: str
    raw: dict[str, Any]

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> "Reason":
        return cls(raw["reason"], raw["count"], raw["oldest"], raw["newest"], raw["example"], raw)


class DeadLetters:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self) -> list[Reason]:
        """The most frequent reason first. Raises Forbidden."""
        return list(map(Reason.from_json, self._transport.get(ROOT)["reasons"]))

    def redrive(self, reason: str | None = None) -> int:
        """Puts them back on their queue, those of one reason or all; how many that were. Raises Forbidden, Unavailable.

        What was recorded meanwhile is not recorded again.
        """
        count = 0
        while True:
            done = self._transport.send("POST", f"{ROOT}/redrive", {"reason": reason})
            count += int(done["redriven"])
            if done["complete"] or not done["redriven"]:
                return count
