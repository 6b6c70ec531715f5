"""A servable double: a real gRPC server of the Open Inference Protocol, written against the generated messages alone.

The model's name says how it behaves. `start` gives the endpoint it listens at.
"""

import struct
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import grpc

from functions.adapters.pb import open_inference_pb2 as pb

REFUSALS = {
    "refuses": (grpc.StatusCode.INVALID_ARGUMENT, "x must be positive"),
    "out-of-range": (grpc.StatusCode.OUT_OF_RANGE, "x is too large"),
    "crashes": (grpc.StatusCode.INTERNAL, "ZeroDivisionError: division by zero"),
    "other": (grpc.StatusCode.NOT_FOUND, "another model is here"),
    "busy": (grpc.StatusCode.RESOURCE_EXHAUSTED, "too many calls"),
    "draining": (grpc.StatusCode.UNAVAILABLE, "going down"),
}


def _doubled(raw: bytes) -> bytes:
    count = len(raw) // 8
    return struct.pack(f"<{count}d", *(2 * value for value in struct.unpack(f"<{count}d", raw)))


def infer(request: pb.ModelInferRequest, context: grpc.ServicerContext) -> pb.ModelInferResponse:
    if request.model_name in REFUSALS:
        context.abort(*REFUSALS[request.model_name])
    if request.model_name == "sleeps":
        time.sleep(1.0)
    answer = pb.ModelInferResponse(model_name=request.model_name, model_version=request.model_version, id=request.id)
    for tensor, raw in zip(request.inputs, request.raw_input_contents, strict=True):
        output = answer.outputs.add(name=tensor.name, datatype=tensor.datatype, shape=tensor.shape)
        if request.model_name == "typed":
            values = struct.unpack(f"<{len(raw) // 8}d", raw)
            output.contents.fp64_contents.extend(2 * value for value in values)
        else:
            plain = {"echo": raw, "swells": raw + raw}.get(request.model_name)
            answer.raw_output_contents.append(_doubled(raw) if plain is None else plain)
        if request.model_name == "both-empty":
            output.contents.SetInParent()
        if request.model_name == "both":
            output.contents.fp64_contents.append(1.0)
    if request.model_name == "garbled":
        answer.raw_output_contents[0] = b"\0" * 7
    if request.model_name == "headers":
        told = dict(context.invocation_metadata())
        answer.outputs[0].name = f"{told['x-request-id']!s}/{request.id}/{request.model_version}"
    return answer


@contextmanager
def start(port: int = 0) -> Iterator[str]:
    server = grpc.server(ThreadPoolExecutor(4), options=[("grpc.so_reuseport", 0)])
    handler = grpc.unary_unary_rpc_method_handler(
        infer, pb.ModelInferRequest.FromString, pb.ModelInferResponse.SerializeToString
    )
    service = grpc.method_handlers_generic_handler("inference.GRPCInferenceService", {"ModelInfer": handler})
    server.add_generic_rpc_handlers((service,))
    port = server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(0).wait()
