"""Predictions: a dict in, a dict out; or a table in, a table out."""

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote, unquote

from dewpoint.errors import InvalidInput
from dewpoint.exchange import exchange
from dewpoint.frames import to_columns, to_rows
from dewpoint.signatures import Signature
from dewpoint.transport import Transport
from dewpoint.values import is_pandas, to_inputs, to_numpy

WARNING_HEADER = "x-dewpoint-warning"
OBSERVE_HEADER = "x-dewpoint-observe"

Kind = Literal["python", "numpy"]


class PredictionWarning(UserWarning):
    """The platform answered, with a reservation."""


@dataclass(frozen=True)
class Prediction:
    """`warnings` are the platform's reservations, `request_id` finds the request in its log."""

    outputs: dict[str, Any]
    warnings: tuple[str, ...] = ()
    request_id: str = ""


class Predictions:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def predict(self, application: str, data: Any, kind: Kind = "python") -> Any:
        """One value per output.

        `data` is a mapping, a pandas Series or a named tuple with one value per input, and gives a dict of Python
        values, or of numpy ones (`kind`). A DataFrame gives a DataFrame with one column per output: in one call when
        the application takes batches, else in one call per row.

        Raises BadRequest with every wrong field, InvalidInput, Unavailable, DeadlineExceeded, Unreachable, TimedOut.
        """
        if is_pandas(data, "DataFrame"):
            return self._predict_frame(application, data)
        outputs = _warned(self.call(application, data), 3).outputs
        return to_numpy(outputs) if kind == "numpy" else outputs

    def call(self, application: str, data: Any, *, observed: bool = True) -> Prediction:
        """One prediction with what the platform says beside it; one that is not `observed` is not monitored."""
        return self._call(f"/gateway/application/{quote(application, safe='')}", data, observed)

    def call_servable(self, servable: str, data: Any, *, observed: bool = True) -> Prediction:
        """The same, of one servable."""
        return self._call(f"/gateway/servable/{quote(servable, safe='')}", data, observed)

    def _call(self, path: str, data: Any, observed: bool) -> Prediction:
        extra = {} if observed else {OBSERVE_HEADER: "false"}
        outputs, headers = exchange(self._transport, path, to_inputs(data), extra)
        told = tuple(unquote(text) for text in headers.get_list(WARNING_HEADER))
        return Prediction(outputs, told, headers.get("x-request-id", ""))

    def _predict_frame(self, application: str, frame: Any) -> Any:
        import pandas as pd  # type: ignore[import-untyped]

        raw = self._transport.get(f"/api/v2/application/{quote(application, safe='')}")
        signature = Signature.from_json(raw.get("signature") or {})
        if not len(frame):
            return pd.DataFrame({field.name: [] for field in signature.outputs}, index=frame.index)
        if _takes_batches(signature):
            outputs = _warned(self.call(application, to_columns(frame)), 4).outputs
        else:
            # a generator is a frame of its own: two more between the warning and the caller
            outputs = _joined(_warned(self.call(application, row), 6).outputs for row in to_rows(frame))
        return pd.DataFrame({name: _column(name, values, len(frame)) for name, values in outputs.items()}, frame.index)


def _takes_batches(signature: Signature) -> bool:
    return bool(signature.inputs) and all(field.dims is None or field.dims[:1] == (-1,) for field in signature.inputs)


def _joined(answers: Iterable[dict[str, Any]]) -> dict[str, list[Any]]:
    joined: dict[str, list[Any]] = {}
    for answer in answers:
        for name, value in answer.items():
            joined.setdefault(name, []).append(value)
    return joined


def _column(name: str, values: Any, rows: int) -> list[Any]:
    if isinstance(values, list) and len(values) == rows:
        return values
    raise InvalidInput(f"output {name!r} does not have one value for each of the {rows} rows")


def _warned(prediction: Prediction, depth: int) -> Prediction:
    """Says its reservations as warnings about the line `depth` calls up: the caller's."""
    for text in prediction.warnings:
        warnings.warn(text, PredictionWarning, stacklevel=depth)
    return prediction
