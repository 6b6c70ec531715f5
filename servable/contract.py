"""What `contract.json` says: the name and version of the model, and its signature.

The file is written by the platform when a version is built. Unknown keys are ignored, so that an older servable reads
a newer contract.
"""

from pathlib import Path
from typing import Annotated, Any

import msgspec

from servable.dtypes import DType
from servable.errors import CannotLoad

CONTRACT_FILE = "contract.json"
PAYLOAD_FOLDER = "files"


class Shape(msgspec.Struct, frozen=True):
    """Sizes, outermost first; -1 is a size of the caller's choice; no sizes at all is a scalar."""

    dims: tuple[int, ...] = ()


class Field(msgspec.Struct, frozen=True):
    """One tensor of a signature. Without a shape any shape will do."""

    name: str
    dtype: DType
    shape: Shape | None = None
    profile: str = "NONE"

    @property
    def dims(self) -> tuple[int, ...] | None:
        return self.shape.dims if self.shape else None

    @property
    def is_batched(self) -> bool:
        """The first dimension counts rows."""
        return self.dims is None or self.dims[:1] == (-1,)

    def accepts(self, shape: tuple[int, ...]) -> bool:
        if self.dims is None:
            return True
        return len(shape) == len(self.dims) and all(
            want in (-1, got) for want, got in zip(self.dims, shape, strict=True)
        )


class Signature(msgspec.Struct, frozen=True, rename="camel"):
    signature_name: str
    inputs: tuple[Field, ...]
    outputs: tuple[Field, ...]


class Batching(msgspec.Struct, frozen=True, rename="camel"):
    """At most `max_batch_size` rows in one call of the model, gathered for at most `max_latency_ms`."""

    max_batch_size: Annotated[int, msgspec.Meta(ge=1)] = 32
    max_latency_ms: Annotated[float, msgspec.Meta(ge=0)] = 0


class Contract(msgspec.Struct, frozen=True, rename="camel"):
    name: str
    version: int
    signature: Signature
    runtime: str = ""
    batching: Batching | None = None


def read_contract(model_dir: Path) -> Contract:
    """Raises CannotLoad, naming the key that is wrong."""
    try:
        contract = msgspec.convert(read_document(model_dir), type=Contract)
    except msgspec.ValidationError as error:
        raise CannotLoad(f"{CONTRACT_FILE}: {error}") from error
    check_signature(contract.signature)
    return contract


def read_document(model_dir: Path) -> dict[str, Any]:
    """The contract as it is written, whatever it says. Raises CannotLoad when it is not there or not a JSON object."""
    try:
        return msgspec.json.decode((model_dir / CONTRACT_FILE).read_bytes(), type=dict[str, Any])
    except OSError as error:
        raise CannotLoad(f"{CONTRACT_FILE} cannot be read: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise CannotLoad(f"{CONTRACT_FILE}: {error}") from error


def check_signature(signature: Signature) -> None:
    """Raises CannotLoad for a side without fields, a name used twice, a dimension that is no size."""
    for side, fields in (("inputs", signature.inputs), ("outputs", signature.outputs)):
        _check_fields(side, fields)


def _check_fields(side: str, fields: tuple[Field, ...]) -> None:
    if not fields:
        raise CannotLoad(f"{CONTRACT_FILE}: the signature has no {side}")
    names = [field.name for field in fields]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise CannotLoad(f"{CONTRACT_FILE}: the signature's {side} name {', '.join(twice)} twice")
    for field in fields:
        if any(size < -1 for size in field.dims or ()):
            raise CannotLoad(f"{CONTRACT_FILE}: '{field.name}' has a dimension below -1: {list(field.dims or ())}")
