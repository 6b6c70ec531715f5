"""Keeping the request log: small files of an hour become large ones, and what is older than its version keeps it goes.

No step may take a row away from a reader or show it one twice. The segments of the ledger say what the log is; so files
are written first, then one transaction takes the old segments out and puts the new one in, and only what no segment
names any more is deleted, after a time in which whoever had read the segments has finished: its name is noted as
*litter* in that same transaction. What a worker wrote and never published is nobody's litter; a sweep finds it.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from functions.core.ledger import Segment
from functions.core.messages import Message
from functions.core.models import Entity

TOGETHER = 90  # segments in one transaction, which takes 100 items
GRACE = 2 * 3600.0  # seconds from a file's segment to its end; longer than any question, or the address of an export


class Litter(Entity, frozen=True, kw_only=True):
    """Files that belonged to the log until `since` (seconds since the epoch)."""

    version_id: int
    id: str
    since: float
    keys: tuple[str, ...]


class ForgetLog(Message, frozen=True, kw_only=True):
    """The predictions that were logged by now shall not be kept: the first `rows` rows and `batches` batches, and what
    was made until then (seconds since the epoch) and came into the log meanwhile."""

    version_id: int
    until: float
    rows: int = 0
    batches: int = 0


class CareQueue(Protocol):
    """Work on the log that takes longer than a call over HTTP may."""

    def ask(self, wish: ForgetLog) -> None: ...


class LogKeeper(Protocol):
    def versions(self) -> list[int]:
        """The ids of all versions that have a log, or files of one."""

    def replace(self, sources: Sequence[Segment], target: Segment | None, litter: Litter) -> bool:
        """Takes at most TOGETHER `sources` out, puts `target` in and notes `litter`; False, and nothing changes, when
        one of the sources is not there any more."""

    def litter(self, version_id: int) -> Sequence[Litter]: ...
    def forget_litter(self, litter: Litter) -> None: ...
    def drop_batches(self, version_id: int, before: float, below: int) -> int:
        """Removes the batches whose last prediction was made before that moment, from the oldest on up to the first
        that stays, and none from number `below` on. How many it were."""

    def close_batch(self, version_id: int) -> None:
        """Ends the batch that is not complete, so that nothing more is added to it."""

    def forget(self, version_id: int, rows: int) -> None:
        """There never was a log of that version. Nothing happens when it has another number of rows by now."""


def files_of(segments: Iterable[Segment]) -> tuple[str, ...]:
    return tuple(key for segment in segments for key in (segment.key, segment.profile_key))
