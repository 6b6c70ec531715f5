"""What the gRPC door refuses: with which status, in which words, and beyond which size."""

from typing import Any

import grpc
import pytest

from functions.adapters.pb import open_inference_pb2 as pb
from functions.core.dtypes import DType
from functions.core.errors import DeadlineExceeded, Forbidden, InvalidRequest, ModelFailed, PayloadTooLarge, Unavailable
from functions.core.tensor import Tensor
from tests.unit.gateway.grpc_client import LIMITS, SERVICE, GrpcGateway, refusal, request
from tests.unit.gateway.worlds import adding, field, raising, signature

LARGE = Tensor(DType.UINT8, (LIMITS.max_message_bytes,), bytes(LIMITS.max_message_bytes))


def test_every_problem_is_in_the_status_with_its_field(gateway: GrpcGateway) -> None:
    gateway.world.application("app", [(gateway.world.servable(model=adding(1)), 100)])
    message = pb.ModelInferRequest(model_name="app")
    message.inputs.add(name="x", datatype="INT64", shape=[1])
    message.inputs.add(name="foo", datatype="FP64", shape=[])
    message.raw_input_contents.extend([b"\0" * 8, b"\0" * 8])
    error = refusal(gateway, "ModelInfer", message)
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    for told in ("/inputs/0/datatype: expected FP64 for input 'x'", "/inputs/0/shape", "/inputs/1/name", "'foo'"):
        assert told in error.details()
    assert "x-request-id" in dict(error.trailing_metadata())


@pytest.mark.parametrize("told", ["x" * 5000, "💧" * 2000, "%" * 3000, "\x00" * 3000])
def test_a_long_message_is_cut_to_what_a_header_takes(gateway: GrpcGateway, told: str) -> None:
    """Beyond it gRPC drops the status, and the caller hears that a resource is exhausted."""
    gateway.world.application("app", [(gateway.world.servable(model=raising(InvalidRequest(told))), 100)])
    refused = refusal(gateway, "ModelInfer", request(), ("x-request-id", "r" * 128))
    assert refused.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert len(refused.details()) >= 300
    assert told.startswith(refused.details())


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InvalidRequest("bad value"), grpc.StatusCode.INVALID_ARGUMENT),
        (ModelFailed("crashed"), grpc.StatusCode.INTERNAL),
        (Unavailable("later"), grpc.StatusCode.UNAVAILABLE),
        (DeadlineExceeded("too slow"), grpc.StatusCode.DEADLINE_EXCEEDED),
        (PayloadTooLarge("too large"), grpc.StatusCode.RESOURCE_EXHAUSTED),
        (Forbidden("no"), grpc.StatusCode.PERMISSION_DENIED),
    ],
)
def test_errors_have_their_status_and_words(gateway: GrpcGateway, error: Exception, code: grpc.StatusCode) -> None:
    gateway.world.application("app", [(gateway.world.servable(model=raising(error)), 100)])
    refused = refusal(gateway, "ModelInfer", request())
    assert (refused.code(), refused.details()) == (code, str(error))


def test_an_unforeseen_error_tells_nothing_but_the_request_id(gateway: GrpcGateway) -> None:
    gateway.world.application("app", [(gateway.world.servable(model=raising(OSError("secret"))), 100)])
    refused = refusal(gateway, "ModelInfer", request(), ("x-request-id", "mine"))
    assert (refused.code(), refused.details()) == (
        grpc.StatusCode.INTERNAL,
        "an unforeseen error; quote request id mine",
    )


@pytest.mark.parametrize("key", [None, "dp_nobody"])
@pytest.mark.parametrize("method", ["ServerLive", "ModelInfer", "RepositoryIndex"])
def test_no_method_answers_without_a_known_key(gateway: GrpcGateway, method: str, key: str | None) -> None:
    refused = refusal(gateway, method, getattr(pb, f"{method}Request")(), key=key)
    assert refused.code() is grpc.StatusCode.UNAUTHENTICATED


@pytest.mark.parametrize("beyond", [0, 1, 2 * LIMITS.slack_bytes])
def test_g20_the_limit_of_a_message_holds_to_the_byte(gateway: GrpcGateway, beyond: int) -> None:
    """Up to the limit a message is read and refused for what is in it; a little more is refused by us, much by gRPC."""
    infer: Any = gateway.channel.unary_unary(f"/{SERVICE}/ModelInfer", bytes, bytes)
    size = LIMITS.max_message_bytes + beyond
    with pytest.raises(grpc.RpcError) as caught:
        infer(b"\xff" * size, metadata=(("x-api-key", gateway.key),))
    code, details = caught.value.code(), caught.value.details()
    if not beyond:
        assert code is grpc.StatusCode.INVALID_ARGUMENT
        return
    assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert str(size) in details
    if beyond == 1:
        assert details == f"the message takes {size} bytes; at most {LIMITS.max_message_bytes} go over gRPC"


def test_g20_the_limit_of_an_answer_holds_over_grpc(gateway: GrpcGateway) -> None:
    """A tensor of that size is too large with what names it."""
    echo = signature([field("x", DType.UINT8, [-1])], [field("x", DType.UINT8, [-1])])
    model = gateway.world.servable("echo", 1, lambda _: {"x": LARGE}, echo)
    gateway.world.application("echo", [(model, 100)])
    message = pb.ModelInferRequest(model_name="echo")
    message.inputs.add(name="x", datatype="UINT8", shape=[0])
    message.raw_input_contents.append(b"")
    refused = refusal(gateway, "ModelInfer", message)
    assert refused.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert f"at most {LIMITS.max_message_bytes} go over gRPC" in refused.details()


def test_bytes_that_are_no_message_are_the_callers_fault(gateway: GrpcGateway) -> None:
    infer: Any = gateway.channel.unary_unary(f"/{SERVICE}/ModelInfer", bytes, bytes)
    with pytest.raises(grpc.RpcError) as caught:
        infer(b"\xff\xff", metadata=(("x-api-key", gateway.key),))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
