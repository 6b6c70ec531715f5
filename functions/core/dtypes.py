"""Element types: the reference system's names in signatures, the protocol's names on the wire.

Raw layout is the Open Inference Protocol's: little-endian, row-major; BYTES elements are preceded by their length as a
4-byte little-endian unsigned integer; BOOL is one byte. NumPy is not used, so that a function that validates tensors
starts quickly.
"""

import enum
import math
import struct
import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, cast

import msgspec

LENGTH = struct.Struct("<I")


class Kind(enum.Enum):
    FLOAT = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    STRING = "string"


class Layout(NamedTuple):
    datatype: str  # the protocol's name
    kind: Kind
    code: str  # struct format of one element
    size: int  # bytes of one element; 0 for strings


class DType(enum.StrEnum):
    """Members are the reference system's names; `layout` says how elements lie in memory."""

    FLOAT = "DT_FLOAT"
    DOUBLE = "DT_DOUBLE"
    HALF = "DT_HALF"
    INT8 = "DT_INT8"
    INT16 = "DT_INT16"
    INT32 = "DT_INT32"
    INT64 = "DT_INT64"
    UINT8 = "DT_UINT8"
    UINT16 = "DT_UINT16"
    UINT32 = "DT_UINT32"
    UINT64 = "DT_UINT64"
    BOOL = "DT_BOOL"
    STRING = "DT_STRING"

    @property
    def layout(self) -> Layout:
        return LAYOUTS[self]

    @property
    def datatype(self) -> str:
        return LAYOUTS[self].datatype


LAYOUTS = {
    DType.FLOAT: Layout("FP32", Kind.FLOAT, "f", 4),
    DType.DOUBLE: Layout("FP64", Kind.FLOAT, "d", 8),
    DType.HALF: Layout("FP16", Kind.FLOAT, "e", 2),
    DType.INT8: Layout("INT8", Kind.INTEGER, "b", 1),
    DType.INT16: Layout("INT16", Kind.INTEGER, "h", 2),
    DType.INT32: Layout("INT32", Kind.INTEGER, "i", 4),
    DType.INT64: Layout("INT64", Kind.INTEGER, "q", 8),
    DType.UINT8: Layout("UINT8", Kind.INTEGER, "B", 1),
    DType.UINT16: Layout("UINT16", Kind.INTEGER, "H", 2),
    DType.UINT32: Layout("UINT32", Kind.INTEGER, "I", 4),
    DType.UINT64: Layout("UINT64", Kind.INTEGER, "Q", 8),
    DType.BOOL: Layout("BOOL", Kind.BOOLEAN, "?", 1),
    DType.STRING: Layout("BYTES", Kind.STRING, "s", 0),
}
BY_DATATYPE = {layout.datatype: dtype for dtype, layout in LAYOUTS.items()}
ALIASES = {
    "float": DType.DOUBLE,  # the reference SDK's meaning: Python's float
    "int": DType.INT64,
    "str": DType.STRING,
    "boolean": DType.BOOL,
    "float16": DType.HALF,
    "float32": DType.FLOAT,
    "float64": DType.DOUBLE,
}


def dtype_named(name: str) -> DType | None:
    """The type for `DT_DOUBLE`, `double`, `FP64` or an alias such as `float64`; None when nobody knows it."""
    lowered = name.lower().removeprefix("dt_")
    if lowered in ALIASES and not name.startswith("DT_"):
        return ALIASES[lowered]
    by_name = {dtype.name.lower(): dtype for dtype in DType}
    return by_name.get(lowered) or BY_DATATYPE.get(name.upper())


def encode(dtype: DType, elements: Sequence[object]) -> bytes:
    """Raw bytes of `elements`. Raises TypeError for an element of another kind, OverflowError for one out of range."""
    kind = dtype.layout.kind
    try:
        checked = _checked(kind, elements)
    except TypeError:
        if kind is not Kind.FLOAT:
            raise
        checked = [_number(element) for element in elements]
    return pack(dtype, checked)


def pack(dtype: DType, elements: Sequence[object]) -> bytes:
    """The same of `elements` that are known to be of the kind; for either kind of numbers they may be of the other.

    Raises TypeError for a float that should be an integer, OverflowError.
    """
    layout = dtype.layout
    if layout.kind is Kind.FLOAT:
        return _pack_floats(layout.code, elements)
    if layout.kind is Kind.STRING:
        return join_bytes(map(_utf8, elements))
    if layout.kind is Kind.BOOLEAN:
        return bytes(elements)  # type: ignore[arg-type]
    return _array_bytes(layout.code, elements)


