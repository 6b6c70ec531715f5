"""What `contract.json` says: the name and version of the model, and its signature.

The file is written by the platform when a version is built. Unknown keys are ignored, so that an older servable reads
a newer contract.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

import msgspec

from servable.dtypes import DType
from servable.errors import CannotLoad

CONTRACT_FILE = "contract.json"
PAYLOAD_FOLDER = "files"
SEPARATOR = "/"  # between the names of a map and of what is in it


class Shape(msgspec.Struct, frozen=True):
    """Sizes, outermost first; -1 is a size of the caller's choice; no sizes at all is a scalar."""

    dims: tuple[int, ...] = ()


class Field(msgspec.Struct, frozen=True, omit_defaults=True):
    """One tensor of a signature, for which without a shape any shape will do; or a map of `subfields`, which has no
    dtype, and without a shape is a single one."""

    name: str
    kind: DType | None = msgspec.field(default=None, name="dtype")
    shape: Shape | None = None
    profile: str = "NONE"
    subfields: tuple["Field", ...] = ()

    @property
    def is_map(self) -> bool:
        return self.kind is None

    @property
    def dtype(self) -> DType:
        """That of a tensor's elements. Raises TypeError for a map."""
        if self.kind is None:
            raise TypeError(f"'{self.name}' is a map")
        return self.kind

    @property
    def dims(self) -> tuple[int, ...] | None:
        return self.shape.dims if self.shape else None

    @property
    def is_batched(self) -> bool:
        """The first dimension counts rows."""
        return self.dims is None or self.dims[:1] == (-1,)

    def accepts(self, shape: tuple[int, ...]) -> bool:
        dims = self.dims
        if dims is None or dims == shape:
            return True
        return len(shape) == len(dims) and all(want in (-1, got) for want, got in zip(dims, shape, strict=True))


class Signature(msgspec.Struct, frozen=True, rename="camel", dict=True):
    signature_name: str
    inputs: tuple[Field, ...]
    outputs: tuple[Field, ...]

    @cached_property
    def tensors(self) -> "Signature":
        """The same with each map replaced by its leaves: what travels."""
        return Signature(self.signature_name, tuple(leaves(self.inputs)), tuple(leaves(self.outputs)))

    @cached_property
    def takes(self) -> dict[str, Field]:
        """The tensors of the inputs, by name."""
        return {field.name: field for field in self.tensors.inputs}

    @cached_property
    def gives(self) -> dict[str, Field]:
        """The tensors of the outputs, by name."""
        return {field.name: field for field in self.tensors.outputs}

    @cached_property
    def has_maps(self) -> bool:
        return any(field.is_map for field in (*self.inputs, *self.outputs))


def leaves(fields: Iterable[Field], path: str = "", outer: tuple[int, ...] = ()) -> Iterator[Field]:
    """Fields that are tensors, named by their paths, with the dimensions of the maps around them before their own."""
    for field in fields:
        name, dims = f"{path}{field.name}", None if field.dims is None else (*outer, *field.dims)
        if field.is_map:
            yield from leaves(field.subfields, f"{name}{SEPARATOR}", dims or outer)
        else:
            yield Field(name, field.dtype, None if dims is None else Shape(dims), field.profile)


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
    """Raises CannotLoad for a side or map without fields, a name used twice, a dimension that is no size."""
    for side, fields in (("inputs", signature.inputs), ("outputs", signature.outputs)):
        _check_fields(side, fields, listed=False)


def _check_fields(side: str, fields: tuple[Field, ...], *, listed: bool) -> None:
    """`listed`: they are those of a list of maps, whose sizes stand before their own."""
    if not fields:
        raise CannotLoad(f"{CONTRACT_FILE}: the signature has no {side}")
    names = [field.name for field in fields]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise CannotLoad(f"{CONTRACT_FILE}: the signature's {side} name {', '.join(twice)} twice")
    for field in fields:
        if any(size < -1 for size in field.dims or ()):
            raise CannotLoad(f"{CONTRACT_FILE}: '{field.name}' has a dimension below -1: {list(field.dims or ())}")
        if field.is_map != bool(field.subfields):
            raise CannotLoad(f"{CONTRACT_FILE}: '{field.name}' needs either a dtype or subfields")
        if field.is_map:
            _check_fields(f"{side} in '{field.name}'", field.subfields, listed=listed or bool(field.dims))
        elif listed and field.dims is None:
            raise CannotLoad(f"{CONTRACT_FILE}: '{field.name}' needs a shape, because the map around it is a list")
