"""The queue door of every slice: a batch of SQS records, of which each fails alone."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from aws_lambda_powertools import Logger

log = Logger(service="queue", utc=True)


def process_batch(event: dict[str, Any], handle: Callable[[str], None]) -> dict[str, Any]:
    """Calls `handle` with the body of each record; answers with the records that failed, so that only they return.

    The answer is Lambda's partial batch response (ReportBatchItemFailures).
    """
    failures = []
    for record in event.get("Records", []):
        try:
            handle(record["body"])
        except Exception:
            log.exception("record failed", message_id=record["messageId"])
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def process_together(
    event: dict[str, Any], handle: Callable[[Sequence[str]], Mapping[int, Exception]]
) -> dict[str, Any]:
    """Like `process_batch`, for a `handle` that takes all bodies at once and says which of them failed, by place."""
    records = event.get("Records", [])
    failures = []
    for at, error in handle([record["body"] for record in records]).items():
        message_id = records[at]["messageId"]
        log.error("record failed", message_id=message_id, exc_info=error)
        failures.append({"itemIdentifier": message_id})
    return {"batchItemFailures": failures}
