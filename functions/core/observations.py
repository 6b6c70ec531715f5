"""Observations: one call of one variant as monitoring sees it, and what was found out about it."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Protocol

import msgspec

from functions.core.checks import Check
from functions.core.messages import PredictionMade, PredictionsMade, StageCall
from functions.core.signature import Signature
from functions.core.tensor import Tensor

EXTERNAL = "external"  # the servable of a call that was made elsewhere; no servable of ours has so short a name


class Observation(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`at` is when the prediction was made, in seconds since the epoch, to the microsecond; `latency_ms` is this call's
    own.

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


class Checked(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An observation with its checks, one row of the log: `raw` by element ("x", "x_3"), `metrics` by metric."""

    observation: Observation
    raw: dict[str, list[Check]] = {}
    metrics: dict[str, Check] = {}

    @property
    def every(self) -> list[Check]:
        return [*chain.from_iterable(self.raw.values()), *self.metrics.values()]


class StoredFile(msgspec.Struct, frozen=True):
    """`written` in seconds since the epoch."""

    key: str
    written: float


class LogFiles(Protocol):
    """The files of the request log."""

    def merge(self, keys: Sequence[str], target: str) -> None:
        """Writes one file with the rows of `keys`, in their order. Raises NotFound when one of them is not there."""

    def stored(self, prefix: str) -> Iterator[StoredFile]:
        """All whose keys begin so, in no order."""

    def remove(self, keys: Sequence[str]) -> None:
        """What is not there is not missed."""

    def address(self, key: str, seconds: int) -> str:
        """Where the file can be fetched without a key, for so long."""

    def write(self, key: str, signature: Signature, rows: Sequence[Checked]) -> None:
        """Writes rows with a column for each field of `signature`; what is at `key` is replaced."""


class ProfileStore(Protocol):
    """Stored profiles (functions/numerics/profiles/stored.py), as bytes."""

    def read(self, key: str) -> bytes | None:
        """None when there is none."""

    def write(self, key: str, profile: bytes) -> None: ...
    def remove(self, keys: Sequence[str]) -> None:
        """What is not there is not missed."""


class Claims(Protocol):
    """Messages that were too large for the queue."""

    def read(self, bucket: str, key: str) -> bytes:
        """Raises NotFound."""


class RecordSink(Protocol):
    """The queue that observations come from."""

    def publish(self, *records: PredictionsMade) -> None:
        """May raise anything, also when some were taken: who told of moments may tell again."""


class Redelivery(Protocol):
    """The queue that messages came from."""

    def put_off(self, receipt: str, seconds: int) -> None:
        """The message comes again in `seconds`, and not in as many as a dead worker's. May raise anything."""


class DeadLetters(Protocol):
    """Where a message goes that nobody can read, with the reason, until somebody redrives it."""

    def bury(self, body: str, reason: str) -> None: ...


def observations_of(made: PredictionMade) -> Iterator[Observation]:
    """One for each call that answered the caller; what the shadows say is not known yet."""
    for call in made.calls:
        yield observation_of(made, call)


def observation_of(made: PredictionMade, call: StageCall) -> Observation:
    return Observation(
        request_id=made.request_id,
        at=round(made.at * 1_000_000) / 1_000_000,  # a float of more digits is rounded otherwise by whoever writes it
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


def training_profile_key(version_id: int) -> str:
    """Where the profile of a version's training data is."""
    return f"profiles/version={version_id}/training.profile"
