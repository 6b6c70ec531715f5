"""Dead letters: messages that nobody could read or digest, as an operator sees them."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

UNTOLD = "tried too often"  # the queue itself gave up; why is in the worker's log


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """`sent` is when it was buried, in seconds since the epoch; `receipt` is good while the letter is held."""

    id: str
    receipt: str
    body: str
    reason: str
    sent: float


class DeadLetterDesk(Protocol):
    """The dead letters of observations. One that is taken is hidden from others until it is put back or time passes."""

    def take(self) -> Sequence[Letter]:
        """Up to ten, in no order; none when none is left that is not hidden."""

    def redrive(self, letters: Sequence[Letter]) -> None:
        """Puts up to ten on the queue that they came from, then takes them off this one: a crash between the two
        repeats a message and loses none. Raises Unavailable when the queue refuses."""

    def put_back(self, letters: Sequence[Letter]) -> None:
        """Shows up to ten to others again."""
