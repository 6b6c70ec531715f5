"""The bulletin of a commit: what went wrong in its rows, grouped by what it was, never by request."""

from collections.abc import Iterator, Sequence

import msgspec
from msgspec.structs import replace

from functions.core.bulletins import MOST_EXAMPLES, MOST_FINDINGS, Bulletin, Finding, Trouble
from functions.core.checks import Check, Value, Verdict
from functions.core.ledger import Addition
from functions.core.observations import Checked

LONGEST_TEXT, LONGEST_VALUE = 200, 100  # characters of what a check or a model says


def with_bulletin(addition: Addition, rows: Sequence[Checked], at: float) -> Addition:
    """`rows` are those that `addition` adds; `at` is now, in seconds since the epoch."""
    bulletin = Bulletin(
        version_id=addition.head.version_id,
        first=addition.head.rows,
        rows=len(rows),
        at=at,
        findings=tuple(_findings(rows)),
    )
    return replace(addition, bulletin=bulletin)


def _findings(rows: Sequence[Checked]) -> list[Finding]:
    found: dict[str, Finding] = {}
    for row in rows:
        for finding in _of_row(row):
            known = found.get(finding.key)
            found[finding.key] = finding if known is None else _joined(known, finding)
    return sorted(found.values(), key=lambda finding: -finding.count)[:MOST_FINDINGS]


def _of_row(row: Checked) -> Iterator[Finding]:
    if row.observation.error is not None:
        yield _finding(row, Trouble.PREDICTION, reason=row.observation.error)
    for element, checks in row.raw.items():
        for check in checks:
            if check.verdict is not Verdict.PASSED:
                yield _of_check(row, Trouble.CHECK, check, element)
    for check in row.metrics.values():
        if check.verdict is not Verdict.PASSED:
            yield _of_check(row, Trouble.METRIC, check)


def _of_check(row: Checked, trouble: Trouble, check: Check, field: str = "") -> Finding:
    return _finding(
        row,
        Trouble.ERRORED if check.verdict is Verdict.ERRORED else trouble,
        field=field,
        name=check.name,
        description=check.description,
        value=_shown(check.value),
        threshold=_shown(check.threshold),
        reason=check.reason,
        metric_spec_id=check.metric_spec_id,
    )


def _finding(
    row: Checked,
    trouble: Trouble,
    *,
    field: str = "",
    name: str = "",
    description: str = "",
    value: str = "",
    threshold: str = "",
    reason: str = "",
    metric_spec_id: str | None = None,
) -> Finding:
    observation = row.observation
    return Finding(
        trouble=trouble,
        field=field,
        name=name,
        count=1,
        first_seen=observation.at,
        last_seen=observation.at,
        description=description[:LONGEST_TEXT],
        value=value,
        threshold=threshold,
        reason=reason[:LONGEST_TEXT],
        metric_spec_id=metric_spec_id,
        application=observation.application,
        stage=observation.stage,
        examples=(observation.request_id,),
    )


def _joined(known: Finding, other: Finding) -> Finding:
    """Both of one kind: the words are those of the first."""
    return replace(
        known,
        count=known.count + other.count,
        first_seen=min(known.first_seen, other.first_seen),
        last_seen=max(known.last_seen, other.last_seen),
        examples=(*known.examples, *other.examples)[:MOST_EXAMPLES],
    )


def _shown(value: Value) -> str:
    return "" if value is None else msgspec.json.encode(value).decode()[:LONGEST_VALUE]
