"""The element types a signature may name, and how each one looks in numpy and on the wire."""

from dataclasses import dataclass
from enum import Enum

import numpy as np


class DType(Enum):
    """Names as the signature spells them."""

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

    # Members are one of a kind; the enum's own hash is of the name, in Python, with every look-up
    __hash__ = object.__hash__


@dataclass(frozen=True, slots=True)
class Layout:
    """The protocol's datatype, the numpy type of the raw bytes (little-endian), and the typed `contents` list."""

    wire: str
    numpy: np.dtype[np.generic]
    contents: str | None


def _layout(wire: str, numpy: str, contents: str | None) -> Layout:
    return Layout(wire, np.dtype(numpy), contents)


LAYOUTS: dict[DType, Layout] = {
    DType.FLOAT: _layout("FP32", "<f4", "fp32_contents"),
    DType.DOUBLE: _layout("FP64", "<f8", "fp64_contents"),
    DType.HALF: _layout("FP16", "<f2", None),  # the protocol carries half precision as raw bytes only
    DType.INT8: _layout("INT8", "<i1", "int_contents"),
    DType.INT16: _layout("INT16", "<i2", "int_contents"),
    DType.INT32: _layout("INT32", "<i4", "int_contents"),
    DType.INT64: _layout("INT64", "<i8", "int64_contents"),
    DType.UINT8: _layout("UINT8", "<u1", "uint_contents"),
    DType.UINT16: _layout("UINT16", "<u2", "uint_contents"),
    DType.UINT32: _layout("UINT32", "<u4", "uint_contents"),
    DType.UINT64: _layout("UINT64", "<u8", "uint64_contents"),
    DType.BOOL: _layout("BOOL", "?", "bool_contents"),
    DType.STRING: _layout("BYTES", "O", "bytes_contents"),
}
