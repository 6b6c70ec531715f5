"""The protocol as bytes on the wire: field numbers and types pinned by hand-made messages, both ways.

The expected bytes are written from the published definition with the few rules of the protobuf encoding below, not by
the generated code, so that a changed number in proto/ does not pass unseen.
"""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.adapters import wire, wire_models
from functions.adapters.pb import open_inference_pb2 as pb
from functions.core.dtypes import DType
from functions.core.errors import InvalidRequest
from functions.core.inference import (
    InferAnswer,
    InferRequest,
    ModelDescription,
    ModelName,
    ModelState,
    Readiness,
    ServerDescription,
)
from functions.core.signature import Field, Shape
from functions.core.tensor import Tensor, from_json
from tests.unit.core.tensors import tensors


def varint(value: int) -> bytes:
    value &= 2**64 - 1
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def part(number: int, content: bytes | str) -> bytes:
    """A length-delimited field: string, bytes, message or packed numbers."""
    raw = content.encode() if isinstance(content, str) else content
    return varint(number << 3 | 2) + varint(len(raw)) + raw


def flag(number: int) -> bytes:
    return varint(number << 3) + b"\1"


def packed(number: int, *values: int) -> bytes:
    return part(number, b"".join(map(varint, values)))


TWO = struct.pack("<2d", 1.5, -2)
TENSOR = part(1, "x") + part(2, "FP64") + packed(3, 2)
VALUE = Tensor(DType.DOUBLE, (2,), TWO)


def test_an_infer_request() -> None:
    golden = part(1, "m") + part(2, "3") + part(3, "id") + part(5, TENSOR) + part(6, part(1, "y")) + part(7, TWO)
    request = InferRequest(model="m", version="3", id="id", inputs=wire.tensors_of({"x": VALUE}), outputs=("y",))
    assert wire.from_infer_request(golden) == request
    assert wire.to_infer_request(request) == golden


def test_an_infer_answer() -> None:
    golden = part(1, "m") + part(2, "3") + part(3, "id") + part(5, TENSOR) + part(6, TWO)
    answer = InferAnswer(model="m", version="3", id="id", outputs={"x": VALUE})
    assert wire.to_infer_answer(answer) == golden
    assert wire.from_infer_answer(golden) == answer


TYPED = [
    ("BOOL", packed(1, 1, 0), DType.BOOL, [True, False]),
    ("INT8", packed(2, -1, 2), DType.INT8, [-1, 2]),
    ("INT16", packed(2, -1, 2), DType.INT16, [-1, 2]),
    ("INT32", packed(2, -1, 2), DType.INT32, [-1, 2]),
    ("INT64", packed(3, -1, 2**62), DType.INT64, [-1, 2**62]),
    ("UINT8", packed(4, 255, 0), DType.UINT8, [255, 0]),
    ("UINT16", packed(4, 65535, 0), DType.UINT16, [65535, 0]),
    ("UINT32", packed(4, 2**32 - 1, 0), DType.UINT32, [2**32 - 1, 0]),
    ("UINT64", packed(5, 2**64 - 1, 0), DType.UINT64, [2**64 - 1, 0]),
    ("FP32", part(6, struct.pack("<2f", 0.5, -1)), DType.FLOAT, [0.5, -1]),
    ("FP64", part(7, struct.pack("<2d", 0.1, -1)), DType.DOUBLE, [0.1, -1]),
    ("BYTES", part(8, "ü") + part(8, ""), DType.STRING, ["ü", ""]),
]


@pytest.mark.parametrize(("datatype", "contents", "dtype", "values"), TYPED)
def test_typed_contents_are_read(datatype: str, contents: bytes, dtype: DType, values: list[object]) -> None:
    tensor = part(1, "x") + part(2, datatype) + packed(3, -1) + part(5, contents)
    (given_back,) = wire.from_infer_request(part(1, "m") + part(5, tensor)).inputs
    assert given_back.tensor == from_json(dtype, values, "")
    assert wire.from_infer_answer(part(5, tensor)).outputs["x"].elements() == values


