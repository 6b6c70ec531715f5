"""The Open Inference Protocol's questions and answers, free of any transport: the REST and gRPC doors share them."""

import msgspec

from functions.core.given import Given
from functions.core.leaves import Leaf
from functions.core.tensor import Tensor


class InferRequest(msgspec.Struct, frozen=True, kw_only=True):
    """`outputs` are the names asked for; none means all. An empty `version` leaves the choice to the weights."""

    model: str
    version: str = ""
    id: str = ""
    inputs: tuple[Given, ...]
    outputs: tuple[str, ...] = ()


class InferAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`version` is the one that answered; `id` the caller's."""

    model: str
    version: str
    id: str = ""
    outputs: dict[str, Tensor]


class NamedCall(msgspec.Struct, frozen=True):
    """The reference system's request: the name of an application or a servable, and tensors for its inputs.

    Maps came as their leaves; `maps` are their shapes by path, also of those without an object and so without leaves.
    """

    name: str
    inputs: tuple[Given, ...]
    maps: dict[str, tuple[int, ...]] = {}


class ModelName(msgspec.Struct, frozen=True):
    name: str
    version: str = ""


class ModelDescription(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    versions: tuple[str, ...]
    platform: str
    inputs: tuple[Leaf, ...]
    outputs: tuple[Leaf, ...]


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """`reason` says why it is not ready."""

    name: str
    ready: bool
    reason: str = ""


class ModelState(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the repository's index. `state` is READY, LOADING or UNAVAILABLE."""

    name: str
    version: str
    state: str
    reason: str = ""


class ServerDescription(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    version: str
    extensions: tuple[str, ...]
