"""The queue door: predictions to be recorded, a batch at a time."""

from functools import partial
from typing import Any

from aws_lambda_powertools import Logger

from functions.doors.queue import process_patiently
from functions.sonar import wiring
from functions.sonar.observe import observe

log = Logger(service="sonar", utc=True)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    ports = wiring.ports()
    return process_patiently(event, partial(observe, ports), ports.redelivery.put_off)
