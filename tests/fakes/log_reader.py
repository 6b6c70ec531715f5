"""The request log read row by row, in plain Python: what the real reader must agree with."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from functions.adapters.parquet import columns
from functions.core.checks import Verdict, score
from functions.core.errors import Gone
from functions.core.models import ModelVersion
from functions.core.observations import Checked
from functions.core.request_log import (
    Agreement,
    Comparison,
    FieldAgreement,
    LogPart,
    Of,
    Pair,
    Scalar,
    Shuffle,
    Sides,
    Spot,
    Wanted,
)
from functions.core.tensor import Tensor
from tests.fakes.monitoring import FakeLogFiles


class FakeLogReader:
    def __init__(self, files: FakeLogFiles) -> None:
        self._files = files

    def find(self, part: LogPart, wanted: Wanted, limit: int) -> list[Spot]:
        return sorted((spot for spot, row in self._rows(part) if matches(spot, row, wanted)), reverse=True)[:limit]

    def sample(self, part: LogPart, wanted: Wanted, size: int, shuffle: Shuffle) -> list[Spot]:
        found = [spot for spot, row in self._rows(part) if matches(spot, row, wanted)]
        chosen = sorted(found, key=lambda spot: (shuffle.place(spot.number), spot.number))[:size]
        return sorted(chosen, key=lambda spot: spot.number)

    def read(self, part: LogPart, numbers: Sequence[int]) -> dict[int, Checked]:
        return {spot.number: row for spot, row in self._rows(part) if spot.number in set(numbers)}

    def pairs(self, left: LogPart, right: LogPart, wanted: Wanted, limit: int) -> list[Pair]:
        joined = [Pair(a, b) for (a, _), (b, _) in self._joined(left, right, wanted)]
        return sorted(joined, reverse=True)[:limit]

    def agree(self, left: LogPart, right: LogPart, wanted: Wanted, fields: Sequence[str]) -> Agreement:
        rows = [(a, b) for (_, a), (_, b) in self._joined(left, right, wanted)]
        return Agreement(
            pairs=len(rows),
            fields={name: agreement([(output(a, name), output(b, name)) for a, b in rows]) for name in fields},
            score=sides([(raw_score(a), raw_score(b)) for a, b in rows]),
            overall_score=sides([(score(a.metrics.values()), score(b.metrics.values())) for a, b in rows]),
            latency=sides([(a.observation.latency_ms, b.observation.latency_ms) for a, b in rows]),
            errors=(
                sum(a.observation.error is not None for a, _ in rows),
                sum(b.observation.error is not None for _, b in rows),
            ),
        )

    def columns(self, version: ModelVersion) -> Mapping[str, str]:
        return {name: str(kind) for name, kind in columns(version.released_signature).items()}

    def _rows(self, part: LogPart) -> Iterator[tuple[Spot, Checked]]:
        for segment in part.segments:
            if segment.key not in self._files.rows:
                raise Gone("a part of this log was removed while it was read: ask again")
            numbers = [run.first + at for run in segment.numbers for at in range(run.rows)]
            for number, row in zip(numbers, self._files.rows[segment.key], strict=True):
                yield Spot(round(row.observation.at * 1_000_000), number), row

    def _joined(
        self, left: LogPart, right: LogPart, wanted: Wanted
    ) -> Iterator[tuple[tuple[Spot, Checked], tuple[Spot, Checked]]]:
        theirs: dict[str, list[tuple[Spot, Checked]]] = {}
        when = replace(wanted, before=None)
        ours, others = (
            sorted((found for found in self._rows(part) if matches(*found, when)), key=lambda found: found[0])
            for part in (left, right)
        )
        for spot, row in others:
            theirs.setdefault(row.observation.request_id, []).append((spot, row))
        for spot, row in ours:
            waiting = theirs.get(row.observation.request_id, [])
            if waiting:
                pair = (spot, row), waiting.pop(0)
                if wanted.before is None or spot < wanted.before:
                    yield pair


def matches(spot: Spot, row: Checked, wanted: Wanted) -> bool:
    seen = row.observation
    return (
        (wanted.since is None or spot.moment >= wanted.since)
        and (wanted.until is None or spot.moment <= wanted.until)
        and (wanted.before is None or spot < wanted.before)
        and wanted.error in (None, seen.error is not None)
        and wanted.shadow in (None, seen.is_shadow)
        and wanted.application in (None, seen.application)
        and (wanted.request_ids is None or seen.request_id in wanted.request_ids)
        and (wanted.failed is None or wanted.failed in names(row, Verdict.FAILED))
        and (wanted.errored is None or wanted.errored in names(row, Verdict.ERRORED))
        and all(holds(row, comparison) for comparison in wanted.comparisons)
    )


def names(row: Checked, verdict: Verdict) -> set[str]:
    named = [(element, check) for element, checks in row.raw.items() for check in checks]
    return {name for name, check in (*named, *row.metrics.items()) if check.verdict is verdict}


def holds(row: Checked, comparison: Comparison) -> bool:
    value = value_of(row, comparison)
    return value is not None and comparison.operator.holds(value, comparison.value)  # type: ignore[arg-type]


def value_of(row: Checked, comparison: Comparison) -> Scalar | None:
    match comparison.of:
        case Of.SCORE:
            return raw_score(row)
        case Of.OVERALL_SCORE:
            return score(row.metrics.values())
        case Of.LATENCY:
            return row.observation.latency_ms
    side = row.observation.inputs if comparison.of is Of.INPUT else row.observation.outputs or {}
    elements = _elements(side.get(comparison.name))
    at = comparison.element or 0
    return elements[at] if at < len(elements) else None


def raw_score(row: Checked) -> float | None:
    return score(check for checks in row.raw.values() for check in checks)


def output(row: Checked, name: str) -> list[Scalar] | None:
    tensor = (row.observation.outputs or {}).get(name)
    return None if tensor is None else _elements(tensor)


def agreement(values: Sequence[tuple[list[Scalar] | None, list[Scalar] | None]]) -> FieldAgreement:
    both = [(a, b) for a, b in values if a is not None and b is not None]
    differences = [
        abs(m - n)
        for a, b in both
        if len(a) == len(b)
        for m, n in zip(a, b, strict=True)
        if not isinstance(m, str | bool) and not isinstance(n, str | bool)
    ]
    mean = sum(differences) / len(differences) if differences else None
    return FieldAgreement(compared=len(both), equal=sum(a == b for a, b in both), mean_difference=mean)


def sides(values: Sequence[tuple[float | None, float | None]]) -> Sides:
    left, right = ([v for v in side if v is not None] for side in (zip(*values, strict=True) if values else ((), ())))
    return Sides(sum(left) / len(left) if left else None, sum(right) / len(right) if right else None)


def _elements(tensor: Tensor | None) -> list[Scalar]:
    return [] if tensor is None else list(tensor.elements())  # type: ignore[arg-type]
