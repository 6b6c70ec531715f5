"""Observations: one call of one variant as monitoring sees it, and what was found out about it."""

import enum
from collections.abc import Iterator, Sequence
from typing import Protocol

import msgspec

from functions.core.messages import PredictionMade, StageCall
from functions.core.signature import Signature
from functions.core.tensor import Tensor


class Observation(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`at` is when the prediction was made, in seconds since the epoch; `latency_ms` is this call's own.

    A shadow's observation has the request id, the stage and the inputs of the call that it shadows.
    """

    request_id: str
    at: float
    application: str | None
    application_id: int | None
    stage: int
    servable_name: str
    model_name: str
    model_version: int
    model_version_id: int
    inputs: dict[str, Tensor]
    outputs: dict[str, Tensor] | None = None
    error: str | None = None
    latency_ms: float
    is_shadow: bool = False


class Verdict(enum.StrEnum):
    """Errored: the check itself could not be made. It says nothing about the prediction, and is not a pass."""

    PASSED = "passed"
    FAILED = "failed"
    ERRORED = "errored"


class Check(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """The verdict of one rule on one observation. `description` is the healthy condition ("<= max", "less 0.97").

    Of a raw check `field` names the element of the signature ("x", "x_3"); of a metric check it is None, and
    `metric_spec_id` says whose it is. `reason` is why a check errored.
    """

    name: str
    field: str | None = None
    verdict: Verdict
    description: str
    value: float | str | None = None
    threshold: float | None = None
    metric_spec_id: str | None = None
    reason: str = ""


class Checked(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An observation with its checks: one row of the request log."""

    observation: Observation
    checks: tuple[Check, ...] = ()

    @property
    def score(self) -> float | None:
        """Share of the raw checks that passed; None without any."""
        return passed_share([check for check in self.checks if check.field is not None])

    @property
    def overall_score(self) -> float | None:
        """Share of the metric checks that passed; None without any."""
        return passed_share([check for check in self.checks if check.field is None])


class LogFiles(Protocol):
    """The files of the request log."""

    def write(self, key: str, signature: Signature, rows: Sequence[Checked]) -> None:
        """Writes rows with a column for each field of `signature`; what is at `key` is replaced."""


class Claims(Protocol):
    """Messages that were too large for the queue."""

    def read(self, bucket: str, key: str) -> bytes:
        """Raises NotFound."""


class DeadLetters(Protocol):
    """Where a message goes that nobody can read, with the reason, until somebody redrives it."""

    def bury(self, body: str, reason: str) -> None: ...


def passed_share(checks: list[Check]) -> float | None:
    """Errored checks count as not passed: nobody may take silence for health."""
    if not checks:
        return None
    return sum(check.verdict is Verdict.PASSED for check in checks) / len(checks)


def observations_of(made: PredictionMade) -> Iterator[Observation]:
    """One for each call that answered the caller; what the shadows say is not known yet."""
    for call in made.calls:
        yield observation_of(made, call)


def observation_of(made: PredictionMade, call: StageCall) -> Observation:
    return Observation(
        request_id=made.request_id,
        at=made.at,
        application=made.application,
        application_id=made.application_id,
        stage=call.stage,
        servable_name=call.servable_name,
        model_name=call.model_name,
        model_version=call.model_version,
        model_version_id=call.model_version_id,
        inputs=call.inputs,
        outputs=call.outputs,
        error=call.error,
        latency_ms=call.latency_ms,
    )
