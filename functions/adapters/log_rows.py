"""From a row of a log file back to what was observed: the other half of parquet.py."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from functions.adapters.parquet import shape_column
from functions.core.checks import Check, Verdict
from functions.core.dtypes import encode
from functions.core.leaves import Leaf, leaves
from functions.core.models import ModelVersion
from functions.core.observations import Checked, Observation
from functions.core.tensor import Tensor, resolve

Row = Mapping[str, Any]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_checked(version: ModelVersion, row: Row) -> Checked:
    """The row of `version`'s log as it was written; a tensor without a value in its column is not there."""
    raw: dict[str, list[Check]] = {}
    metrics: dict[str, Check] = {}
    for stored in row["checks"]:
        check = _check(stored)
        if stored["element"] is None:
            metrics[check.name] = check
        else:
            raw.setdefault(stored["element"], []).append(check)
    return Checked(observation=_observation(version, row), raw=raw, metrics=metrics)


def _observation(version: ModelVersion, row: Row) -> Observation:
    signature = version.released_signature
    return Observation(
        request_id=row["request_id"],
        at=microsecond_of(row["at"]) / 1_000_000,
        application=row["application"],
        application_id=row["application_id"],
        stage=row["stage"],
        servable_name=row["servable"],
        model_name=version.name,
        model_version=version.version,
        model_version_id=version.id,
        inputs=_tensors("in", leaves(signature.inputs), row),
        outputs=None if row["error"] is not None else _tensors("out", leaves(signature.outputs), row),
        error=row["error"],
        latency_ms=row["latency_ms"],
        is_shadow=row["is_shadow"],
    )


def microsecond_of(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def moment_of(microsecond: int) -> datetime:
    return EPOCH + timedelta(microseconds=microsecond)


def _tensors(side: str, fields: Iterable[Leaf], row: Row) -> dict[str, Tensor]:
    found = {}
    for field in fields:
        value = row[f"{side}_{field.name}"]
        if value is None:
            continue
        elements = [value] if field.dims == () else value
        found[field.name] = Tensor(field.dtype, _shape(side, field, row, len(elements)), encode(field.dtype, elements))
    return found


def _shape(side: str, field: Leaf, row: Row, count: int) -> tuple[int, ...]:
    """The one free dimension follows from the number of elements; where it does not, the file says the shape."""
    told = row.get(shape_column(side, field.name))
    resolved = None if field.dims is None else resolve(field.dims, count)
    return tuple(told) if told is not None else resolved if resolved is not None else (count,)


def _check(stored: Row) -> Check:
    return Check(
        name=stored["name"],
        verdict=Verdict(stored["verdict"]),
        description=stored["description"],
        value=_json(stored["value"]),
        threshold=_json(stored["threshold"]),
        metric_spec_id=stored["metric_spec_id"],
        reason=stored["reason"] or "",
    )


def _json(text: str | None) -> Any:
    return None if text is None else msgspec.json.decode(text)
