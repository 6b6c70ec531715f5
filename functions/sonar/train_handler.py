"""The queue door of training data: one file at a time, and as long as it takes."""

from typing import Any

import msgspec

from functions.core.training import ProfileWanted
from functions.doors.queue import process_batch
from functions.sonar import wiring
from functions.sonar.training.profile_training_data import profile_training_data


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    attempts = {
        record["body"]: int(record.get("attributes", {}).get("ApproximateReceiveCount", 1))
        for record in event.get("Records", [])
    }

    def handle(body: str) -> None:
        wanted = msgspec.json.decode(body, type=ProfileWanted)

        def left() -> float:
            return float(context.get_remaining_time_in_millis()) / 1000

        profile_training_data(wiring.ports(), wanted, left, attempts[body])

    return process_batch(event, handle)
