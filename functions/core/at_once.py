"""The short way from a large text of plain JSON to tensors, for the text that is as its signature wants it.

One typed pass of the parser checks keys, nesting, sizes and kinds, and the elements are packed without a second look.
Whatever else a text may be, it is for `read_plain`, which takes it value by value and says what is wrong.
"""

import functools
import math
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from functions.core.budget import Budget
from functions.core.dtypes import Kind, pack
from functions.core.flatten import join
from functions.core.signature import Field
from functions.core.tensor import Tensor

LONGEST_TUPLE = 16  # elements; rows as short as these come cheaper as tuples, whose sizes the parser knows beforehand
KINDS: dict[Kind, Any] = {Kind.FLOAT: float, Kind.INTEGER: int, Kind.BOOLEAN: bool, Kind.STRING: str}


def read_at_once(fields: Sequence[Field], raw: bytes, budget: Budget) -> dict[str, Tensor] | None:
    """What `read_plain` reads of the text, or None when it has to be asked. Raises PayloadTooLarge as it does."""
    decoder = _decoder(tuple(fields))
    if decoder is None:
        return None
    try:
        values = msgspec.structs.astuple(decoder.decode(raw))
        tensors = {field.name: _pack(field, value) for field, value in zip(fields, values, strict=True)}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, TypeError, OverflowError):
        return None
    for tensor in tensors.values():
        budget.take(math.prod(tensor.shape))
    return tensors


@functools.lru_cache(maxsize=32)
def _decoder(fields: tuple[Field, ...]) -> msgspec.json.Decoder[Any] | None:
    """Of an object with one key per field and no other. None where the sizes of a field do not follow from its rows."""
    kinds = [_kind(field) for field in fields]
    if None in kinds:
        return None
    keys = {f"field_{at}": field.name for at, field in enumerate(fields)}
    body = msgspec.defstruct("Body", list(zip(keys, kinds, strict=True)), rename=keys, forbid_unknown_fields=True)
    return msgspec.json.Decoder(body)


def _kind(field: Field) -> Any:
    """The type of a field's value: lists of the sizes that its signature has, of which only the first may be free."""
    dims = field.dims
    if field.dtype is None or dims is None or any(size < 1 for size in dims[1:]) or 0 in dims:
        return None
    kind = KINDS[field.dtype.layout.kind]
    for depth in range(len(dims) - 1, -1, -1):
        kind = _rows(kind, dims[depth], innermost=depth == len(dims) - 1)
    return kind


def _rows(kind: Any, size: int, *, innermost: bool) -> Any:
    if innermost and 0 < size <= LONGEST_TUPLE:
        return tuple.__class_getitem__((kind,) * size)
    rows = list.__class_getitem__(kind)
    return rows if size == -1 else Annotated[rows, msgspec.Meta(min_length=size, max_length=size)]


def _pack(field: Field, value: Any) -> Tensor:
    if field.dtype is None or field.dims is None:
        raise TypeError(f"{field.name} has no sizes")
    if not field.dims:
        return Tensor(field.dtype, (), pack(field.dtype, [value]))
    shape = (len(value), *field.dims[1:])
    for _ in shape[1:]:
        value = join(value)
    return Tensor(field.dtype, shape, pack(field.dtype, value))
