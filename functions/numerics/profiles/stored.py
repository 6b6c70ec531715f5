"""Profiles of many fields: made in one go, merged, and kept as bytes.

The bytes begin with MAGIC and the format's number; MessagePack follows, arrays as their type and raw little-endian
elements. The same profile always gives the same bytes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from functions.core.leaves import Leaf
from functions.numerics.arrays import Array
from functions.numerics.profiles.column import Column
from functions.numerics.profiles.field import FieldProfile, merge_fields, profile_column

MAGIC = b"DWP"
FORMAT = 1


class Profiles(msgspec.Struct, frozen=True, eq=False):
    """The profiles of a version's fields over the same `rows`, for training data or a window of production."""

    rows: int = 0
    fields: dict[str, FieldProfile] = {}

    def view(self) -> dict[str, Any]:
        return {"rows": self.rows, "fields": {name: profile.view() for name, profile in self.fields.items()}}


class Outline(msgspec.Struct, frozen=True):
    """Stored profiles whose fields are not looked into."""

    rows: int = 0
    fields: dict[str, msgspec.Raw] = {}


def profile_rows(fields: Sequence[Leaf], columns: Mapping[str, Column]) -> Profiles:
    """The profiles of `fields` that have a column, one after the other.

    Threads would gain nothing: NumPy leaves the interpreter lock for microseconds at a time. Processes do: each
    profiles some of the rows, and the profiles are merged.

    Raises ValueError when columns have different numbers of rows, TypeError when one holds values of another kind.
    """
    lengths = {field.name: columns[field.name].rows for field in fields if field.name in columns}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"expected columns of one length, received {lengths}")
    profiles = {field.name: profile_column(field, columns[field.name]) for field in fields if field.name in columns}
    return Profiles(max(lengths.values(), default=0), profiles)


def merge_profiles(parts: Sequence[Profiles]) -> Profiles:
    """The profiles over all rows of `parts`: a window is merged from shorter ones, never read again."""
    names = dict.fromkeys(name for part in parts for name in part.fields)
    return Profiles(
        sum(part.rows for part in parts),
        {name: merge_fields([part.fields[name] for part in parts if name in part.fields]) for name in names},
    )


def to_bytes(profiles: Profiles) -> bytes:
    return MAGIC + bytes([FORMAT]) + ENCODER.encode(profiles)


def from_bytes(data: bytes) -> Profiles:
    """Raises ValueError for what `to_bytes` did not write, or wrote in another format."""
    return DECODER.decode(_content(data))


def field_from_bytes(data: bytes, field: str) -> Profiles:
    """The profiles with `field` alone, if it is among them; the others are passed over. Raises ValueError."""
    outline = OUTLINE.decode(_content(data))
    fields = {field: FIELD.decode(outline.fields[field])} if field in outline.fields else {}
    return Profiles(outline.rows, fields)


def names_in_bytes(data: bytes) -> list[str]:
    """Which fields have a profile. Raises ValueError."""
    return list(OUTLINE.decode(_content(data)).fields)


def _content(data: bytes) -> memoryview:
    if data[:3] != MAGIC:
        raise ValueError("not a profile: it does not begin with DWP")
    if data[3:4] != bytes([FORMAT]):
        raise ValueError(f"expected a profile of format {FORMAT}, received format {data[3:4].hex() or 'nothing'}")
    return memoryview(data)[4:]


def _encode(value: object) -> tuple[str, bytes]:
    if isinstance(value, np.ndarray):
        portable = value.astype(value.dtype.newbyteorder("<"), copy=False)
        return portable.dtype.str, portable.tobytes()
    raise TypeError(f"{type(value).__name__} has no place in a profile")


def _decode(_: type, value: Any) -> Array:
    dtype, raw = value
    return np.frombuffer(raw, np.dtype(dtype))


ENCODER = msgspec.msgpack.Encoder(enc_hook=_encode)
DECODER = msgspec.msgpack.Decoder(Profiles, dec_hook=_decode)
FIELD = msgspec.msgpack.Decoder(FieldProfile, dec_hook=_decode)
OUTLINE = msgspec.msgpack.Decoder(Outline)
