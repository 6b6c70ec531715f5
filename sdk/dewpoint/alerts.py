"""What is wrong with model versions, as the platform's monitoring sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from dewpoint.errors import InvalidInput
from dewpoint.transport import Transport

ROOT = "/monitoring/alerts"


class State(StrEnum):
    firing = "firing"
    resolved = "resolved"


@dataclass(frozen=True)
class Alert:
    """`check` is what a silence names; `failures` of `requests` predictions had the trouble since it began."""

    number: int
    check: str
    state: str
    silenced: bool
    starts_at: str
    ends_at: str | None
    failures: int
    requests: int
    raw: dict[str, Any]

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> "Alert":
        return cls(
            raw["number"],
            raw["check"],
            raw["state"],
            raw["silenced"],
            raw["startsAt"],
            raw["endsAt"],
            raw["failures"],
            raw["requests"],
            raw,
        )


class Alerts:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, version_id: int, state: State | None = None) -> list[Alert]:
        """Newest first. Raises NotFound."""
        query = {"state": state.value} if state else {}
        return list(map(Alert.from_json, self._transport.get_all(f"{ROOT}/{version_id}", query)))

    def silence(self, version_id: int, until: datetime, check: str | None = None, comment: str = "") -> dict[str, Any]:
        """Nobody is told of `check`, or of anything of the version, before `until`. Raises BadRequest, NotFound."""
        if until.tzinfo is None:
            raise InvalidInput("a silence's end needs a time zone")
        body = {"check": check, "until": until.isoformat(), "comment": comment}
        made: dict[str, Any] = self._transport.send("POST", f"{ROOT}/{version_id}/silences", body)
        return made

    def silences(self, version_id: int) -> Sequence[dict[str, Any]]:
        """Those that hold. Raises NotFound."""
        return self._transport.get_all(f"{ROOT}/{version_id}/silences")

    def end_silence(self, version_id: int, id: str) -> None:  # noqa: A002 - what the API calls it
        """Raises NotFound."""
        self._transport.send("DELETE", f"{ROOT}/{version_id}/silences/{quote(id, safe='')}")
