"""The Open Inference Protocol over REST: its JSON, and the binary tensor data extension, to and from our own types.

With the extension a body is JSON of `Inference-Header-Content-Length` bytes, followed by the raw tensors that the JSON
announces with `binary_data_size`, in order; the answer is built the same way. A tensor's raw bytes may also have been
uploaded before: its parameter `payload` is their reference.
"""

import functools
import math
import re
from contextlib import suppress
from typing import Any, Generic, TypeVar

import msgspec

from functions.core.budget import Budget
from functions.core.collector import LARGE
from functions.core.describe import describe
from functions.core.dtypes import count
from functions.core.errors import InvalidRequest, Problem
from functions.core.given import Given, given_json, given_raw, refused
from functions.core.inference import InferAnswer, InferRequest, ModelDescription, ModelName
from functions.core.leaves import Leaf
from functions.core.tensor import Tensor, to_json
from functions.doors.http import Answer, check_elements, decode_json
from functions.gateway.fetch_payload import Fetch

LENGTH_HEADER = "inference-header-content-length"
LENGTH = re.compile(r"[0-9]{1,18}")
PAYLOAD = "payload"  # the parameter that stands for a tensor's raw bytes
Data = TypeVar("Data")
Number = int | float
ANY_SHAPE = [-1]  # the protocol cannot say "any": clients read this as a list of any length


class InputDocument(msgspec.Struct, Generic[Data]):
    """What may be wrong with one of many tensors is looked at later, and told together (core/given.py)."""

    name: str
    datatype: Any = msgspec.UNSET
    shape: Any = msgspec.UNSET
    parameters: dict[str, Any] | None = None
    data: Data | msgspec.UnsetType = msgspec.UNSET


class OutputDocument(msgspec.Struct):
    name: str
    parameters: dict[str, Any] | None = None


class InferDocument(msgspec.Struct, Generic[Data]):
    inputs: list[InputDocument[Data]]
    outputs: list[OutputDocument] | None = None
    id: str | None = None
    parameters: dict[str, Any] | None = None


class RestCall(msgspec.Struct, frozen=True):
    """A request, and how its caller wants the outputs: those in `binary` as they say, all others as `others` says."""

    request: InferRequest
    binary: dict[str, bool]
    others: bool

    def wants_binary(self, output: str) -> bool:
        return self.binary.get(output, self.others)


def from_infer_body(model: ModelName, body: bytes, header_length: str | None, budget: Budget, fetch: Fetch) -> RestCall:
    """Raises InvalidRequest for what is not the protocol, PayloadTooLarge for more elements than `budget` has, and what
    `fetch` raises; tensors that cannot be read are marked, not raised."""
    header, tail = _split(body, header_length)
    budget.check_document(header)
    document, are_numbers = _read_document(header)
    budget.check_tensors("inputs", len(document.inputs))
    budget.check_tensors("outputs", len(document.outputs or ()))
    problems: list[Problem] = []
    given, at = [], 0
    for index, tensor in enumerate(document.inputs):
        one, size = _from_input(tensor, tail[at:], f"/inputs/{index}", budget, fetch, are_numbers=are_numbers)
        given.append(one)
        at += size
    if at < len(tail):
        problems.append(Problem("", f"{at} bytes of binary data, as announced", f"{len(tail)} bytes"))
    others = _flag(document.parameters, "binary_data_output", "/parameters", problems)
    wishes = {
        output.name: _flag(output.parameters, "binary_data", f"/outputs/{index}/parameters", problems)
        for index, output in enumerate(document.outputs or ())
    }
    if problems:
        raise InvalidRequest.of(problems)
    request = InferRequest(
        model=model.name, version=model.version, id=document.id or "", inputs=tuple(given), outputs=tuple(wishes)
    )
    return RestCall(request, {name: wish for name, wish in wishes.items() if wish is not None}, bool(others))


def to_infer_answer(call: RestCall, answer: InferAnswer) -> Answer:
    """JSON; with raw tensors behind it when the caller wants any output as binary data."""
    raw = {name: tensor.data for name, tensor in answer.outputs.items() if call.wants_binary(name)}
    check_elements(sum(math.prod(tensor.shape) for name, tensor in answer.outputs.items() if name not in raw))
    outputs = [_to_output(name, tensor, as_raw=name in raw) for name, tensor in answer.outputs.items()]
    document = {"model_name": answer.model, "model_version": answer.version, "outputs": outputs}
    if answer.id:
        document["id"] = answer.id
    if not raw:
        return Answer(document)
    header = msgspec.json.encode(document)
    headers = {"Content-Type": "application/octet-stream", "Inference-Header-Content-Length": str(len(header))}
    return Answer(b"".join([header, *raw.values()]), headers=headers)


