"""From a request to the model's inputs: every tensor is present, of the right type, shape and size, and known.

All the problems of a request are reported at once.
"""

from collections.abc import Sequence
from itertools import repeat

from servable.contract import Field, Signature
from servable.dtypes import LAYOUTS
from servable.errors import InvalidInput
from servable.maps import misfits
from servable.pb import open_inference_pb2 as pb
from servable.tensors import Array, from_contents, from_raw


def read_inputs(request: pb.ModelInferRequest, signature: Signature) -> dict[str, Array]:
    """Arrays by the names of leaves, in the signature's order. Raises InvalidInput naming each field at fault."""
    raws = request.raw_input_contents
    if raws:
        _check_raws(request.inputs, len(raws))
    fields = signature.takes
    arrays: dict[str, Array] = {}
    problems: list[str] = []
    for tensor, raw in zip(request.inputs, raws or repeat(None), strict=False):
        name = tensor.name
        try:
            arrays[name] = _read(tensor, raw, _known(name, fields, arrays))
        except InvalidInput as problem:
            problems.append(f"'{name}': {problem}")
    if len(arrays) < len(fields):
        sent = {tensor.name for tensor in request.inputs}
        problems += [f"'{name}': is missing" for name in fields if name not in sent]
    if signature.has_maps and not problems:
        problems = list(misfits(signature.inputs, arrays))
    if problems:
        raise InvalidInput("; ".join(problems))
    return {name: arrays[name] for name in fields}


def _check_raws(tensors: Sequence[pb.ModelInferRequest.InferInputTensor], count: int) -> None:
    """`count` raw contents are one per tensor, and no tensor brings contents of its own."""
    if count != len(tensors):
        raise InvalidInput(f"expected one raw_input_contents per input: {len(tensors)}, received {count}")
    for tensor in tensors:
        if tensor.HasField("contents"):
            raise InvalidInput(f"'{tensor.name}': has both contents and raw_input_contents")


def _known(name: str, fields: dict[str, Field], seen: dict[str, Array]) -> Field:
    if name not in fields:
        raise InvalidInput(f"is not an input of the signature, which takes {', '.join(fields)}")
    if name in seen:
        raise InvalidInput("is given twice")
    return fields[name]


def _read(tensor: pb.ModelInferRequest.InferInputTensor, raw: bytes | None, field: Field) -> Array:
    """`raw` None: the tensor brings typed contents."""
    wire = LAYOUTS[field.dtype].wire
    if tensor.datatype != wire:
        raise InvalidInput(f"expected datatype {wire}, received {tensor.datatype or 'none'}")
    shape = tuple(tensor.shape)
    if field.dims == () and shape == (1,):
        shape = ()  # many clients cannot spell a scalar
    if not field.accepts(shape):
        raise InvalidInput(f"expected shape {list(field.dims or ())}, received {list(shape)}")
    if raw is None:
        return from_contents(field.dtype, shape, tensor.contents)
    return from_raw(field.dtype, shape, raw)
