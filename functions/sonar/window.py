"""Windows of time as callers write them. Production is profiled by the hour: a window is made of whole hours."""

from datetime import UTC, datetime, timedelta

import msgspec

from functions.core.errors import InvalidRequest, Problem

HOUR = "%Y-%m-%dT%H"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Window(msgspec.Struct, frozen=True):
    """The hours `since` … `until`, both included, as segments name them; empty for no bound."""

    since: str = ""
    until: str = ""


def read_window(since: str | None, until: str | None) -> Window:
    """The hours that any moment of [since, until) is in. Raises InvalidRequest."""
    begin = None if since is None else read_moment(since, "/query/from")
    end = None if until is None else read_moment(until, "/query/till")
    if begin and end and begin >= end:
        raise InvalidRequest.of([Problem("/query/till", f"a moment after {since}", repr(until)[:80])])
    last = None if end is None else end - timedelta(microseconds=1)
    return Window(_hour(begin) if begin else "", _hour(last) if last else "")


def read_moment(text: str, pointer: str) -> datetime:
    """ISO 8601 (UTC unless it says otherwise), or seconds since the epoch. Raises InvalidRequest."""
    try:
        if text.isascii() and text.isdecimal() and len(text) < 12:
            return datetime.fromtimestamp(int(text), UTC)
        moment = datetime.fromisoformat(text.replace(" ", "+"))  # a plus that a query turned into a space
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        return moment + timedelta(0)
    except (ValueError, OverflowError):
        expected = "a moment such as 2026-01-31T05:00:00Z, or seconds since the epoch"
        raise InvalidRequest.of([Problem(pointer, expected, repr(text)[:80])]) from None


def _hour(moment: datetime) -> str:
    """Nothing was predicted before 1970, and years of fewer than four digits do not sort."""
    return f"{max(moment, EPOCH):{HOUR}}"


def start_of(hour: str) -> datetime:
    return datetime.strptime(hour, HOUR).replace(tzinfo=UTC)


def end_of(hour: str) -> datetime:
    return start_of(hour) + timedelta(hours=1)
