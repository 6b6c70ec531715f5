"""Dead letters of observations: why they are there, and back to the queue with them when the cause is mended.

A redriven observation is recorded once like any other, because the ledger knows it by its id and moment: one that was
recorded before, or that is redriven twice, changes nothing. What still cannot be read comes back as a new letter; only
letters from before the call are handled in it, so a call ends.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import msgspec

from functions.core.dead_letters import Letter
from functions.sonar.ports import Ports

LONGEST = timedelta(seconds=20)  # of looking; an API call has 29
MOST = 5_000  # letters in one call
LONGEST_EXAMPLE = 500  # characters
TOGETHER = 10  # letters that go back at once


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Letters that were buried for the same reason. `oldest` and `newest` in seconds since the epoch."""

    reason: str
    count: int
    oldest: float
    newest: float
    example: str


class Redriven(msgspec.Struct, frozen=True, kw_only=True):
    """`complete`: no letter is left that was meant."""

    count: int
    complete: bool


def reasons(ports: Ports) -> tuple[list[Reason], bool]:
    """The most frequent first, and whether all letters were seen."""
    seen: list[Letter] = []
    found: dict[str, list[Letter]] = {}
    look = Look(ports)
    for letters in look:
        seen += letters
    for letter in seen:
        found.setdefault(letter.reason, []).append(letter)
    _put_back(ports, seen)
    return sorted(map(_reason, found.values()), key=lambda one: (-one.count, one.reason)), look.complete


def redrive(ports: Ports, reason: str | None) -> Redriven:
    """Puts the letters with `reason` back on their queue, all when it is None. Raises Unavailable."""
    count, others = 0, list[Letter]()
    look = Look(ports)
    try:
        for letters in look:
            meant = [one for one in letters if look.is_old(one) and reason in (None, one.reason)]
            others += [one for one in letters if one not in meant]
            if meant:
                ports.desk.redrive(meant)
                count += len(meant)
    finally:
        _put_back(ports, others)
    return Redriven(count=count, complete=look.complete)


class Look:
    """The letters, some at a time, until none is left or the call has taken long enough."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._begun = ports.clock.now()
        self.complete = False

    def __iter__(self) -> Iterator[Sequence[Letter]]:
        count = 0
        while count < MOST and self._ports.clock.now() - self._begun < LONGEST:
            letters = self._ports.desk.take()
            if not letters:
                self.complete = True
                return
            count += len(letters)
            yield letters

    def is_old(self, letter: Letter) -> bool:
        """Was it there before this look began?"""
        return letter.sent < self._begun.timestamp()


def _put_back(ports: Ports, letters: Sequence[Letter]) -> None:
    for at in range(0, len(letters), TOGETHER):
        ports.desk.put_back(letters[at : at + TOGETHER])


def _reason(letters: Sequence[Letter]) -> Reason:
    moments = [letter.sent for letter in letters]
    return Reason(
        reason=letters[0].reason,
        count=len(letters),
        oldest=min(moments),
        newest=max(moments),
        example=letters[0].body[:LONGEST_EXAMPLE],
    )
