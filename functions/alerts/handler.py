"""The queue door of the watch: word of logs that grew, and that time has passed."""

from collections.abc import Sequence
from typing import Any

import msgspec

from functions.alerts import wiring
from functions.alerts.keep_watch import keep_watch
from functions.alerts.look_around import look_around
from functions.alerts.ports import Ports
from functions.core.messages import LogGrew, LookAround
from functions.doors.queue import process_together


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    ports = wiring.ports()
    return process_together(event, lambda bodies: handle(ports, bodies))


def handle(ports: Ports, bodies: Sequence[str]) -> dict[int, Exception]:
    """Each version is looked at once, however many messages tell of it; answers with the messages that failed."""
    failures: dict[int, Exception] = {}
    wanted: dict[int | None, list[int]] = {}  # a version, or None for all -> places of messages
    for at, body in enumerate(bodies):
        try:
            message = msgspec.json.decode(body, type=LogGrew | LookAround)
        except msgspec.MsgspecError as error:
            failures[at] = error
            continue
        for version in message.version_ids if isinstance(message, LogGrew) else [None]:
            wanted.setdefault(version, []).append(at)
    for version, places in wanted.items():
        try:
            look_around(ports) if version is None else keep_watch(ports, version)
        except Exception as error:  # noqa: BLE001 - a version fails alone
            failures |= dict.fromkeys(places, error)
    return failures
