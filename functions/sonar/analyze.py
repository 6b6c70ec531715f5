"""Predictions that somebody else's system made: held against the signature here, and observed like our own."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from functions.core.budget import Budget
from functions.core.errors import InvalidRequest, Problem
from functions.core.messages import PredictionMade, PredictionsMade, StageCall
from functions.core.models import ModelVersion
from functions.core.observations import EXTERNAL
from functions.core.plain import read_plain
from functions.core.signature import Field
from functions.core.tensor import Tensor
from functions.core.validate import check_tensors
from functions.sonar.ports import Ports

MOST_RECORDS = 10_000
TOGETHER = 200  # records in one message, which one worker records in one go
MOST_PROBLEMS = 100
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)  # that another system's clock may be


class Record(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A prediction: its inputs, and its outputs or why there are none. `at` is ISO 8601 with its zone."""

    inputs: Any
    outputs: Any = None
    error: str | None = None
    request_id: Annotated[str, Meta(pattern=r"^[\x21-\x7e]{1,128}\Z")] | None = None
    at: Annotated[datetime, Meta(tz=True)] | None = None
    latency_ms: Annotated[float, Meta(ge=0)] = 0.0
    application: Annotated[str, Meta(pattern=r"^[\x20-\x7e]{1,100}\Z")] | None = None


class Records(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    records: Annotated[list[Record], Meta(min_length=1, max_length=MOST_RECORDS)]


def analyze(ports: Ports, version: ModelVersion, records: Sequence[Record]) -> list[str]:
    """Queues `records` and answers with their request ids, in their order. A record that brings both its id and its
    moment is recorded once, however often it is sent.

    Raises InvalidRequest with what is wrong with any of them, and nothing is queued; PayloadTooLarge.
    """
    now, budget = ports.clock.now(), Budget()
    problems: list[Problem] = []
    made: list[PredictionMade] = []
    for at, record in enumerate(records):
        found = _time_problems(record, now)
        call, wrong = _read(version, record, budget)
        problems += [replace(p, pointer=f"/records/{at}{p.pointer}") for p in (*found, *wrong)]
        if len(problems) >= MOST_PROBLEMS:
            break
        made.append(_prediction(record, call, now))
    if problems:
        raise InvalidRequest.of(problems[:MOST_PROBLEMS])
    ports.queue.publish(*_messages(made))
    return [one.request_id for one in made]


def _messages(made: Sequence[PredictionMade]) -> Iterator[PredictionsMade]:
    for at in range(0, len(made), TOGETHER):
        yield PredictionsMade(predictions=tuple(made[at : at + TOGETHER]))


def _prediction(record: Record, call: StageCall, now: datetime) -> PredictionMade:
    return PredictionMade(
        request_id=record.request_id or str(uuid.uuid4()),
        at=(record.at or now).timestamp(),
        application=record.application,
        calls=(call,),
        error=record.error,
    )


def _time_problems(record: Record, now: datetime) -> list[Problem]:
    if record.at is None or EARLIEST <= record.at <= now + AHEAD:
        return []
    return [Problem("/at", f"a moment from {EARLIEST:%Y} to tomorrow", record.at.isoformat())]


def _read(version: ModelVersion, record: Record, budget: Budget) -> tuple[StageCall, list[Problem]]:
    signature = version.released_signature
    inputs, problems = _side(signature.inputs, record.inputs, "/inputs", budget)
    outputs: dict[str, Tensor] | None = None
    if record.error is None:
        outputs, wrong = _side(signature.outputs, record.outputs, "/outputs", budget)
        problems += wrong
    elif record.outputs is not None:
        problems.append(Problem("/outputs", "no outputs beside an error", "both"))
    call = StageCall(
        stage=0,
        servable_name=EXTERNAL,
        model_name=version.name,
        model_version=version.version,
        model_version_id=version.id,
        inputs=inputs,
        outputs=outputs,
        error=record.error,
        latency_ms=record.latency_ms,
    )
    return call, problems


def _side(fields: Sequence[Field], body: Any, pointer: str, budget: Budget) -> tuple[dict[str, Tensor], list[Problem]]:
    """Tensors by name, and what is wrong with them."""
    reading = read_plain(fields, body, budget)
    problems = reading.problems or check_tensors(fields, reading.tensors)
    problems += [
        Problem(f"/{key}", "a field of the signature", "one that it does not have") for key in reading.strangers
    ]
    return reading.tensors, [replace(p, pointer=f"{pointer}{p.pointer}") for p in problems]
