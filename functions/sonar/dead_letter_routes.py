"""Observations that could not be recorded, for administrators."""

import msgspec

from functions.doors.http import Request
from functions.sonar import wiring
from functions.sonar.door import route
from functions.sonar.redrive import Reason, reasons, redrive
from functions.sonar.views import View, moment


class WantedLetters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`reason` as the list shows it; all letters without one."""

    reason: str | None = None


@route("GET", "/monitoring/dead_letters")
def get_dead_letters(_request: Request) -> View:
    """Why they are there, the most frequent reason first."""
    found, complete = reasons(wiring.ports())
    return {"count": sum(one.count for one in found), "complete": complete, "reasons": list(map(_view, found))}


@route("POST", "/monitoring/dead_letters/redrive")
def post_redrive(request: Request) -> View:
    """Back to the queue with them. `complete` is false when there was more than fits into a call: call again."""
    wanted = request.json_as(WantedLetters) if request.raw.strip() else WantedLetters()
    done = redrive(wiring.ports(), wanted.reason)
    return {"redriven": done.count, "complete": done.complete}


def _view(reason: Reason) -> View:
    return {
        "reason": reason.reason,
        "count": reason.count,
        "oldest": moment(reason.oldest),
        "newest": moment(reason.newest),
        "example": reason.example,
    }
