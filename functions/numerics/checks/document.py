"""What a request's checks are in the request log: the reference system's `_hs_` fields.

`_hs_score` is the share of raw checks that passed, `_hs_overall_score` that of metric checks (None without any).
Errored checks are listed and counted in `_hs_errored`, and have no part in a score.
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from functions.core.checks import Check, Verdict, score


def check_fields(raw: Mapping[str, Sequence[Check]], metrics: Mapping[str, Check]) -> dict[str, Any]:
    """The fields of a log entry that tell its checks; `raw` by element, `metrics` by name."""
    every = list(chain.from_iterable(raw.values()))
    return {
        **{f"_hs_{element}_score": score(checks) for element, checks in raw.items()},
        "_hs_raw_checks": {element: [_entry(check) for check in checks] for element, checks in raw.items()},
        "_hs_metric_checks": {name: _entry(check) for name, check in metrics.items()},
        "_hs_score": score(every),
        "_hs_overall_score": score(metrics.values()),
        "_hs_errored": sum(check.verdict is Verdict.ERRORED for check in [*every, *metrics.values()]),
    }


def _entry(check: Check) -> dict[str, Any]:
    """`check` is the reference system's boolean: null when the check errored; `result` says it in a word."""
    return {
        "check": None if check.verdict is Verdict.ERRORED else check.verdict is Verdict.PASSED,
        "result": check.verdict.value,
        "name": check.name,
        "description": check.description,
        "threshold": check.threshold,
        "value": check.value,
        "metricSpecId": check.metric_spec_id,
        "reason": check.reason or None,
    }
