"""The queue door of every slice: a batch of SQS records, of which each fails alone."""

from collections.abc import Callable
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
