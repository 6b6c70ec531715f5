"""What values mean, the same at every door: plain JSON, the protocol's JSON and binary data, gRPC typed and raw."""

import json
import math
import struct
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.adapters.pb import open_inference_pb2 as pb
from functions.adapters.wire import TYPED
from functions.adapters.wire_models import build_codecs
from functions.core.dtypes import DType, decode, encode
from functions.core.errors import PayloadTooLarge, SignatureViolation
from functions.core.signature import Field
from functions.gateway.infer import infer
from tests.unit.core.tensors import elements, spelled
from tests.unit.gateway.http_client import HttpGateway
from tests.unit.gateway.worlds import OPTIONS, World, field, signature

INFER = "/v2/models/app/infer"


class Doors:
    """An application that answers with its one input `v`, which each door sends in its own way."""

    def __init__(self, one: Field, **limits: int) -> None:
        self.world = World(**limits)
        self.dtype = one.dtype or DType.DOUBLE
        self.world.application("app", [(self.world.servable("echo", 1, dict, signature([one], [one])), 100)])
        self.http = HttpGateway(self.world)
        self.codec = build_codecs(self.world.ports.max_elements)["ModelInfer"]

    def plain(self, values: list[Any]) -> list[Any]:
        return self._read(self.http.post("/gateway/application/app", {"v": values}))["v"]

    def rest(self, values: list[Any]) -> list[Any]:
        answer = self.http.post(INFER, {"inputs": [self._head(values) | {"data": values}]})
        return self._read(answer)["outputs"][0]["data"]

    def binary(self, values: list[Any]) -> list[Any]:
        raw = encode(self.dtype, values)
        head = self._head(values) | {"parameters": {"binary_data_size": len(raw)}}
        header = json.dumps({"inputs": [head], "parameters": {"binary_data_output": True}}).encode()
        answer = self.http.post(INFER, header + raw, {"Inference-Header-Content-Length": str(len(header))})
        if answer.status_code != 200:
            return self._read(answer)
        return decode(self.dtype, answer.body[int(answer.headers["Inference-Header-Content-Length"]) :])

    def typed(self, values: list[Any]) -> list[Any]:
        request = pb.ModelInferRequest(model_name="app", inputs=[self._head(values)])
        sent = [value.encode() if isinstance(value, str) else value for value in values]
        getattr(request.inputs[0].contents, TYPED[self.dtype.datatype]).extend(sent)
        return self._infer(request)

    def raw(self, values: list[Any]) -> list[Any]:
        request = pb.ModelInferRequest(model_name="app", inputs=[self._head(values)])
        request.raw_input_contents.append(encode(self.dtype, values))
        return self._infer(request)

    def _head(self, values: list[Any]) -> dict[str, Any]:
        return {"name": "v", "datatype": self.dtype.datatype, "shape": [len(values)]}

    def _infer(self, request: pb.ModelInferRequest) -> list[Any]:
        answer = infer(self.world.ports, self.codec.read(request.SerializeToString()), OPTIONS)
        message = pb.ModelInferResponse.FromString(self.codec.write(answer))
        return decode(self.dtype, message.raw_output_contents[0])

    def _read(self, answer: Any) -> Any:
        """The answer's body; its refusal as the error that it was."""
        if answer.status_code == 413:
            raise PayloadTooLarge(answer.json_body["detail"])
        if answer.status_code == 400:
            raise SignatureViolation(json.dumps(answer.json_body["errors"]))
        assert answer.status_code == 200, answer.body
        return answer.json_body


Door = Callable[[Doors, list[Any]], list[Any]]
JSON_DOORS: list[Door] = [Doors.plain, Doors.rest]
BYTE_DOORS: list[Door] = [Doors.binary, Doors.raw]
GRPC_DOORS: list[Door] = [Doors.typed, Doors.raw]
EVERY = [*JSON_DOORS, Doors.binary, *GRPC_DOORS]
EVERYWHERE = pytest.mark.parametrize("door", EVERY, ids=lambda door: door.__name__)
LISTS = {dtype: Doors(field("v", dtype, [-1])) for dtype in DType}


def bits(dtype: DType, values: list[Any]) -> bytes:
    """By their bytes -0.0 differs from 0.0, and NaN equals itself."""
    return encode(dtype, values)


