"""The Open Inference Protocol as any client speaks it, over HTTP and gRPC: describe the model, then ask it."""

from collections.abc import Mapping
from typing import Any

import grpc
import httpx
import numpy as np

from servable.pb import open_inference_pb2 as oip

TIMEOUT = 30.0
NUMPY = {"FP64": np.float64, "FP32": np.float32, "INT64": np.int64, "INT32": np.int32, "BOOL": np.bool_}


class OpenInference:
    """Speaks to one platform with one key. A stop's tensors are small, so nothing is streamed."""

    def __init__(self, edge: str, grpc_address: str, key: str) -> None:
        self._edge = edge
        self._grpc = grpc_address
        self._key = {"x-api-key": key}

    def over_http(self, application: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Outputs by name. Raises httpx.HTTPError."""
        with httpx.Client(base_url=self._edge, headers=self._key, timeout=TIMEOUT, trust_env=False) as http:
            fields = http.get(f"/v2/models/{application}").raise_for_status().json()["inputs"]
            inputs = [
                {"name": f["name"], "datatype": f["datatype"], "shape": list(np.shape(request[f["name"]]))}
                | {"data": np.ravel(np.asarray(request[f["name"]], dtype=object)).tolist()}
                for f in fields
            ]
            answer = http.post(f"/v2/models/{application}/infer", json={"inputs": inputs}).raise_for_status().json()
        return {o["name"]: np.reshape(np.asarray(o["data"]), o["shape"]).tolist() for o in answer["outputs"]}

    def over_grpc(self, application: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Outputs by name. Raises grpc.RpcError."""
        metadata = tuple(self._key.items())
        with grpc.insecure_channel(self._grpc) as channel:
            describe = _method(channel, "ModelMetadata", oip.ModelMetadataRequest, oip.ModelMetadataResponse)
            infer = _method(channel, "ModelInfer", oip.ModelInferRequest, oip.ModelInferResponse)
            fields = describe(oip.ModelMetadataRequest(name=application), metadata=metadata, timeout=TIMEOUT).inputs
            question = oip.ModelInferRequest(model_name=application)
            for field in fields:
                value = request[field.name]
                question.inputs.add(name=field.name, datatype=field.datatype, shape=np.shape(value))
                question.raw_input_contents.append(to_raw(field.datatype, value))
            answer = infer(question, metadata=metadata, timeout=TIMEOUT)
        pairs = zip(answer.outputs, answer.raw_output_contents, strict=True)
        return {output.name: from_raw(output.datatype, list(output.shape), raw) for output, raw in pairs}


def _method(channel: grpc.Channel, name: str, request: Any, response: Any) -> Any:
    return channel.unary_unary(
        f"/inference.GRPCInferenceService/{name}",
        request_serializer=request.SerializeToString,
        response_deserializer=response.FromString,
    )


def to_raw(datatype: str, value: Any) -> bytes:
    """Raw contents of nested lists or a bare value; a string goes behind its length."""
    if datatype != "BYTES":
        return np.asarray(value, dtype=NUMPY[datatype]).tobytes()
    items = [str(item).encode() for item in np.ravel(np.asarray(value, dtype=object))]
    return b"".join(len(item).to_bytes(4, "little") + item for item in items)


def from_raw(datatype: str, shape: list[int], raw: bytes) -> Any:
    """Nested lists, or a bare value for a scalar."""
    if datatype != "BYTES":
        return np.frombuffer(raw, dtype=NUMPY[datatype]).reshape(shape).tolist()
    items, at = [], 0
    while at < len(raw):
        end = at + 4 + int.from_bytes(raw[at : at + 4], "little")
        items.append(raw[at + 4 : end].decode())
        at = end
    return np.reshape(np.asarray(items, dtype=object), shape).tolist()
