"""Open Inference over gRPC: protobuf messages to and from core types, in pairs, and nowhere else.

Tensors travel as raw bytes. Typed contents are accepted, since other servers and hand-written clients use them, and
become raw bytes here.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from google.protobuf.message import DecodeError, Message

from functions.adapters.pb import open_inference_pb2 as pb
from functions.core.budget import Budget
from functions.core.dtypes import BY_DATATYPE, DType, join_bytes
from functions.core.errors import InvalidRequest, ModelFailed, PayloadTooLarge, Problem
from functions.core.flatten import NotATensor, encode_elements
from functions.core.given import Given, given_raw, refused
from functions.core.inference import InferAnswer, InferRequest
from functions.core.place import Place, place
from functions.core.tensor import Tensor

TYPED = {
    "BOOL": "bool_contents",
    "INT8": "int_contents",
    "INT16": "int_contents",
    "INT32": "int_contents",
    "INT64": "int64_contents",
    "UINT8": "uint_contents",
    "UINT16": "uint_contents",
    "UINT32": "uint_contents",
    "UINT64": "uint64_contents",
    "FP32": "fp32_contents",
    "FP64": "fp64_contents",
    "BYTES": "bytes_contents",
}
InputTensor = pb.ModelInferRequest.InferInputTensor
OutputTensor = pb.ModelInferResponse.InferOutputTensor
M = TypeVar("M", bound=Message)


def parse(kind: type[M], raw: bytes) -> M:
    """Raises InvalidRequest for bytes that are not a message of `kind`."""
    message = kind()
    try:
        message.ParseFromString(raw)
    except DecodeError:
        name = kind.DESCRIPTOR.name
        raise InvalidRequest.of([Problem("", f"a protobuf message {name}", "bytes that are not one")]) from None
    return message


def to_infer_request(request: InferRequest) -> bytes:
    """The inputs must have been read: what cannot be read cannot be sent."""
    message = pb.ModelInferRequest(model_name=request.model, model_version=request.version, id=request.id)
    for given in request.inputs:
        if given.tensor is None:
            raise ValueError(f"input {given.name} has no tensor")
        tensor = given.tensor
        message.inputs.add(name=given.name, datatype=tensor.dtype.datatype, shape=tensor.shape)
        message.raw_input_contents.append(tensor.data)
    for name in request.outputs:
        message.outputs.add(name=name)
    return message.SerializeToString()


def from_infer_request(raw: bytes, budget: Budget | None = None) -> InferRequest:
    """Raises InvalidRequest for what is no request, PayloadTooLarge for more elements than `budget` has; tensors that
    cannot be read are marked, not raised."""
    message, budget = parse(pb.ModelInferRequest, raw), budget or Budget()
    budget.check_tensors("outputs", len(message.outputs))
    given = _given("inputs", message.inputs, message.raw_input_contents, budget)
    return InferRequest(
        model=message.model_name,
        version=message.model_version,
        id=message.id,
        inputs=given,
        outputs=tuple(output.name for output in message.outputs),
    )


def to_infer_answer(answer: InferAnswer) -> bytes:
    message = pb.ModelInferResponse(model_name=answer.model, model_version=answer.version, id=answer.id)
    for name, tensor in answer.outputs.items():
        message.outputs.add(name=name, datatype=tensor.dtype.datatype, shape=tensor.shape)
        message.raw_output_contents.append(tensor.data)
    return message.SerializeToString()


def from_infer_answer(raw: bytes, budget: Budget | None = None) -> InferAnswer:
    """Raises ModelFailed for an answer that cannot be read, naming the outputs, or that is larger than `budget`."""
    try:
        message = parse(pb.ModelInferResponse, raw)
        given = _given("outputs", message.outputs, message.raw_output_contents, budget or Budget())
    except (InvalidRequest, PayloadTooLarge) as error:
        raise ModelFailed(f"the model's answer cannot be read: {error.detail}") from None
    problems = [
        f"output {one.name[:100]}: expected {p.expected}, received {p.received}" for one in given for p in one.problems
    ]
    if problems:
        raise ModelFailed(f"the model's answer cannot be read: {'; '.join(problems)}")
    outputs = {one.name: one.tensor for one in given if one.tensor is not None}
    return InferAnswer(model=message.model_name, version=message.model_version, id=message.id, outputs=outputs)


def _given(
    side: str, tensors: Sequence["InputTensor | OutputTensor"], raw: Sequence[bytes], budget: Budget
) -> tuple[Given, ...]:
    """The tensors of one side of a conversation, all raw or all typed."""
    budget.check_tensors(side, len(tensors))
    if not raw:
        return tuple(_from_typed(tensor, f"/{side}/{at}", budget) for at, tensor in enumerate(tensors))
    if len(raw) != len(tensors):
        expected = f"raw contents for each of the {len(tensors)} {side}"
        raise InvalidRequest.of([Problem(f"/raw_{side[:-1]}_contents", expected, f"{len(raw)} of them")])
    return tuple(
        _from_raw(tensor, data, f"/{side}/{at}", budget)
        for at, (tensor, data) in enumerate(zip(tensors, raw, strict=True))
    )


def _from_raw(tensor: "InputTensor | OutputTensor", raw: bytes, pointer: str, budget: Budget) -> Given:
    if tensor.contents.ListFields():  # MLServer sends contents that are empty beside its raw ones
        problem = Problem(f"{pointer}/contents", "no contents beside raw contents", "both")
        return refused(tensor.name, tensor.datatype, tensor.shape, pointer, problem)
    return given_raw(tensor.name, tensor.datatype, tensor.shape, raw, pointer, budget)


def _from_typed(tensor: "InputTensor | OutputTensor", pointer: str, budget: Budget) -> Given:
    kind = TYPED.get(tensor.datatype)
    filled = {field.name for field, _ in tensor.contents.ListFields()}
    if tensor.datatype in BY_DATATYPE and filled - {kind}:
        expected = f"{kind or 'raw contents'} for {tensor.datatype}"
        problem = Problem(f"{pointer}/contents", expected, ", ".join(sorted(filled)))
        return refused(tensor.name, tensor.datatype, tensor.shape, pointer, problem)
    if kind is None:
        return given_raw(tensor.name, tensor.datatype, tensor.shape, b"", pointer, budget)
    elements = getattr(tensor.contents, kind)
    budget.take(len(elements))
    try:
        where = place(f"{pointer}/contents/{kind}")
        raw = _raw(BY_DATATYPE[tensor.datatype], elements, where)
    except NotATensor as error:
        return refused(tensor.name, tensor.datatype, tensor.shape, pointer, *error.problems)
    counted = Budget(len(elements))
    return given_raw(tensor.name, tensor.datatype, tensor.shape, raw, pointer, counted)


def _raw(dtype: DType, elements: Sequence[Any], where: Place) -> bytes:
    """Raises NotATensor naming the elements that are out of the type's range."""
    if dtype is DType.STRING:
        return join_bytes(elements)
    return encode_elements(dtype, list(elements), (len(elements),), where)


def tensors_of(given: Mapping[str, Tensor]) -> tuple[Given, ...]:
    """Tensors by name, as `to_infer_request` wants them."""
    return tuple(Given(name, tensor) for name, tensor in given.items())