@EVERYWHERE
@pytest.mark.parametrize("dtype", DType)
@settings(max_examples=10)
@given(data=st.data())
def test_g05_every_value_of_every_type_passes_every_door(door: Door, dtype: DType, data: st.DataObject) -> None:
    if door is Doors.typed and dtype.datatype not in TYPED:
        return  # the protocol has no typed contents for half floats
    values = data.draw(st.lists(elements(dtype), max_size=4))
    sent = spelled(values) if door in JSON_DOORS else values
    assert bits(dtype, door(LISTS[dtype], sent)) == bits(dtype, values)


@EVERYWHERE
@pytest.mark.parametrize("dtype", [DType.HALF, DType.FLOAT, DType.DOUBLE])
def test_g05_what_is_not_finite_passes_and_zero_keeps_its_sign(door: Door, dtype: DType) -> None:
    if door is Doors.typed and dtype is DType.HALF:
        return
    values = [math.nan, math.inf, -math.inf, -0.0]
    sent = ["NaN", "Infinity", "-Infinity", -0.0] if door in JSON_DOORS else values
    assert bits(dtype, door(LISTS[dtype], sent)) == bits(dtype, values)


@pytest.mark.parametrize("door", JSON_DOORS, ids=lambda door: door.__name__)
@pytest.mark.parametrize(
    ("dtype", "value", "received"),
    [
        (DType.INT8, 128, "integer 128, out of range"),
        (DType.UINT8, -1, "integer -1, out of range"),
        (DType.INT64, 2**63, f"integer {2**63}, out of range"),
        (DType.UINT64, 2**64, f"integer {2**64}, out of range"),
        (DType.INT32, 1.0, "number 1.0"),
        (DType.INT32, True, "boolean true"),
        (DType.INT32, "1", "string '1'"),
        (DType.BOOL, 1, "integer 1"),
        (DType.BOOL, "true", "string 'true'"),
        (DType.DOUBLE, False, "boolean false"),
        (DType.DOUBLE, "nan", "string 'nan'"),
        (DType.DOUBLE, 10**400, "integer of 1329 bits, out of range"),
        (DType.FLOAT, 3.5e38, "number 3.5e+38, out of range"),
        (DType.HALF, 65520, "integer 65520, out of range"),
        (DType.STRING, 1, "integer 1"),
        (DType.STRING, None, "null"),
    ],
)
def test_g05_nothing_is_converted_behind_the_caller_s_back(
    door: Door, dtype: DType, value: object, received: str
) -> None:
    good = {"DT_STRING": "a", "DT_BOOL": True}.get(dtype, 0)
    with pytest.raises(SignatureViolation) as caught:
        door(LISTS[dtype], [good, value])
    (problem,) = json.loads(caught.value.detail)
    assert problem["pointer"] == ("/v/1" if door is Doors.plain else "/inputs/0/data/1")
    assert problem["received"] == received


def test_g05_typed_integers_out_of_range_are_pointed_at() -> None:
    for dtype, kind, value in ((DType.INT8, "int", -129), (DType.UINT16, "uint", 65536)):
        with pytest.raises(SignatureViolation) as caught:
            Doors.typed(LISTS[dtype], [0, 1, value])
        (problem,) = caught.value.problems
        assert problem.pointer == f"/inputs/0/contents/{kind}_contents/2"
        assert problem.received == f"integer {value}, out of range"


def test_g05_half_floats_have_no_typed_contents() -> None:
    request = pb.ModelInferRequest(model_name="app")
    request.inputs.add(name="v", datatype="FP16", shape=[1]).contents.fp32_contents.append(1)
    with pytest.raises(SignatureViolation, match="raw contents for FP16"):
        LISTS[DType.HALF]._infer(request)


def test_g05_any_byte_but_0_is_true() -> None:
    request = pb.ModelInferRequest(model_name="app", raw_input_contents=[b"\0\1\2\xff"])
    request.inputs.add(name="v", datatype="BOOL", shape=[4])
    assert LISTS[DType.BOOL]._infer(request) == [False, True, True, True]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"v": [NaN]}', 400),
        (b'{"v": [1e999]}', 400),
        (b'{"v": [' + b"1" * 5000 + b"]}", 400),
        (b'{"v": ["\\ud800"]}', 400),
        (b'{"v": ["\xff"]}', 400),
        (b'{"v": [1], "v": [2]}', 200),
    ],
)
def test_g05_json_that_no_value_can_be_read_from_is_refused_and_the_last_of_equal_keys_counts(
    body: bytes, status: int
) -> None:
    answer = LISTS[DType.DOUBLE].http.post("/gateway/application/app", body)
    assert answer.status_code == status
    if status == 200:
        assert answer.json_body == {"v": [2.0]}
    else:
        assert answer.json_body["errors"][0]["pointer"] == ""


