"""Maps of the reference system's protocol: nested on its side, leaves on ours."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.adapters.pb import legacy_gateway_pb2 as pb
from functions.adapters.wire_legacy import from_predict_request, to_predict_answer, to_predict_request
from functions.core.budget import Budget
from functions.core.dtypes import DType
from functions.core.errors import PayloadTooLarge
from functions.core.inference import NamedCall
from functions.core.plain import read_plain
from functions.core.signature import MAX_MAPS, Field, Shape, Signature
from functions.gateway.inputs import NamedInputs
from tests.unit.core.nested import sides, values

ADDRESS = Field("address", subfields=(Field("zip", DType.STRING, Shape()),))
AGE = Field("age", DType.INT8, Shape())
CUSTOMERS = Field("customers", None, Shape((-1,)), subfields=(AGE, ADDRESS))
BODY = {"customers": [{"age": 41, "address": {"zip": "10115"}}, {"age": 42, "address": {"zip": "04109"}}]}


def number(value: int, **more: Any) -> pb.Tensor:
    return pb.Tensor(dtype="DT_INT8", int_val=[value], **more)


def listed(*maps: dict[str, pb.Tensor], dims: tuple[int, ...] = (), **more: Any) -> pb.Tensor:
    shape = pb.TensorShape(dims=dims)
    return pb.Tensor(dtype="DT_MAP", tensor_shape=shape, map_val=[pb.MapTensorData(subtensors=m) for m in maps], **more)


def read(**data: pb.Tensor) -> NamedCall:
    return from_predict_request(pb.GatewayPredictRequest(name="app", data=data).SerializeToString())


@given(data=st.data())
def test_g06_any_nested_value_passes_the_legacy_protocol(data: st.DataObject) -> None:
    fields = data.draw(sides())
    tensors = read_plain(fields, data.draw(values(fields, smallest=data.draw(st.integers(0, 1))))).tensors
    called = from_predict_request(to_predict_request("app", fields, tensors))
    fitted = NamedInputs(called).fit(Signature("predict", fields, fields))
    # Of the sizes inside a list without a map nobody knows more than the signature
    assert {name: (t.dtype, t.data) for name, t in fitted.items()} == {
        name: (t.dtype, t.data) for name, t in tensors.items()
    }
    assert all(fitted[name].shape == t.shape for name, t in tensors.items() if t.data)


def test_g06_a_map_nests_on_the_wire_as_the_reference_system_nests_it() -> None:
    message = pb.PredictResponse.FromString(to_predict_answer([CUSTOMERS], read_plain([CUSTOMERS], BODY).tensors))
    assert list(message.outputs) == ["customers"]
    customers = message.outputs["customers"]
    assert (customers.dtype, list(customers.tensor_shape.dims)) == (pb.DT_MAP, [2])
    assert [each.subtensors["age"].int_val[0] for each in customers.map_val] == [41, 42]
    (address,) = customers.map_val[1].subtensors["address"].map_val
    assert list(address.subtensors["zip"].string_val) == [b"04109"]


@pytest.mark.parametrize(
    ("sent", "pointer", "expected", "received"),
    [
        (listed({"age": number(1)}, {"age": number(300)}), "/1/subtensors/age/int_val/0", "DT_INT8", "300"),
        (listed({"age": number(1)}, {}), "/1/subtensors/age", "as in the maps beside it", "missing"),
        (listed({"a/e": number(1)}, {}), "/1/subtensors/a~1e", "as in the maps beside it", "missing"),
        (listed({"age": number(1)}, {"age": listed()}), "/0/subtensors/age/dtype", "DT_MAP, as beside it", "another"),
        (
            listed({"age": number(1)}, {"age": number(1, tensor_shape=pb.TensorShape(dims=[1]))}),
            "/1/subtensors/age",
            "DT_INT8, a scalar, as beside it",
            "DT_INT8, shape [1]",
        ),
    ],
)
def test_g06_what_is_wrong_in_a_map_of_the_legacy_protocol_is_pointed_at(
    sent: pb.Tensor, pointer: str, expected: str, received: str
) -> None:
    [one] = read(customers=sent).inputs
    [problem] = one.problems
    assert problem.pointer == f"/data/customers/map_val{pointer}"
    assert expected in problem.expected
    assert received in problem.received


@pytest.mark.parametrize(
    "sent",
    [
        listed({}, {}, dims=(3,)),
        listed({}, dims=(-2,)),
        listed({}, dims=(-1, -1)),
        listed({}, dims=(1,) * 17),
        listed({}, int_val=[1]),
    ],
)
def test_g06_the_shape_of_a_list_of_maps_must_hold_them(sent: pb.Tensor) -> None:
    [one] = read(customers=sent).inputs
    assert [problem.pointer for problem in one.problems] == ["/data/customers/tensor_shape"]


def test_g06_lists_without_a_map_tell_their_shapes() -> None:
    call = read(customers=listed(), none=listed(dims=(0, 2)), two=listed({"in": listed()}, {"in": listed()}))
    assert (call.inputs, call.maps) == ((), {"customers": (0,), "none": (0, 2), "two": (2,), "two/in": (2, 0)})


def test_g06_maps_lie_in_one_another_up_to_a_limit() -> None:
    sent = number(1)
    for _ in range(MAX_MAPS):
        sent = listed({"m": sent})
    assert read(m=sent).inputs[0].tensor is not None
    assert "at most 8 maps" in read(m=listed({"m": sent})).inputs[0].problems[0].expected


def test_elements_of_maps_count_and_so_do_maps_without_any() -> None:
    raw = pb.GatewayPredictRequest(data={"m": listed(*[{"a": listed()}] * 5)}).SerializeToString()
    from_predict_request(raw, Budget(5))
    with pytest.raises(PayloadTooLarge):
        from_predict_request(raw, Budget(4))
