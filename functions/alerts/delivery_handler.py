"""The queue door of deliveries: each is tried alone, again when it failed, and ends with the dead letters."""

from typing import Any

import msgspec

from functions.alerts import wiring
from functions.alerts.deliver import deliver
from functions.core.receivers import Delivery
from functions.doors.queue import process_batch


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    ports = wiring.ports()
    return process_batch(event, lambda body: deliver(ports, msgspec.json.decode(body, type=Delivery)))