@pytest.mark.parametrize("door", [*JSON_DOORS, Doors.typed], ids=lambda door: door.__name__)
def test_the_limit_of_elements_holds_to_the_element(door: Door) -> None:
    doors = Doors(field("v", DType.INT8, [-1]), max_elements=4)
    assert door(doors, [1] * 4) == [1] * 4
    with pytest.raises(PayloadTooLarge, match="at most 4"):
        door(doors, [1] * 5)
    assert len(doors.world.client) == 1


@pytest.mark.parametrize("door", EVERY, ids=lambda door: door.__name__)
def test_texts_count_at_every_door_and_numbers_in_bytes_at_none(door: Door) -> None:
    doors = Doors(field("v", DType.STRING, [-1]), max_elements=4)
    assert door(doors, ["a"] * 4) == ["a"] * 4
    with pytest.raises(PayloadTooLarge, match="at most 4"):
        door(doors, ["a"] * 5)
    if door in BYTE_DOORS:
        assert door(Doors(field("v", DType.DOUBLE, [-1]), max_elements=4), [1.0] * 5) == [1.0] * 5


def test_elements_of_all_inputs_count_together() -> None:
    world = World(max_elements=4)
    both = [field("v", DType.INT8, [-1]), field("w", DType.INT8, [-1])]
    world.application("app", [(world.servable("echo", 1, dict, signature(both, both)), 100)])
    http = HttpGateway(world)
    for size, status in ((2, 200), (3, 413)):
        assert http.post("/gateway/application/app", {"v": [1, 2], "w": [1] * size}).status_code == status


@pytest.mark.parametrize("door", [Doors.plain, Doors.rest], ids=lambda door: door.__name__)
def test_g07_the_depth_is_limited(door: Door) -> None:
    doors = Doors(field("v", DType.INT8, None))
    for depth, fits in ((16, True), (17, False)):
        value: Any = 1
        for _ in range(depth - 1):
            value = [value]
        shape = {"inputs": [{"name": "v", "datatype": "INT8", "shape": [1] * depth, "data": [1]}]}
        plain = door is Doors.plain
        answer = doors.http.post("/gateway/application/app" if plain else INFER, {"v": [value]} if plain else shape)
        assert (answer.status_code == 200) is fits


@pytest.mark.parametrize(
    ("dims", "value", "fits"),
    [
        ([-1, 2], [], True),
        ([-1, 2], [[]], False),
        ([2, -1], [[], []], True),
        ([2, -1, 3], [[], []], True),
        ([3, -1], [], False),
        ([-1, -1], [[1, 2], [3]], False),
        ([-1, -1], [[1, 2], [3, 4]], True),
        ([-1, 3, 2], [1, 2, 3, 4, 5, 6], False),
        ([], [1], False),
        ([1], 1, False),
    ],
)
def test_g07_nested_lists_say_the_shape_and_empty_ones_leave_it_to_the_signature(
    dims: list[int], value: Any, fits: bool
) -> None:
    doors = Doors(field("v", DType.INT8, dims))
    answer = doors.http.post("/gateway/application/app", {"v": value})
    assert answer.status_code == (200 if fits else 400)
    if fits and value == []:
        assert doors.world.client.asked[0].inputs["v"].shape == (0, 2)


@pytest.mark.parametrize(
    ("shape", "count", "resolved"),
    [([-1, 3, 2], 12, [2, 3, 2]), ([2, 3, -1], 12, [2, 3, 2]), ([-1, 3, 3], 10, None), ([-1, -1, 2], 12, None)],
)
def test_g07_one_free_size_of_a_request_is_worked_out_and_two_are_refused(
    shape: list[int], count: int, resolved: list[int] | None
) -> None:
    doors = Doors(field("v", DType.INT8, [-1, 3, -1]))
    raw = struct.pack(f"{count}b", *range(count))
    request = pb.ModelInferRequest(model_name="app", raw_input_contents=[raw])
    request.inputs.add(name="v", datatype="INT8", shape=shape)
    document = {"inputs": [{"name": "v", "datatype": "INT8", "shape": shape, "data": list(range(count))}]}
    answer = doors.http.post(INFER, document)
    if resolved is None:
        assert answer.status_code == 400
        with pytest.raises(SignatureViolation):
            doors._infer(request)
    else:
        assert answer.json_body["outputs"][0]["shape"] == resolved
        assert doors._infer(request) == list(range(count))
