"""The use case: a model's contract as the protocol's metadata. A field of any shape is described as [-1], a
map by its leaves."""

from servable.contract import Field
from servable.dtypes import LAYOUTS
from servable.model import Model
from servable.pb import open_inference_pb2 as pb


def describe(model: Model) -> pb.ModelMetadataResponse:
    return pb.ModelMetadataResponse(
        name=model.contract.name,
        versions=[str(model.contract.version)],
        platform=f"dewpoint_{model.runtime}",
        inputs=[_tensor(field) for field in model.contract.signature.tensors.inputs],
        outputs=[_tensor(field) for field in model.contract.signature.tensors.outputs],
    )


def _tensor(field: Field) -> pb.ModelMetadataResponse.TensorMetadata:
    shape = (-1,) if field.dims is None else field.dims
    return pb.ModelMetadataResponse.TensorMetadata(name=field.name, datatype=LAYOUTS[field.dtype].wire, shape=shape)
