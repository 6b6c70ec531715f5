"""How aggregates are shown: the reference system's names where it has one.

Every field that was checked stands under its own name, everything else begins with `_hs_`."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from functions.core.ledger import Batch, Count, Tally

if TYPE_CHECKING:
    from functions.sonar.find_aggregates import Bucket

View = dict[str, Any]


def batch_view(batch: Batch) -> View:
    """The aggregate of one batch. Fields and metrics are counted in requests: `checks` of them were checked."""
    return {
        **tally_view(batch.tally),
        "_id": str(batch.number),
        "_hs_complete": batch.is_complete,
        "_hs_first_id": batch.first_id,
        "_hs_last_id": batch.last_id,
        "_hs_from": moment(batch.earliest),
        "_hs_till": moment(batch.latest),
    }


def bucket_view(bucket: "Bucket") -> View:
    """The aggregate of an hour or a day."""
    return {
        **tally_view(bucket.tally),
        "_id": bucket.start,
        "_hs_from": moment(bucket.earliest),
        "_hs_till": moment(bucket.latest),
    }


def tally_view(tally: Tally) -> View:
    return {
        **{name: {"checks": count.checked, **_verdicts(count)} for name, count in tally.fields.items()},
        "_hs_metrics": {name: {"checked": count.checked, **_verdicts(count)} for name, count in tally.metrics.items()},
        "_hs_requests": tally.requests,
        "_hs_errors": tally.errors,
        "_hs_latency": {
            "mean": tally.latency_sum / tally.requests if tally.requests else None,
            "max": tally.latency_max,
        },
    }


def _verdicts(count: Count) -> View:
    return {"passed": count.passed, "failed": count.failed, "errored": count.errored}


def moment(seconds: float) -> str:
    """ISO 8601 in UTC, to the microsecond."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