@pytest.mark.parametrize(
    ("tensor", "raw", "pointer"),
    [
        (part(2, "FP64") + packed(3, 1) + part(5, part(6, b"\0" * 4)), b"", "/inputs/0/contents"),
        (part(2, "FP16") + packed(3, 1) + part(5, part(6, b"\0" * 4)), b"", "/inputs/0/contents"),
        (part(2, "INT8") + packed(3, 1) + part(5, packed(2, 300)), b"", "/inputs/0/contents/int_contents/0"),
        (part(2, "FP64") + packed(3, 1) + part(5, part(7, b"\0" * 8)), part(7, b"\0" * 8), "/inputs/0/contents"),
        (part(2, "FP64") + packed(3, 2) + part(5, part(7, b"\0" * 8)), b"", "/inputs/0/data"),
        (part(2, "BF16") + packed(3, 1), part(7, b"\0\0"), "/inputs/0/datatype"),
        (part(2, "FP64") + packed(3, -1, -1), part(7, b"\0" * 8), "/inputs/0/shape"),
    ],
)
def test_a_tensor_that_cannot_be_read_is_marked(tensor: bytes, raw: bytes, pointer: str) -> None:
    (marked,) = wire.from_infer_request(part(5, part(1, "x") + tensor) + raw).inputs
    assert marked.tensor is None
    assert [problem.pointer for problem in marked.problems] == [pointer]


@pytest.mark.parametrize("raw", [b"\xff", part(5, TENSOR) + part(7, TWO) + part(7, TWO), part(7, TWO)])
def test_what_is_no_request_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidRequest):
        wire.from_infer_request(raw)


def test_servers_and_models() -> None:
    server = ServerDescription(name="n", version="1", extensions=("a", "b"))
    assert wire_models.to_server(server) == part(1, "n") + part(2, "1") + part(3, "a") + part(3, "b")
    fields = (Field("x", DType.INT8, Shape((-1, 2))),)
    model = ModelDescription(name="m", versions=("1",), platform="p", inputs=fields, outputs=(Field("y", DType.BOOL),))
    golden = part(1, "m") + part(2, "1") + part(3, "p")
    golden += part(4, part(1, "x") + part(2, "INT8") + packed(3, -1, 2))
    golden += part(5, part(1, "y") + part(2, "BOOL") + packed(3, -1))
    assert wire_models.to_metadata(model) == golden
    state = ModelState(name="m", version="1", state="READY", reason="r")
    line = part(1, "m") + part(2, "1") + part(3, "READY") + part(4, "r")
    assert wire_models.to_index([state, state]) == part(1, line) + part(1, line)
    assert wire_models.to_model_ready(Readiness(name="m", ready=True)) == flag(1)
    assert wire_models.from_model_name(part(1, "m") + part(2, "3")) == ModelName("m", "3")
    assert wire_models.from_index_request(part(1, "") + flag(2)) is True


def test_the_service_has_the_protocols_methods() -> None:
    service = pb.DESCRIPTOR.services_by_name["GRPCInferenceService"]
    assert service.full_name == "inference.GRPCInferenceService"
    assert set(wire_models.build_codecs(1000)) == {method.name for method in service.methods}


@given(given_tensors=st.dictionaries(st.text(min_size=1, max_size=4), tensors(), max_size=3))
def test_tensors_survive_both_pairs(given_tensors: dict[str, Tensor]) -> None:
    request = InferRequest(model="m", inputs=wire.tensors_of(given_tensors))
    assert wire.from_infer_request(wire.to_infer_request(request)) == request
    answer = InferAnswer(model="m", version="1", outputs=given_tensors)
    assert wire.from_infer_answer(wire.to_infer_answer(answer)) == answer
