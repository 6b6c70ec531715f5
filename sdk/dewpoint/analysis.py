"""Predictions that another system made, told to the platform to be monitored like its own."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from dewpoint.errors import InvalidInput
from dewpoint.frames import to_rows
from dewpoint.transport import Transport
from dewpoint.values import is_pandas, to_inputs

TOGETHER = 1000  # records in one call


@dataclass(frozen=True, kw_only=True)
class Record:
    """One prediction: `inputs` and `outputs` by field, or `error` instead of outputs.

    Who gives `request_id` and `at` may send a record again: it is recorded once.
    """

    inputs: Any
    outputs: Any = None
    error: str | None = None
    request_id: str | None = None
    at: datetime | None = None
    latency_ms: float | None = None
    application: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Raises InvalidInput for a moment without a zone and for values that JSON cannot say."""
        if self.at is not None and self.at.tzinfo is None:
            raise InvalidInput("a record's moment needs a time zone")
        told = {
            "inputs": to_inputs(self.inputs),
            "outputs": None if self.outputs is None else to_inputs(self.outputs),
            "error": self.error,
            "requestId": self.request_id,
            "at": self.at and self.at.isoformat(),
            "latencyMs": self.latency_ms,
            "application": self.application,
        }
        return {name: value for name, value in told.items() if value is not None}


class Analysis:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def analyze(
        self,
        version_id: int,
        records: Iterable[Record | Mapping[str, Any]],
        progress: Callable[[int], None] = lambda _sent: None,
    ) -> list[str]:
        """The request ids of `records`, which are sent a thousand at a time; mappings are as the API takes them.

        `progress` hears how many were taken so far. Raises BadRequest with everything that is wrong in one call's
        records: those of the calls before it were taken.
        """
        ids: list[str] = []
        left = iter(records)
        while some := list(islice(left, TOGETHER)):
            body = {"records": [each.to_json() if isinstance(each, Record) else dict(each) for each in some]}
            ids += self._transport.send("POST", f"/monitoring/analyze/{version_id}", body)["requestIds"]
            progress(len(ids))
        return ids

    def analyze_frames(self, version_id: int, inputs: Any, outputs: Any) -> list[str]:
        """The same, of two pandas DataFrames with one prediction per row, now."""
        if not is_pandas(inputs, "DataFrame") or not is_pandas(outputs, "DataFrame"):
            raise InvalidInput("inputs and outputs are DataFrames with one row per prediction")
        if len(inputs) != len(outputs):
            raise InvalidInput(f"there are {len(inputs)} rows of inputs and {len(outputs)} of outputs")
        return self.analyze(version_id, _records(inputs, outputs))


def _records(inputs: Any, outputs: Any) -> Iterator[Record]:
    rows = zip(to_rows(inputs), to_rows(outputs), strict=True)
    return (Record(inputs=given, outputs=answered) for given, answered in rows)
