"""The queue door of those who keep the log: the hourly rounds, and wishes to forget. Once a day a round also deletes
what nobody names any more, training data among it."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from functions.core.log_keeping import ForgetLog
from functions.doors.queue import process_batch
from functions.sonar import wiring
from functions.sonar.ports import Ports
from functions.sonar.remove_log import forget_log
from functions.sonar.tend_log import tend_logs
from functions.sonar.training.forget_training_data import forget_training_data

SWEEPS_AT = 3  # o'clock, UTC


class Round(msgspec.Struct, frozen=True):
    """What EventBridge sends when an hour has passed. `time` is when."""

    time: datetime


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    ports = wiring.ports()
    return process_batch(event, lambda body: handle_care(ports, body))


def handle_care(ports: Ports, body: str) -> None:
    """Raises for what is neither; it then ends in the dead-letter queue."""
    if "type" in msgspec.json.decode(body, type=dict[str, Any]):
        forget_log(ports, msgspec.json.decode(body, type=ForgetLog))
        return
    begun = msgspec.json.decode(body, type=Round).time.astimezone(UTC)
    is_daily = begun.hour == SWEEPS_AT
    tend_logs(ports, sweeps=is_daily)
    if is_daily:
        forget_training_data(ports)
