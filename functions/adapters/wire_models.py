"""Open Inference over gRPC: what it says about servers and models, to and from core types."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from functions.adapters.pb import open_inference_pb2 as pb
from functions.adapters.wire import from_infer_request, parse, to_infer_answer
from functions.core.budget import Budget
from functions.core.inference import InferRequest, ModelDescription, ModelName, ModelState, Readiness, ServerDescription
from functions.core.leaves import Leaf

ANY_SHAPE = (-1,)  # the protocol cannot say "any": clients read this as a list of any length
TensorMetadata = pb.ModelMetadataResponse.TensorMetadata


class Codec(NamedTuple):
    """Bytes of a request to what the use case takes (may raise InvalidRequest), and its answer to bytes."""

    read: Callable[[bytes], Any]
    write: Callable[[Any], bytes]


def from_model_name(raw: bytes) -> ModelName:
    """ModelReadyRequest and ModelMetadataRequest are the same message under two names."""
    message = parse(pb.ModelMetadataRequest, raw)
    return ModelName(message.name, message.version)


def from_index_request(raw: bytes) -> bool:
    """Does the caller want only what is ready?"""
    return parse(pb.RepositoryIndexRequest, raw).ready


def to_index(models: Iterable[ModelState]) -> bytes:
    entries = [
        pb.RepositoryIndexResponse.ModelIndex(name=m.name, version=m.version, state=m.state, reason=m.reason)
        for m in models
    ]
    return pb.RepositoryIndexResponse(models=entries).SerializeToString()


def to_metadata(model: ModelDescription) -> bytes:
    return pb.ModelMetadataResponse(
        name=model.name,
        versions=model.versions,
        platform=model.platform,
        inputs=map(_to_tensor, model.inputs),
        outputs=map(_to_tensor, model.outputs),
    ).SerializeToString()


def to_server(server: ServerDescription) -> bytes:
    message = pb.ServerMetadataResponse(name=server.name, version=server.version, extensions=server.extensions)
    return message.SerializeToString()


def to_model_ready(readiness: Readiness) -> bytes:
    return pb.ModelReadyResponse(ready=readiness.ready).SerializeToString()


def _to_tensor(leaf: Leaf) -> TensorMetadata:
    shape = ANY_SHAPE if leaf.dims is None else leaf.dims
    return TensorMetadata(name=leaf.name, datatype=leaf.dtype.datatype, shape=shape)


def _nothing(_: bytes) -> None:
    return None


def build_codecs(max_elements: int) -> dict[str, Codec]:
    """By method; `max_elements` is what one ModelInfer may bring (core/budget.py)."""

    def read_infer(raw: bytes) -> InferRequest:
        return from_infer_request(raw, Budget(max_elements))

    return {**CODECS, "ModelInfer": Codec(read_infer, to_infer_answer)}


CODECS = {
    "ServerLive": Codec(_nothing, lambda live: pb.ServerLiveResponse(live=live).SerializeToString()),
    "ServerReady": Codec(_nothing, lambda ready: pb.ServerReadyResponse(ready=ready).SerializeToString()),
    "ServerMetadata": Codec(_nothing, to_server),
    "ModelReady": Codec(from_model_name, to_model_ready),
    "ModelMetadata": Codec(from_model_name, to_metadata),
    "RepositoryIndex": Codec(from_index_request, to_index),
}
