"""Arrays to and from the protocol's bytes, in pairs.

Numbers are little-endian and row-major, a BOOL is one byte, a BYTES element is a 4-byte little-endian length followed
by the text in UTF-8. Reading numbers copies nothing, so arrays read from raw bytes are read-only.
"""

import math
import struct
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from servable.dtypes import LAYOUTS, DType
from servable.errors import InvalidInput
from servable.pb import open_inference_pb2 as pb

Array = NDArray[Any]

_LENGTH = struct.Struct("<I")


def from_raw(dtype: DType, shape: tuple[int, ...], raw: bytes) -> Array:
    """Raises InvalidInput when the bytes do not fill the shape exactly."""
    count = _count(shape)
    if dtype is DType.STRING:
        return _filled(_split_text(raw, count), shape)
    layout = LAYOUTS[dtype].numpy
    if len(raw) != count * layout.itemsize:
        raise InvalidInput(
            f"expected {count * layout.itemsize} bytes ({count} elements of {LAYOUTS[dtype].wire}), received {len(raw)}"
        )
    if dtype is DType.BOOL:
        return np.asarray(np.frombuffer(raw, np.uint8) != 0).reshape(shape)
    return np.frombuffer(raw, layout).reshape(shape)


def to_raw(dtype: DType, array: Array) -> bytes:
    """The array must already be of the dtype (outputs.py casts)."""
    if dtype is DType.STRING:
        return b"".join(_LENGTH.pack(len(text)) + text for text in map(_as_bytes, array.ravel()))
    return array.astype(LAYOUTS[dtype].numpy, copy=False).tobytes()


def from_contents(dtype: DType, shape: tuple[int, ...], contents: pb.InferTensorContents) -> Array:
    """Raises InvalidInput for the wrong number of elements, the wrong list, or numbers the dtype cannot hold."""
    layout = LAYOUTS[dtype]
    if layout.contents is None:
        raise InvalidInput(f"{layout.wire} travels in raw_input_contents only")
    stray = [descriptor.name for descriptor, _ in contents.ListFields() if descriptor.name != layout.contents]
    if stray:
        raise InvalidInput(f"expected {layout.contents} for {layout.wire}, received {', '.join(stray)}")
    values = getattr(contents, layout.contents)
    if len(values) != _count(shape):
        raise InvalidInput(f"expected {_count(shape)} elements, received {len(values)}")
    if dtype is DType.STRING:
        return _filled([_as_text(value) for value in values], shape)
    if layout.numpy.kind in "iu":
        bounds: np.iinfo[Any] = np.iinfo(layout.numpy.str)
        if any(not bounds.min <= value <= bounds.max for value in values):
            raise InvalidInput(f"expected {layout.wire} between {bounds.min} and {bounds.max}")
    return np.array(values, layout.numpy).reshape(shape)


def to_contents(dtype: DType, array: Array) -> pb.InferTensorContents:
    """The other half of the pair, for clients that want typed lists."""
    layout = LAYOUTS[dtype]
    if layout.contents is None:
        raise InvalidInput(f"{layout.wire} travels in raw contents only")
    values: Iterable[Any] = map(_as_bytes, array.ravel()) if dtype is DType.STRING else array.ravel().tolist()
    return pb.InferTensorContents(**{layout.contents: values})


def _count(shape: tuple[int, ...]) -> int:
    if shape and min(shape) < 0:
        raise InvalidInput(f"expected sizes of 0 and more, received shape {list(shape)}")
    return math.prod(shape)


def _split_text(raw: bytes, count: int) -> list[str]:
    texts: list[str] = []
    position = 0
    while position < len(raw) and len(texts) <= count:
        start = position + _LENGTH.size
        if start > len(raw):
            raise InvalidInput("the bytes end inside the length of an element")
        position = start + _LENGTH.unpack_from(raw, position)[0]
        if position > len(raw):
            raise InvalidInput("the bytes end inside an element")
        texts.append(_as_text(raw[start:position]))
    if len(texts) != count:
        raise InvalidInput(f"expected {count} elements, received {'more' if len(texts) > count else len(texts)}")
    return texts


def _as_text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise InvalidInput("expected text in UTF-8") from error


def _as_bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value


def _filled(texts: list[str], shape: tuple[int, ...]) -> Array:
    array = np.empty(len(texts), object)
    array[:] = texts
    return array.reshape(shape)
