"""The reference system's gRPC predictions: its protobuf messages to and from core types, in pairs.

Its tensors hold their elements in one typed list per family, row-major; the small integers share one list, and a half
is the number that its 16 bits make. A shape without dims is a scalar; the published client also leaves the dims of a
list away when the signature says "any shape", so a list of another length than one is read as such. Maps are taken
apart and put together in wire_legacy_maps.py.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from functions.adapters.pb import legacy_gateway_pb2 as pb
from functions.adapters.wire import parse
from functions.adapters.wire_legacy_maps import MapReader, to_tensors
from functions.core import dtypes
from functions.core.budget import Budget
from functions.core.dtypes import DType
from functions.core.errors import Problem
from functions.core.flatten import NotATensor, encode_elements
from functions.core.given import Given, given_raw
from functions.core.inference import NamedCall
from functions.core.place import escape, place
from functions.core.signature import Field
from functions.core.tensor import Tensor

SMALL, SMALL_UNSIGNED = ("int_val",), ("int_val", "uint32_val")
# The list that is written, then what else is read
LISTS: dict[DType, Sequence[str]] = {
    DType.FLOAT: ("float_val",),
    DType.DOUBLE: ("double_val",),
    DType.HALF: ("half_val",),
    DType.INT8: SMALL,
    DType.INT16: SMALL,
    DType.INT32: SMALL,
    DType.INT64: ("int64_val",),
    DType.UINT8: SMALL_UNSIGNED,
    DType.UINT16: SMALL_UNSIGNED,
    DType.UINT32: ("uint32_val",),
    DType.UINT64: ("uint64_val",),
    DType.BOOL: ("bool_val",),
    DType.STRING: ("string_val",),
}
LEGACY_NAMES = {number: name for name, number in pb.DataType.items()}


def from_predict_request(raw: bytes, budget: Budget | None = None) -> NamedCall:
    """Raises InvalidRequest for what is no request, PayloadTooLarge for more elements than `budget` has; tensors that
    cannot be read are marked, not raised."""
    message = parse(pb.GatewayPredictRequest, raw)
    found = _read_all(message.data, budget or Budget())
    return NamedCall(message.name, tuple(found.leaves), found.maps)


def to_predict_request(name: str, fields: Iterable[Field], inputs: Mapping[str, Tensor]) -> bytes:
    """`inputs` are the leaves of `fields`."""
    return pb.GatewayPredictRequest(name=name, data=to_tensors(fields, inputs, to_tensor)).SerializeToString()


def to_predict_answer(fields: Iterable[Field], outputs: Mapping[str, Tensor]) -> bytes:
    """`outputs` are the leaves of `fields`; what is not there is left out."""
    return pb.PredictResponse(outputs=to_tensors(fields, outputs, to_tensor)).SerializeToString()


def from_predict_answer(raw: bytes) -> tuple[Given, ...]:
    """Raises InvalidRequest for what is no answer."""
    return tuple(_read_all(parse(pb.PredictResponse, raw).outputs, Budget()).leaves)


def _read_all(data: Mapping[str, pb.Tensor], budget: Budget) -> MapReader:
    """Raises PayloadTooLarge."""
    budget.check_tensors("inputs", len(data))
    reader = MapReader(lambda name, message, pointer: from_tensor(name, message, budget, pointer), budget)
    for name, tensor in data.items():
        reader.read(name, tensor, f"/data/{escape(name)}")
    return reader


def to_tensor(tensor: Tensor) -> pb.Tensor:
    message = pb.Tensor(dtype=tensor.dtype.value, tensor_shape=pb.TensorShape(dims=tensor.shape))
    elements = getattr(message, LISTS[tensor.dtype][0])
    if tensor.dtype is DType.HALF:
        elements.extend(struct.unpack(f"<{len(tensor.data) // 2}H", tensor.data))
    elif tensor.dtype is DType.STRING:
        elements.extend(dtypes.split_bytes(tensor.data))
    else:
        elements.extend(tensor.elements())
    return message


def from_tensor(name: str, message: pb.Tensor, budget: Budget, pointer: str) -> Given:
    """The tensor, or why it cannot be read. Raises PayloadTooLarge."""
    said = LEGACY_NAMES.get(message.dtype, f"number {message.dtype}")
    dtype = next((known for known in LISTS if known.value == said), None)
    if dtype is None:
        return _refused(name, f"{pointer}/dtype", f"one of {', '.join(known.value for known in LISTS)}", said)
    filled = {field.name for field, _ in message.ListFields() if field.name.endswith("_val")}
    if others := filled - set(LISTS[dtype]):
        return _refused(name, pointer, f"{LISTS[dtype][0]} for {said}", ", ".join(sorted(others)))
    budget.take(sum(len(getattr(message, field)) for field in LISTS[dtype]))
    # a slice copies the list at once; iterating over it takes ten times as long
    elements = list(chain.from_iterable(getattr(message, field)[:] for field in LISTS[dtype]))
    try:
        raw = _raw(dtype, elements, f"{pointer}/{LISTS[dtype][0]}")
    except NotATensor as error:
        return Given(name, None, tuple(error.problems), dtype)
    shape = tuple(message.tensor_shape.dims)
    if not shape and len(elements) != 1:
        shape = (len(elements),)
    return given_raw(name, dtype.datatype, shape, raw, pointer, Budget(len(elements)))


def _raw(dtype: DType, elements: list[Any], pointer: str) -> bytes:
    """Raises NotATensor naming the elements that are out of the type's range."""
    if dtype is DType.STRING:
        return dtypes.join_bytes(elements)
    if dtype is DType.HALF:  # 16 bits as a number are what UINT16 says
        return encode_elements(DType.UINT16, elements, (len(elements),), place(pointer))
    return encode_elements(dtype, elements, (len(elements),), place(pointer))


def _refused(name: str, pointer: str, expected: str, received: str) -> Given:
    return Given(name, None, (Problem(pointer, expected, received),))
