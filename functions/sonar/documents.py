"""Rows of the log as the reference system's check documents.

Fields lie side by side under their own names, vectors by element (`x_0`, `x_1`, …) as long as they have no more than
MOST_ELEMENTS; everything else begins with `_hs_`. An output hides an input of the same name: it is the later word.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from functions.core.checks import Check, Verdict, score
from functions.core.observations import Checked
from functions.core.tensor import Tensor, nest, spell
from functions.sonar.views import moment

Document = dict[str, Any]
MOST_ELEMENTS = 64  # as profiles and checks
PASSED = {Verdict.PASSED: True, Verdict.FAILED: False, Verdict.ERRORED: None}


def document_of(row: Checked, number: int) -> Document:
    seen = row.observation
    made = datetime.fromtimestamp(seen.at, UTC)
    return {
        **values_of(seen.inputs | (seen.outputs or {})),
        **{f"_hs_{element}_score": score(checks) for element, checks in row.raw.items()},
        "_id": id_of(seen.model_version_id, number),
        "_hs_request_id": seen.request_id,
        "_hs_timestamp": round(seen.at * 1000),
        "_hs_time": moment(seen.at),
        "_hs_year": made.year,
        "_hs_month": made.month,
        "_hs_day": made.day,
        "_hs_raw_checks": {element: [check_view(one) for one in checks] for element, checks in row.raw.items()},
        "_hs_metric_checks": {name: check_view(check) for name, check in row.metrics.items()},
        "_hs_score": score(check for checks in row.raw.values() for check in checks),
        "_hs_overall_score": score(row.metrics.values()),
        "_hs_latency": seen.latency_ms,
        "_hs_error": seen.error,
        "_hs_model_name": seen.model_name,
        "_hs_model_incremental_version": seen.model_version,
        "_hs_model_version_id": seen.model_version_id,
        "_hs_application": seen.application,
        "_hs_stage": seen.stage,
        "_hs_servable": seen.servable_name,
        "_hs_shadow": seen.is_shadow,
    }


def id_of(version_id: int, number: int) -> str:
    """A row's own: request ids are the callers', and several rows have the same."""
    return f"{version_id}:{number}"


def read_id(text: str) -> tuple[int, int] | None:
    """Version and number; None for what is no row's id."""
    version, colon, number = text.partition(":")
    fits = all(part.isdecimal() and part.isascii() and len(part) < 17 for part in (version, number))
    return (int(version), int(number)) if colon and fits else None


def check_view(check: Check) -> Document:
    """`check` is the reference's word for whether it passed; null: it could not be decided, and `reason` says why."""
    return {
        "name": check.name,
        "check": PASSED[check.verdict],
        "verdict": check.verdict.value,
        "description": check.description,
        "value": check.value,
        "threshold": check.threshold,
        "metricSpecId": check.metric_spec_id,
        "reason": check.reason or None,
    }


def values_of(tensors: Mapping[str, Tensor]) -> Document:
    """Plain values; one with more elements than can lie side by side stays a list, in its shape."""
    return {key: value for name, tensor in tensors.items() for key, value in _flat(name, tensor)}


def _flat(name: str, tensor: Tensor) -> Iterator[tuple[str, Any]]:
    elements = spell(tensor)
    if tensor.shape == ():
        yield name, elements[0]
    elif len(elements) <= MOST_ELEMENTS:
        yield from ((f"{name}_{at}", element) for at, element in enumerate(elements))
    else:
        yield name, nest(elements, tensor.shape)
