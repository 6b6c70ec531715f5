"""What travels on queues: facts in the past tense, wishes in the imperative; plain, frozen, versioned.

Unknown fields are ignored on reading, so that a newer sender does not break an older reader.
"""

from typing import Any

import msgspec

from functions.core.tensor import Tensor


class Message(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag=True, tag_field="type"):
    """`schema` is raised when a field changes its meaning."""

    schema: int = 1


class StageCall(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One call of one variant: its inputs, and its outputs or its error; latency in milliseconds.

    `stage` counts from 0. `shadows` are the servables of the stage's variants with weight 0: whoever monitors calls
    them with `inputs` and `spare_inputs`, what the stage was given beyond what the answering variant takes.
    """

    stage: int
    servable_name: str
    model_name: str
    model_version: int
    model_version_id: int
    inputs: dict[str, Tensor]
    outputs: dict[str, Tensor] | None = None
    error: str | None = None
    latency_ms: float
    shadows: tuple[str, ...] = ()
    spare_inputs: dict[str, Tensor] = {}


class PredictionMade(Message, frozen=True, kw_only=True):
    """A prediction was answered, well or badly. `at` is seconds since the epoch; the id is x-request-id."""

    request_id: str
    at: float
    application: str | None = None
    application_id: int | None = None
    calls: tuple[StageCall, ...]
    error: str | None = None


class PredictionsMade(Message, frozen=True, kw_only=True):
    """Many at once, as somebody else's system tells of them."""

    predictions: tuple[PredictionMade, ...]


Observed = PredictionMade | PredictionsMade


class ServableWanted(Message, frozen=True, kw_only=True):
    """Somebody calls a servable that is asleep."""

    servable: str


class LogGrew(Message, frozen=True, kw_only=True):
    """Rows were added to the logs of these versions."""

    version_ids: tuple[int, ...]


class LookAround(Message, frozen=True, kw_only=True):
    """Time has passed: look at everything that nobody told of."""


class Claim(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag="Claim", tag_field="type"):
    """Stands on the queue for a message that is too large for it: the message's bytes are at `key`."""

    bucket: str
    key: str


def encode(message: Message | Claim) -> bytes:
    return msgspec.json.encode(message)


def decode(raw: bytes | str) -> Observed | Claim:
    """Raises msgspec.ValidationError or DecodeError for what is not one of our messages."""
    message: Observed | Claim = msgspec.json.decode(raw, type=Observed | Claim)
    return message


def to_plain(message: Any) -> Any:
    """JSON-ready builtins of any entity or message."""
    return msgspec.to_builtins(message)
