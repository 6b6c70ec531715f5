"""The feed as a stream of server-sent events.

In pieces it is the feed itself, resumed from any event. Whole, it is what the reference system's clients wait for: they
ask once, and look in the answer for the end of what they have started. So they are held until nothing is on its way any
more, and told how things stand since; of what has not come to an end they hear nothing, which they would take for one.
"""

import time
from collections.abc import Callable, Sequence

import msgspec

from functions.core.feed import Event, Subject
from functions.core.models import Application, ApplicationStatus, ModelVersion, Servable, ServableStatus, VersionStatus
from functions.doors.http import Answer, Request
from functions.doors.pages import fitting
from functions.doors.streams import LONGEST_WAIT, Sent, hold_on, to_stream
from functions.manager.event_views import event_views
from functions.manager.ports import Ports
from functions.manager.read_events import LOOK_EVERY, read_events

PIECE = 100  # events


def next_piece(ports: Ports, cursor: int) -> Answer:
    """What follows `cursor`, as soon as there is any. Raises Gone."""
    return _stream(ports, cursor, read_events(ports, cursor, PIECE, LONGEST_WAIT))


def whole_stream(ports: Ports, request: Request, pause: Callable[[float], None] = time.sleep) -> Answer:
    """The latest events, when nothing is on its way; a redirect to here while something is."""
    if not await_rest(ports, LONGEST_WAIT, pause) and (again := hold_on(request)):
        return again
    cursor = max(ports.feed.head() - PIECE, ports.feed.oldest())
    recent = [event for event in ports.feed.after(cursor, PIECE) if is_at_rest(event.change.entity)]
    return _stream(ports, cursor, _of_the_living(ports, recent))


def _of_the_living(ports: Ports, events: Sequence[Event]) -> list[Event]:
    """Without those of servables that are gone: a client asks for the version of each, and that may be gone as well."""
    told = {e.change.name for e in events if isinstance(e.change.entity, Servable)}
    gone = told - ports.servables.get_many(told).keys()
    return [e for e in events if not (isinstance(e.change.entity, Servable) and e.change.name in gone)]


def await_rest(ports: Ports, wait: int, pause: Callable[[float], None]) -> bool:
    """Is nothing on its way, or will be within `wait` seconds? Looks again whenever something happened."""
    seen = -1
    for _ in range(int(wait / LOOK_EVERY)):
        head = ports.feed.head()
        if head != seen and not is_anything_moving(ports):
            return True
        seen = head
        pause(LOOK_EVERY)
    return False


def is_anything_moving(ports: Ports) -> bool:
    everything = (ports.models.list(), ports.servables.list(), ports.applications.list())
    return any(not is_at_rest(entity) for entities in everything for entity in entities)


def is_at_rest(entity: Subject | None) -> bool:
    """Has it come to where it will stay by itself?"""
    match entity:
        case ModelVersion():
            return entity.status is not VersionStatus.ASSEMBLING
        case Servable():
            return entity.status is not ServableStatus.STARTING
        case Application():
            return entity.status is not ApplicationStatus.ASSEMBLING and entity.candidate is None
    return True


def _stream(ports: Ports, cursor: int, events: Sequence[Event]) -> Answer:
    views = event_views(ports, events)
    shown = views[: fitting(views)]
    sent = [Sent(view["type"], msgspec.json.encode(view["data"]).decode(), str(view["id"])) for view in shown]
    return to_stream(sent, str(shown[-1]["id"] if shown else cursor))
