"""The Open Inference Protocol's JSON, as types: snake_case, as the protocol spells it."""

from typing import Any, Literal

import msgspec


class ServerMetadata(msgspec.Struct):
    name: str
    version: str
    extensions: list[str]


class ServerHealth(msgspec.Struct):
    live: bool
    ready: bool


class TensorMetadata(msgspec.Struct):
    name: str
    datatype: str
    shape: list[int]


class ModelMetadata(msgspec.Struct):
    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorMetadata]
    outputs: list[TensorMetadata]


class ModelReady(msgspec.Struct):
    """`error` says why it is not ready."""

    name: str
    ready: bool
    error: str | None = None


class ModelIndexEntry(msgspec.Struct):
    name: str
    version: str
    state: Literal["READY", "LOADING", "UNAVAILABLE"]
    reason: str


class RequestTensor(msgspec.Struct):
    """`data` nested or flat, row-major; absent when `parameters.binary_data_size` announces raw bytes."""

    name: str
    datatype: str
    shape: list[int]
    parameters: dict[str, Any] | None = None
    data: Any = None


class RequestedOutput(msgspec.Struct):
    name: str
    parameters: dict[str, Any] | None = None


class InferenceRequest(msgspec.Struct):
    inputs: list[RequestTensor]
    outputs: list[RequestedOutput] | None = None
    id: str | None = None
    parameters: dict[str, Any] | None = None


class ResponseTensor(msgspec.Struct, omit_defaults=True):
    name: str
    datatype: str
    shape: list[int]
    parameters: dict[str, Any] | None = None
    data: Any = None


class InferenceResponse(msgspec.Struct):
    model_name: str
    model_version: str
    outputs: list[ResponseTensor]
    id: str | None = None


class RepositoryIndexRequest(msgspec.Struct):
    """`ready`: only what is READY."""

    ready: bool = False
