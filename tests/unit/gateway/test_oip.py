"""The protocol's REST form to our types and back: what a caller sends is what the other side reads."""

import json
from typing import Any

from hypothesis import given

from functions.core.budget import Budget
from functions.core.inference import InferAnswer, InferRequest, ModelName
from functions.core.tensor import Tensor
from functions.gateway.oip import LENGTH_HEADER, RestCall, from_infer_body, to_infer_answer
from tests.unit.core.tensors import tensors

MODEL = ModelName("m", "1")


def as_request(answer: Any) -> tuple[bytes, str | None]:
    """An answer's body as a request's: outputs become inputs, the form is the same."""
    length = answer.headers.get("Inference-Header-Content-Length")
    body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
    header, raw = (body[: int(length)], body[int(length) :]) if length else (body, b"")
    document = json.loads(header)
    header = json.dumps({"inputs": document["outputs"]}).encode()
    return header + raw, str(len(header)) if length else None


def no_payload(reference: object, pointer: str) -> bytes:
    raise AssertionError(f"nobody spoke of a payload: {reference} at {pointer}")


def round_trip(tensor: Tensor, *, binary: bool) -> Tensor | None:
    call = RestCall(InferRequest(model="m", inputs=()), {}, binary)
    body, length = as_request(to_infer_answer(call, InferAnswer(model="m", version="1", outputs={"t": tensor})))
    (given_back,) = from_infer_body(MODEL, body, length, Budget(), no_payload).request.inputs
    assert given_back.problems == ()
    return given_back.tensor


@given(tensor=tensors())
def test_every_tensor_survives_json(tensor: Tensor) -> None:
    assert round_trip(tensor, binary=False) == tensor


@given(tensor=tensors())
def test_every_tensor_survives_binary(tensor: Tensor) -> None:
    assert round_trip(tensor, binary=True) == tensor


def test_the_header_has_the_name_that_requests_use() -> None:
    assert "Inference-Header-Content-Length".lower() == LENGTH_HEADER
