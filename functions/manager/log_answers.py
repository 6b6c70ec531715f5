"""Logs in the form that the caller wants: a page of JSON, a piece of a stream, or the whole stream."""

import time
from collections.abc import Callable

from functions.doors.http import Answer, Request
from functions.doors.streams import LONGEST_WAIT, RESUME, Form, Sent, form_of, hold_on, to_stream
from functions.manager.follow_log import Followed, ReadPage, follow_log

LINE, END = "Log", "EndOfStream"
AFTER = "after"
LAST_WORDS = "end of the log"  # an event without data would not be handed on by its reader
LEFT_OUT = "... the log goes on: ask with Accept: text/event-stream for all of it"


def answer_log(request: Request, page: ReadPage, *, ends: bool, pause: Callable[[float], None] = time.sleep) -> Answer:
    """`ends`: the log is one that comes to an end by itself, which whoever wants the whole of it waits for."""
    form = form_of(request, AFTER)
    after = request.query.get(AFTER)
    if form is Form.PAGES:
        return Answer(page(after))
    if form is Form.PIECES:
        return _piece(
            request.headers.get(RESUME),
            follow_log(page, request.headers.get(RESUME) or after, LONGEST_WAIT, to_the_end=False, pause=pause),
        )
    found = follow_log(page, None, LONGEST_WAIT if ends else 0, to_the_end=True, pause=pause)
    if ends and not (found.ended or found.full) and (again := hold_on(request)):
        return again
    left_out = (LEFT_OUT,) if found.full else ()
    return to_stream(_events((*found.lines, *left_out), ended=found.ended or found.full or not ends), found.next)


def _piece(resumed: str | None, found: Followed) -> Answer:
    if resumed and found.ended and not found.lines:
        return Answer(None, 204)  # the one status after which a browser does not come back
    return to_stream(_events(found.lines, ended=found.ended), found.next)


def _events(lines: tuple[str, ...], *, ended: bool) -> list[Sent]:
    last = [Sent(END, LAST_WORDS)] if ended else []
    return [*(Sent(LINE, line) for line in lines), *last]
