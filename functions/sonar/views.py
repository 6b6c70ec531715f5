"""How monitoring is shown: the reference system's names where it has one."""

from datetime import UTC, datetime
from typing import Any

from functions.core.ledger import Batch, Count, Tally

View = dict[str, Any]


def batch_view(batch: Batch) -> View:
    """The aggregate of one batch. Fields and metrics are counted in requests: `checks` of them were checked."""
    return {
        "number": batch.number,
        "complete": batch.is_complete,
        **tally_view(batch.tally),
        "_hs_first_id": batch.first_id,
        "_hs_last_id": batch.last_id,
        "from": moment(batch.earliest),
        "till": moment(batch.latest),
    }


def tally_view(tally: Tally) -> View:
    return {
        "fields": {name: count_view(count) for name, count in tally.fields.items()},
        "_hs_metrics": {name: count_view(count) for name, count in tally.metrics.items()},
        "_hs_requests": tally.requests,
        "_hs_errors": tally.errors,
        "_hs_latency": {
            "mean": tally.latency_sum / tally.requests if tally.requests else None,
            "max": tally.latency_max,
        },
    }


def count_view(count: Count) -> View:
    return {"checks": count.checked, "passed": count.passed, "errored": count.errored, "failed": count.failed}


def moment(seconds: float) -> str:
    """ISO 8601 in UTC, to the microsecond."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
