"""Rows that are left out: counted, and the first of each reason kept to be shown."""

from collections.abc import Iterable, Sequence

from functions.core.training import Example, Rejection

REASONS = 50
OTHER = "other reasons"
EXAMPLES = 5
LONGEST = 80  # characters of what was received


class Rejected:
    """`rows` is how many were left out; one with two faults counts for both reasons."""

    def __init__(self, rows: int = 0, known: Iterable[Rejection] = ()) -> None:
        """`known` is what was listed when the file was read so far."""
        self.rows = rows
        listed = tuple(known)
        self._counts = {each.reason: each.count for each in listed}
        self._examples = {each.reason: list(each.examples) for each in listed}

    def note(self, reason: str, places: Sequence[str], received: Iterable[object]) -> None:
        """The rows at `places` have a fault, each with what stood there."""
        if not places:
            return
        if reason not in self._counts and len(self._counts) >= REASONS:
            reason = OTHER
        self._counts[reason] = self._counts.get(reason, 0) + len(places)
        kept = self._examples.setdefault(reason, [])
        for place, value in zip(places[: EXAMPLES - len(kept)], received, strict=False):
            kept.append(Example(place, shown(value)))

    def listed(self) -> tuple[Rejection, ...]:
        """By how often they occurred."""
        often = sorted(self._counts, key=lambda reason: -self._counts[reason])
        return tuple(Rejection(reason, self._counts[reason], tuple(self._examples[reason])) for reason in often)


def shown(value: object) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text.encode("utf-8", "backslashreplace").decode()[:LONGEST]
