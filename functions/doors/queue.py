"""The queue door of every slice: a batch of SQS records, of which each fails alone."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from aws_lambda_powertools import Logger

from functions.core.errors import Postponed

log = Logger(service="queue", utc=True)

DELIVERIES = "ApproximateReceiveCount"


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
    return _failed(records, handle([record["body"] for record in records]))


def process_patiently(
    event: dict[str, Any],
    handle: Callable[[Sequence[str], Sequence[int]], Mapping[int, Exception]],
    put_off: Callable[[str, int], None],
) -> dict[str, Any]:
    """Like `process_together`, for a `handle` that is also told how often each record was delivered, this time
    included. What is Postponed comes again when its error says: `put_off` takes the record's receipt and seconds.
    """
    records = event.get("Records", [])
    deliveries = [int(record.get("attributes", {}).get(DELIVERIES, 1)) for record in records]
    failures = handle([record["body"] for record in records], deliveries)
    for at, error in failures.items():
        if isinstance(error, Postponed):
            try:
                put_off(records[at]["receiptHandle"], error.retry_after)
            except Exception:
                log.exception("a record comes again later than it should", message_id=records[at]["messageId"])
    return _failed(records, failures)


def _failed(records: Sequence[dict[str, Any]], failures: Mapping[int, Exception]) -> dict[str, Any]:
    items = []
    for at, error in failures.items():
        message_id = records[at]["messageId"]
        if isinstance(error, Postponed):
            log.info("record postponed", message_id=message_id, reason=error.detail)
        else:
            log.error("record failed", message_id=message_id, exc_info=error)
        items.append({"itemIdentifier": message_id})
    return {"batchItemFailures": items}
