"""The reference system's tensors: the same after a round trip, and a sentence for each that cannot be read."""

import math
import struct

import pytest
from hypothesis import given

from functions.adapters.pb import legacy_gateway_pb2 as pb
from functions.adapters.wire_legacy import (
    LISTS,
    from_predict_answer,
    from_predict_request,
    to_predict_answer,
    to_predict_request,
    to_tensor,
)
from functions.core.dtypes import DType, encode
from functions.core.errors import InvalidRequest
from functions.core.given import Given
from functions.core.signature import Field
from functions.core.tensor import Tensor
from tests.unit.core.tensors import tensors

NAMES = "DT_INVALID DT_COMPLEX64 DT_COMPLEX128 DT_QINT8 DT_QINT16 DT_QINT32 DT_QUINT8 DT_QUINT16 DT_ANY".split()


def message(dtype: str, dims: tuple[int, ...] = (), **lists: list[object]) -> pb.Tensor:
    return pb.Tensor(dtype=dtype, tensor_shape=pb.TensorShape(dims=dims), **lists)  # type: ignore[arg-type]


def given_as(name: str, sent: pb.Tensor) -> Given:
    [one] = from_predict_request(pb.GatewayPredictRequest(data={name: sent}).SerializeToString()).inputs
    return one


def read(sent: pb.Tensor) -> Tensor:
    one = given_as("x", sent)
    assert one.tensor is not None, one.problems
    return one.tensor


@given(tensors())
def test_g04_every_tensor_of_the_legacy_protocol_survives_a_round_trip(tensor: Tensor) -> None:
    fields = [Field("x", tensor.dtype)]
    called = from_predict_request(to_predict_request("blobs", fields, {"x": tensor}))
    assert (called.name, [one.name for one in called.inputs]) == ("blobs", ["x"])
    [answered] = from_predict_answer(to_predict_answer(fields, {"x": tensor}))
    assert called.inputs[0].tensor == answered.tensor == tensor


def test_what_is_not_a_number_and_minus_zero_survive() -> None:
    for dtype in (DType.HALF, DType.FLOAT, DType.DOUBLE):
        raw = encode(dtype, [math.nan, math.inf, -math.inf, -0.0])
        assert read(to_tensor(Tensor(dtype, (4,), raw))).data == raw


@pytest.mark.parametrize(
    ("dtype", "list_name"),
    [
        ("DT_INT8", "int_val"),
        ("DT_INT16", "int_val"),
        ("DT_INT32", "int_val"),
        ("DT_UINT8", "int_val"),
        ("DT_UINT16", "int_val"),
        ("DT_UINT32", "uint32_val"),
        ("DT_UINT64", "uint64_val"),
        ("DT_HALF", "half_val"),
        ("DT_STRING", "string_val"),
    ],
)
def test_elements_lie_in_the_list_that_the_published_client_reads(dtype: str, list_name: str) -> None:
    element = "7" if dtype == "DT_STRING" else 7
    sent = to_tensor(Tensor(DType(dtype), (1,), encode(DType(dtype), [element])))
    assert [field.name for field, _ in sent.ListFields()] == ["dtype", "tensor_shape", list_name]


def test_a_half_travels_as_the_number_of_its_bits() -> None:
    sent = to_tensor(Tensor(DType.HALF, (), struct.pack("<e", 1.5)))
    assert list(sent.half_val) == [0x3E00]
    assert read(message("DT_HALF", half_val=[0x3E00])).elements() == [1.5]


def test_small_unsigned_numbers_are_read_from_either_list() -> None:
    for name in LISTS[DType.UINT8]:
        assert read(message("DT_UINT8", (2,), **{name: [0, 255]})).elements() == [0, 255]


def test_one_free_dimension_is_worked_out_and_a_list_without_dims_is_a_list() -> None:
    assert read(message("DT_INT64", (-1, 2), int64_val=[1, 2, 3, 4])).shape == (2, 2)
    assert read(message("DT_INT64", int64_val=[1, 2, 3])).shape == (3,)
    assert read(message("DT_INT64", int64_val=[1])).shape == ()


@pytest.mark.parametrize(
    ("sent", "pointer", "expected", "received"),
    [
        (message("DT_INT8", int_val=[1, 128]), "/data/x/int_val/1", "DT_INT8", "128, out of range"),
        (message("DT_UINT8", int_val=[-1]), "/data/x/int_val/0", "DT_UINT8", "-1, out of range"),
        (message("DT_UINT16", int_val=[65536]), "/data/x/int_val/0", "DT_UINT16", "65536, out"),
        (message("DT_HALF", half_val=[65536]), "/data/x/half_val/0", "DT_UINT16", "65536, out"),
        (message("DT_DOUBLE", float_val=[1.0]), "/data/x", "double_val for DT_DOUBLE", "float_val"),
        (message("DT_DOUBLE", binary_val=b"12345678"), "/data/x", "double_val for DT_DOUBLE", "binary_val"),
        (message("DT_DOUBLE", (3,), double_val=[1.0]), "/data/x/data", "shape [3]", "1 elements"),
        (message("DT_DOUBLE", (-1, -1), double_val=[1.0]), "/data/x/shape", "at most one of them -1", "[-1, -1]"),
        (message("DT_STRING", string_val=[b"\xff"]), "/data/x/data", "BYTES data", "utf-8"),
        (pb.Tensor(dtype=99), "/data/x/dtype", "DT_FLOAT", "number 99"),  # type: ignore[arg-type]
        (message("DT_DOUBLE", map_val=[pb.MapTensorData()]), "/data/x", "double_val for DT_DOUBLE", "map_val"),
    ],
)
def test_g04_what_cannot_be_read_names_field_expected_and_received(
    sent: pb.Tensor, pointer: str, expected: str, received: str
) -> None:
    one = given_as("x", sent)
    assert one.tensor is None
    [problem] = one.problems
    assert problem.pointer == pointer
    assert expected in problem.expected
    assert received in problem.received


@pytest.mark.parametrize("name", NAMES)
def test_types_that_nobody_serves_are_refused_by_name(name: str) -> None:
    [problem] = given_as("x", pb.Tensor(dtype=name)).problems
    assert (problem.pointer, problem.received) == ("/data/x/dtype", name)


def test_a_pointer_escapes_the_name() -> None:
    [problem] = given_as("a/b", pb.Tensor(dtype="DT_ANY")).problems
    assert problem.pointer == "/data/a~1b/dtype"


def test_bytes_that_are_no_message_are_refused() -> None:
    for read_bytes in (from_predict_request, from_predict_answer):
        with pytest.raises(InvalidRequest):
            read_bytes(b"\xff\xff\xff")