def decode(dtype: DType, raw: bytes) -> list[object]:
    """The elements of `raw`. Raises ValueError when the bytes are not whole elements of `dtype`."""
    layout = dtype.layout
    if layout.kind is Kind.STRING:
        return [item.decode() for item in split_bytes(raw)]
    if len(raw) % layout.size:
        raise ValueError(f"{len(raw)} bytes are not a whole number of {layout.datatype} elements")
    if layout.kind is Kind.BOOLEAN:
        return [byte != 0 for byte in raw]
    if layout.code == "e":
        return list(struct.unpack(f"<{len(raw) // 2}e", raw))
    values = array(layout.code)
    values.frombytes(raw)
    if sys.byteorder == "big":
        values.byteswap()
    return list(values)


def count(dtype: DType, raw: bytes) -> int:
    """How many elements `raw` holds. Raises ValueError as `decode` does."""
    if dtype.layout.kind is Kind.STRING:
        return sum(1 for _ in _lengths(raw))
    elements, rest = divmod(len(raw), dtype.layout.size)
    if rest:
        raise ValueError(f"{len(raw)} bytes are not a whole number of {dtype.datatype} elements")
    return elements


def check_text(dtype: DType, raw: bytes) -> None:
    """Raises ValueError when `dtype` holds strings and one of them is not UTF-8."""
    if dtype.layout.kind is Kind.STRING:
        for item in split_bytes(raw):
            item.decode()


def join_bytes(items: Iterable[bytes]) -> bytes:
    """The raw form of a BYTES tensor: each item behind its length."""
    return b"".join(LENGTH.pack(len(item)) + item for item in items)


def split_bytes(raw: bytes) -> list[bytes]:
    """The length-prefixed items of a BYTES tensor. Raises ValueError when a length runs past the end."""
    items, at = [], 0
    for length in _lengths(raw):
        at += 4 + length
        items.append(raw[at - length : at])
    return items


def _lengths(raw: bytes) -> Iterator[int]:
    at, end = 0, len(raw)
    while at < end:
        if end - at < 4:
            raise ValueError("BYTES data ends inside a length")
        (length,) = LENGTH.unpack_from(raw, at)
        at += 4 + length
        if at > end:
            raise ValueError(f"BYTES element of {length} bytes runs past the end of the data")
        yield length


# proto3's JSON spelling of what JSON numbers cannot say
NON_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
LISTS: dict[Kind, Any] = {
    Kind.FLOAT: list[float],
    Kind.INTEGER: list[int],
    Kind.BOOLEAN: list[bool],
    Kind.STRING: list[str],
}


def _checked(kind: Kind, elements: Sequence[object]) -> list[object]:
    """`elements`, when all are of the kind: no bool is a number, no float an integer. Raises TypeError.

    The gateway's hottest loop: msgspec takes a third of the time of a look at each element's type.
    """
    try:
        checked: list[object] = msgspec.convert(elements, LISTS[kind])
    except msgspec.ValidationError:
        raise TypeError(f"expected {kind.value} elements") from None
    return checked


def _utf8(element: object) -> bytes:
    try:
        return str(element).encode()
    except UnicodeEncodeError:
        raise TypeError("text with a lone surrogate is not UTF-8") from None


def _array_bytes(code: str, elements: Sequence[object]) -> bytes:
    values = array(code, cast("Sequence[float]", elements))
    if sys.byteorder == "big":
        values.byteswap()
    return values.tobytes()


def _pack_floats(code: str, elements: Sequence[object]) -> bytes:
    try:
        # array() is slower, and makes infinity of what is too large
        return struct.pack(f"<{len(elements)}{code}", *elements)
    except struct.error as error:  # said of an integer
        raise OverflowError(str(error)) from None


def _number(element: object) -> float:
    """Raises TypeError for what is no number, OverflowError for an integer too large for any float."""
    if isinstance(element, str) and element in NON_FINITE:
        return NON_FINITE[element]
    if isinstance(element, int | float) and not isinstance(element, bool):
        return float(element)
    raise TypeError(f"{element!r} is not a number")
