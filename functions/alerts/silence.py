"""Silences: nobody is told of some or all alerts of a version for a time. Alerts begin and end all the same."""

import hashlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from functions.alerts.ports import Ports
from functions.core.alerts import Silence
from functions.core.errors import InvalidRequest, NotFound, Problem, Unavailable

ATTEMPTS = 50
MOST_SILENCES = 100  # of one version
EVERYTHING = "all"
LONGEST = timedelta(days=366)
CHECK = re.compile(r"check:[^/]+/.+|(metric|errored):.+|prediction", re.DOTALL)
CHECKS = "a check as alerts show it: check:FIELD/RULE, metric:NAME, errored:NAME or prediction"

Silences = tuple[Silence, ...]


class NewSilence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`check` as alerts show it; without one all alerts of the version are silenced. `until` has its zone."""

    check: Annotated[str, Meta(min_length=1, max_length=500)] | None = None
    until: Annotated[datetime, Meta(tz=True)]
    comment: Annotated[str, Meta(max_length=500)] = ""


def silence(ports: Ports, version_id: int, wanted: NewSilence) -> Silence:
    """A check has one silence: a later one replaces it.

    Raises InvalidRequest for a check that no alert can have, and for a moment that cannot be meant.
    """
    now = ports.clock.now()
    if not now < wanted.until <= now + LONGEST:
        raise InvalidRequest.of([Problem("/until", "a moment to come, within a year", wanted.until.isoformat())])
    if wanted.check is not None and not CHECK.fullmatch(wanted.check):
        raise InvalidRequest.of([Problem("/check", CHECKS, repr(wanted.check)[:80])])
    key = wanted.check or ""
    made = Silence(
        id=_id(key), key=key, until=wanted.until.timestamp(), comment=wanted.comment, created=now.timestamp()
    )

    def added(silences: Silences) -> Silences:
        others = tuple(one for one in silences if one.id != made.id)
        if len(others) >= MOST_SILENCES:
            raise InvalidRequest(f"version {version_id} has {MOST_SILENCES} silences already: silence all of it")
        return (*others, made)

    _change(ports, version_id, added)
    return made


def end_silence(ports: Ports, version_id: int, id: str) -> Silence:  # noqa: A002 - the route's word
    """Raises NotFound."""
    ended: list[Silence] = []

    def without(silences: Silences) -> Silences:
        found = [one for one in silences if one.id == id]
        if not found and not ended:  # a write whose answer was lost is tried again, and finds its own work
            raise NotFound(f"version {version_id} has no silence {id}")
        ended.extend(found)
        return tuple(one for one in silences if one.id != id)

    _change(ports, version_id, without)
    return ended[0]


def silences_of(ports: Ports, version_id: int) -> Silences:
    """Those that hold, by their ids."""
    now = ports.clock.now().timestamp()
    watch, _ = ports.watches.get(version_id)
    return tuple(sorted((one for one in watch.silences if one.until > now), key=lambda one: one.id))


def _change(ports: Ports, version_id: int, change: Callable[[Silences], Silences]) -> None:
    for _ in range(ATTEMPTS):
        watch, revision = ports.watches.get(version_id)
        if ports.watches.save(replace(watch, silences=change(watch.silences)), revision, (), 0):
            return
    raise Unavailable(f"the watch over version {version_id} is written by others all the time; try again")


def _id(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:12] if key else EVERYTHING