def to_metadata(model: ModelDescription) -> dict[str, Any]:
    return {
        "name": model.name,
        "versions": list(model.versions),
        "platform": model.platform,
        "inputs": [_to_tensor(leaf) for leaf in model.inputs],
        "outputs": [_to_tensor(leaf) for leaf in model.outputs],
    }


def _read_document(header: bytes) -> tuple[InferDocument[Any], bool]:
    """And whether it is known that all data are numbers.

    A parser that expects numbers does their checks on its way. How deep they lie is tried out: where it is wrong, the
    first element says so.
    """
    for decoder in _number_decoders() if len(header) >= LARGE else ():
        with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return decoder.decode(header), True
    return decode_json(header, InferDocument[Any]), False


@functools.cache
def _number_decoders() -> tuple[msgspec.json.Decoder[InferDocument[Any]], ...]:
    """Of documents whose data are numbers in lists of one to four dimensions."""
    one, two = InferDocument[list[Number]], InferDocument[list[list[Number]]]
    three, four = InferDocument[list[list[list[Number]]]], InferDocument[list[list[list[list[Number]]]]]
    return tuple(msgspec.json.Decoder(kind) for kind in (one, two, three, four))


def _split(body: bytes, header_length: str | None) -> tuple[bytes, bytes]:
    if header_length is None:
        return body, b""
    if not LENGTH.fullmatch(header_length) or int(header_length) > len(body):
        expected = f"Inference-Header-Content-Length from 0 to {len(body)}, the bytes there are"
        raise InvalidRequest.of([Problem("", expected, describe(header_length))])
    length = int(header_length)
    return body[:length], body[length:]


def _from_input(
    document: InputDocument[Any], tail: bytes, pointer: str, budget: Budget, fetch: Fetch, *, are_numbers: bool
) -> tuple[Given, int]:
    """The tensor, and how many bytes of `tail` it took."""
    name, datatype, shape = document.name, document.datatype, document.shape
    parameters = document.parameters or {}
    size = parameters.get("binary_data_size")
    if PAYLOAD in parameters:
        return _from_payload(document, pointer, budget, fetch), 0
    if size is None:
        if (data := document.data) is msgspec.UNSET:
            missing = Problem(f"{pointer}/data", "data", "nothing: it is missing")
            return refused(name, datatype, shape, pointer, missing), 0
        return given_json(name, datatype, shape, data, pointer, budget, are_numbers=are_numbers), 0
    where = f"{pointer}/parameters/binary_data_size"
    if type(size) is not int or size < 0:
        # How the bytes divide is not known, so none are left over for others to complain of
        problem = Problem(where, "a number of bytes", describe(size))
        return refused(name, datatype, shape, pointer, problem), len(tail)
    if size > len(tail):
        problem = Problem(where, f"at most the {len(tail)} bytes that follow", describe(size))
        return refused(name, datatype, shape, pointer, problem), len(tail)
    if document.data is not msgspec.UNSET:
        problem = Problem(f"{pointer}/data", "no data beside binary data", "both")
        return refused(name, datatype, shape, pointer, problem), size
    return given_raw(name, datatype, shape, tail[:size], pointer, budget), size


def _from_payload(document: InputDocument[Any], pointer: str, budget: Budget, fetch: Fetch) -> Given:
    """A tensor whose raw bytes were uploaded before the call."""
    parameters = document.parameters or {}
    if document.data is not msgspec.UNSET or "binary_data_size" in parameters:
        problem = Problem(f"{pointer}/parameters/{PAYLOAD}", "no other data beside a payload", "both")
        return refused(document.name, document.datatype, document.shape, pointer, problem)
    raw = fetch(parameters[PAYLOAD], f"{pointer}/parameters/{PAYLOAD}")
    return given_raw(document.name, document.datatype, document.shape, raw, pointer, budget)


def _flag(parameters: dict[str, Any] | None, key: str, pointer: str, problems: list[Problem]) -> bool | None:
    value = (parameters or {}).get(key)
    if value is not None and not isinstance(value, bool):
        problems.append(Problem(f"{pointer}/{key}", "true or false", describe(value)))
        return None
    return value


def _to_output(name: str, tensor: Tensor, *, as_raw: bool) -> dict[str, Any]:
    head = {"name": name, "datatype": tensor.dtype.datatype, "shape": list(tensor.shape)}
    if as_raw:
        return {**head, "parameters": {"binary_data_size": len(tensor.data)}}
    flat = Tensor(tensor.dtype, (count(tensor.dtype, tensor.data),), tensor.data)
    return {**head, "data": to_json(flat)}


def _to_tensor(leaf: Leaf) -> dict[str, Any]:
    shape = ANY_SHAPE if leaf.dims is None else list(leaf.dims)
    return {"name": leaf.name, "datatype": leaf.dtype.datatype, "shape": shape}
