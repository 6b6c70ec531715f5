"""The queue door of every slice: a batch of SQS records, of which each fails alone."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from aws_lambda_powertools import Logger

from functions.core.errors import Postponed

log = Logger(service="queue", utc=True)

DELIVERIES = "ApproximateReceiveCount"
Handle = Callable[[Sequence[str], Sequence[int]], Mapping[int, Exception]]
PutOff = Callable[[str, int], None]


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


def process_together(event: dict[str, Any], handle: Handle, put_off: PutOff) -> dict[str, Any]:
    """Like `process_batch`, for a `handle` that takes all bodies at once, and how often each was delivered, and says
    which of them failed, by place. One that is Postponed comes again when its error says: `put_off` takes the receipt
    of its record and the seconds.
    """
    records = event.get("Records", [])
    deliveries = [int(record.get("attributes", {}).get(DELIVERIES, 1)) for record in records]
    failures = []
    for at, error in handle([record["body"] for record in records], deliveries).items():
        message_id = records[at]["messageId"]
        if isinstance(error, Postponed):
            _postpone(records[at], error, put_off)
        else:
            log.error("record failed", message_id=message_id, exc_info=error)
        failures.append({"itemIdentifier": message_id})
    return {"batchItemFailures": failures}


def _postpone(record: dict[str, Any], error: Postponed, put_off: PutOff) -> None:
    log.info("record postponed", message_id=record["messageId"], reason=error.detail)
    try:
        put_off(record["receiptHandle"], error.retry_after)
    except Exception:
        log.exception("a record comes again later than it should", message_id=record["messageId"])
