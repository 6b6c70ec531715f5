"""The reference system's gRPC calls: a real server over a world of fakes, called as its published client does."""

from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2

from functions.adapters.pb import legacy_gateway_pb2 as pb
from functions.adapters.wire_legacy import to_tensor
from functions.core.dtypes import DType
from functions.core.signature import Field, Shape
from functions.gateway.legacy_door import SERVICE
from tests.unit.gateway.grpc_client import GrpcGateway
from tests.unit.gateway.worlds import adding, field, signature, tensor


def double(*values: float, dims: tuple[int, ...] = ()) -> pb.Tensor:
    return pb.Tensor(dtype="DT_DOUBLE", tensor_shape=pb.TensorShape(dims=dims), double_val=values)


def call(gateway: GrpcGateway, method: str, name: str, *metadata: tuple[str, str], **data: pb.Tensor) -> Any:
    function: Any = gateway.channel.unary_unary(
        f"/{SERVICE}/{method}", pb.GatewayPredictRequest.SerializeToString, pb.PredictResponse.FromString
    )
    identity = metadata or (("x-api-key", gateway.key),)
    return function(pb.GatewayPredictRequest(name=name, data=data), metadata=identity, timeout=10)


def refusal(gateway: GrpcGateway, *args: Any, **data: pb.Tensor) -> Any:
    with pytest.raises(grpc.RpcError) as caught:
        call(gateway, *args, **data)
    return caught.value


def test_g04_an_application_answers_the_legacy_protocol(gateway: GrpcGateway) -> None:
    gateway.world.application("app", [(gateway.world.servable(model=adding(1)), 100)])
    answer = call(gateway, "PredictApplication", "app", x=double(2.0))
    assert set(answer.outputs) == {"y"}
    assert answer.outputs["y"].HasField("tensor_shape")
    assert answer.outputs["y"] == double(3.0)
    assert [made.application for made in gateway.world.sink.published] == ["app"]


def test_g03_a_shadowless_call_of_the_legacy_protocol_is_not_monitored(gateway: GrpcGateway) -> None:
    servable = gateway.world.servable(model=adding(1))
    for method, published in (("ShadowlessPredictServable", 0), ("PredictServable", 1)):
        answer = call(gateway, method, servable.name, x=double(2.0))
        assert list(answer.outputs["y"].double_val) == [3.0]
        assert len(gateway.world.sink.published) == published


def test_g04_the_legacy_protocol_carries_every_type_to_the_model(gateway: GrpcGateway) -> None:
    elements = {DType.STRING: "a", DType.BOOL: True, DType.HALF: 1.5}
    fields = [field(dtype.name.lower(), dtype, [-1]) for dtype in DType]
    seen: dict[str, Any] = {}

    def model(inputs: Any) -> Any:
        seen.update(inputs)
        return inputs

    servable = gateway.world.servable(model=model, signature=signature(fields, fields))
    given = {each.name: tensor(each.dtype, [elements.get(each.dtype, 7)] * 2) for each in fields}
    sent = {name: to_tensor(each) for name, each in given.items()}
    answer = call(gateway, "PredictServable", servable.name, **sent)
    assert seen == given
    assert dict(answer.outputs) == sent


def test_every_problem_is_told_at_once_and_unknown_inputs_are_left_out(gateway: GrpcGateway) -> None:
    servable = gateway.world.servable(
        model=adding(1), signature=signature([field("x"), field("z"), field("a/b")], [field("y")])
    )
    error = refusal(
        gateway, "PredictServable", servable.name, x=double(1.0, 2.0, dims=(2,)), z=pb.Tensor(dtype="DT_MAP")
    )
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    for told in ("/data/x/shape: expected a scalar", "/data/z/dtype", "DT_MAP", "/data/a~1b", "the field is missing"):
        assert told in error.details()
    one = gateway.world.servable(model=adding(1))
    assert call(gateway, "PredictServable", one.name, x=double(1.0), extra=double(9.0)).outputs["y"] == double(2.0)


def test_g06_maps_pass_the_legacy_protocol_both_ways(gateway: GrpcGateway) -> None:
    inside = (field("age", DType.INT8, []), field("tags", DType.STRING, [-1]))
    fields = [Field("customers", None, Shape((-1,)), subfields=inside)]
    servable = gateway.world.servable(model=dict, signature=signature(fields, fields))
    each = {"age": to_tensor(tensor(DType.INT8, 7)), "tags": to_tensor(tensor(DType.STRING, ["a", "b"]))}
    for count in (2, 0):
        maps = [pb.MapTensorData(subtensors=each)] * count
        sent = pb.Tensor(dtype="DT_MAP", tensor_shape=pb.TensorShape(dims=[count]), map_val=maps)
        assert dict(call(gateway, "PredictServable", servable.name, customers=sent).outputs) == {"customers": sent}
    asked = gateway.world.client.asked[0].inputs
    assert {name: each.shape for name, each in asked.items()} == {"customers/age": (2,), "customers/tags": (2, 2)}
    error = refusal(gateway, "PredictServable", servable.name, customers=double(1.0))
    assert error.details() == "/data/customers/dtype: expected DT_MAP, received DT_DOUBLE"


def test_g10_inputs_that_are_left_out_are_named_over_the_legacy_protocol(gateway: GrpcGateway) -> None:
    gateway.world.application("app", [(gateway.world.servable("adder", 3, adding(1)), 100)])
    data = {"x": double(1.0), "shoe": double(9.0), "hat": pb.Tensor(dtype="DT_MAP")}
    request = pb.GatewayPredictRequest(name="app", data=data)
    method: Any = gateway.channel.unary_unary(
        f"/{SERVICE}/PredictApplication", pb.GatewayPredictRequest.SerializeToString, pb.PredictResponse.FromString
    )
    _, called = method.with_call(request, metadata=(("x-api-key", gateway.key),), timeout=10)
    told = dict(called.trailing_metadata())
    assert told["x-dewpoint-model"] == "adder:3"
    assert set(told["x-dewpoint-warning"].removeprefix("ignored inputs: ").split(", ")) == {"shoe", "hat"}


def test_an_unknown_name_is_not_found(gateway: GrpcGateway) -> None:
    for method in ("PredictApplication", "PredictServable", "ShadowlessPredictServable"):
        assert refusal(gateway, method, "nobody").code() is grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize("metadata", [("authorization", "Bearer {}"), ("authorization", "bearer {}")])
def test_the_key_may_come_as_a_bearer_token(gateway: GrpcGateway, metadata: tuple[str, str]) -> None:
    gateway.world.application("app", [(gateway.world.servable(model=adding(1)), 100)])
    name, form = metadata
    answer = call(gateway, "PredictApplication", "app", (name, form.format(gateway.key)), x=double(2.0))
    assert answer.outputs["y"] == double(3.0)


@pytest.mark.parametrize("authorization", ["Bearer dp_unknown", "Basic dp_unknown", "", "Bearer "])
def test_nobody_calls_without_a_known_key(gateway: GrpcGateway, authorization: str) -> None:
    error = refusal(gateway, "PredictApplication", "app", ("authorization", authorization), x=double(2.0))
    assert error.code() is grpc.StatusCode.UNAUTHENTICATED


def test_the_health_of_both_services_is_told(gateway: GrpcGateway) -> None:
    for service in ("", SERVICE, "inference.GRPCInferenceService"):
        check: Any = gateway.channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            health_pb2.HealthCheckRequest.SerializeToString,
            health_pb2.HealthCheckResponse.FromString,
        )
        answer = check(health_pb2.HealthCheckRequest(service=service), timeout=10)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
