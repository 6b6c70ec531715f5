"""How far a file was read: all that another process needs to go on from there."""

import msgspec

from functions.core.training import Rejection


class Mark(msgspec.Struct, frozen=True):
    """Where the next row begins: a byte and the lines before it in a CSV, rows before it in a Parquet file."""

    at: int
    lines: int = 0


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """`profiles` are those of the rows before `mark`, as they are stored; `rejected` and `rejections` tell which rows
    were left out."""

    mark: Mark
    profiles: bytes
    rejected: int
    rejections: tuple[Rejection, ...]


def to_bytes(begun: Begun) -> bytes:
    return msgspec.msgpack.encode(begun)


def from_bytes(data: bytes) -> Begun:
    return msgspec.msgpack.decode(data, type=Begun)
