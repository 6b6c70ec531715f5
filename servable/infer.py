"""The use case: one ModelInfer request to one response."""

from servable.contract import Field
from servable.dtypes import LAYOUTS
from servable.errors import InvalidInput, UnknownModel
from servable.inputs import read_inputs
from servable.model import Model
from servable.pb import open_inference_pb2 as pb
from servable.tensors import to_raw


def infer(model: Model, request: pb.ModelInferRequest) -> pb.ModelInferResponse:
    """Answer in raw contents, in the order asked for. Raises the errors of ServableError but CannotLoad."""
    check_name(model, request.model_name, request.model_version)
    wanted = _wanted(model, request)
    outputs = model(read_inputs(request, model.contract.signature))
    response = pb.ModelInferResponse(
        model_name=model.contract.name, model_version=str(model.contract.version), id=request.id
    )
    for field in wanted:
        array = outputs[field.name]
        response.outputs.add(name=field.name, datatype=LAYOUTS[field.dtype].wire, shape=array.shape)
        response.raw_output_contents.append(to_raw(field.dtype, array))
    return response


def check_name(model: Model, name: str, version: str) -> None:
    """An empty name or version means the one that is here. Raises UnknownModel for any other."""
    here = (model.contract.name, str(model.contract.version))
    if (name or here[0], version or here[1]) != here:
        raise UnknownModel(f"model '{name}' version '{version}' is not here; this servable is {here[0]} {here[1]}")


def _wanted(model: Model, request: pb.ModelInferRequest) -> list[Field]:
    fields = {field.name: field for field in model.contract.signature.tensors.outputs}
    unknown = [output.name for output in request.outputs if output.name not in fields]
    if unknown:
        raise InvalidInput(f"'{unknown[0]}' is not an output of the signature, which gives {', '.join(fields)}")
    return [fields[output.name] for output in request.outputs] or list(fields.values())
