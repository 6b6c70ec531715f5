"""Profiles of many fields: made in one go, merged, and kept as bytes.

The bytes begin with MAGIC and the format's number; MessagePack follows, arrays as their type and raw little-endian
elements. The same profile always gives the same bytes.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import numpy as np

from functions.core.signature import Field
from functions.numerics.arrays import Array
from functions.numerics.profiles.column import Column
from functions.numerics.profiles.field import FieldProfile, merge_fields, profile_column

MAGIC = b"DWP"
FORMAT = 1
WORKERS = 2


class Profiles(msgspec.Struct, frozen=True, eq=False):
    """The profiles of a version's fields over the same `rows`, for training data or a window of production."""

    rows: int = 0
    fields: dict[str, FieldProfile] = {}

    def view(self) -> dict[str, Any]:
        return {"rows": self.rows, "fields": {name: profile.view() for name, profile in self.fields.items()}}


def profile_rows(fields: Sequence[Field], columns: Mapping[str, Column], workers: int = WORKERS) -> Profiles:
    """The profiles of `fields` that have a column. Work on arrays runs outside the interpreter lock, so threads help.

    Raises ValueError when columns have different numbers of rows, TypeError when one holds values of another kind.
    """
    found = [(field, columns[field.name]) for field in fields if field.name in columns]
    lengths = {field.name: column.rows for field, column in found}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"expected columns of one length, received {lengths}")
    rows = max(lengths.values(), default=0)
    # objects first: they take longest, and a long task begun last would leave the other worker idle
    found.sort(key=lambda pair: pair[1].values.dtype.kind != "O")
    if workers < 2 or rows < 1000:
        profiles = [profile_column(field, column) for field, column in found]
    else:
        with ThreadPoolExecutor(workers) as pool:
            profiles = list(pool.map(lambda pair: profile_column(*pair), found))
    named = {field.name: profile for (field, _), profile in zip(found, profiles, strict=True)}
    return Profiles(rows, {field.name: named[field.name] for field in fields if field.name in named})


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
    if data[:3] != MAGIC:
        raise ValueError("not a profile: it does not begin with DWP")
    if data[3:4] != bytes([FORMAT]):
        raise ValueError(f"expected a profile of format {FORMAT}, received format {data[3:4].hex() or 'nothing'}")
    return DECODER.decode(memoryview(data)[4:])


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
