"""The past of an application: what it was asked to be, numbered by its own revisions.

Only what a person asked for is recorded, a graph or metadata: between two of these numbers lie changes of status. How
a recorded revision stands follows from the application, so that nothing has to be written twice.
"""

import enum
from datetime import datetime

from msgspec.structs import replace

from functions.core.models import Application, Entity, Stage

KEPT_REVISIONS = 50


class RevisionState(enum.StrEnum):
    """Of its graph: it answers, waits for its servables, answered once, or never came to answer."""

    ACTIVE = "Active"
    STARTING = "Starting"
    SUPERSEDED = "Superseded"
    DROPPED = "Dropped"


class Revision(Entity, frozen=True, kw_only=True):
    """What an application was asked to be at its revision `number`; `rolled_back_to` is the earlier one it repeats."""

    application_id: int
    number: int
    stages: tuple[Stage, ...]
    metadata: dict[str, str] = {}
    rolled_back_to: int | None = None
    created: datetime


def recorded(application: Application, created: datetime, rolled_back_to: int | None = None) -> Revision:
    """What `application` is asked to be at its revision of now: its candidate, when it has one."""
    return Revision(
        application_id=application.id,
        number=application.revision,
        stages=application.candidate.stages if application.candidate else application.stages,
        metadata=application.metadata,
        rolled_back_to=rolled_back_to,
        created=created,
    )


def state_of(number: int, application: Application) -> RevisionState:
    if application.candidate and application.candidate.revision == number:
        return RevisionState.STARTING
    if number not in application.answered:
        return RevisionState.DROPPED
    return RevisionState.ACTIVE if number == application.answered[-1] else RevisionState.SUPERSEDED


def put_to_answer(application: Application, number: int) -> Application:
    """`application` with revision `number` as the one that answers."""
    return replace(application, answered=(*application.answered, number)[-KEPT_REVISIONS:])


def previous(application: Application) -> int | None:
    """The revision to which a rollback without a number leads: during an update the one that answers, else the one
    that answered before it; None when there is none."""
    earlier = application.answered if application.candidate else application.answered[:-1]
    return earlier[-1] if earlier else None
