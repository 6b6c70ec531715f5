"""The gRPC door of predictions: the Open Inference service over the same use cases as routes.py.

Beside it stands the reference system's service (legacy_door.py).
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from functions.adapters.wire_models import build_codecs
from functions.core.inference import (
    InferAnswer,
    InferRequest,
    ModelDescription,
    ModelName,
    ModelState,
    Readiness,
    ServerDescription,
)
from functions.doors.grpc import Call, GrpcServer, Guard, Limits, Method
from functions.gateway import legacy_door
from functions.gateway.about import SERVER
from functions.gateway.describe import check_ready, describe_model, list_models
from functions.gateway.infer import infer
from functions.gateway.options import read_options
from functions.gateway.ports import Ports

SERVICE = "inference.GRPCInferenceService"


def live(_ports: Ports, _nothing: None, _call: Call) -> bool:
    return True


def server_metadata(_ports: Ports, _nothing: None, _call: Call) -> ServerDescription:
    return SERVER


def model_metadata(ports: Ports, model: ModelName, _call: Call) -> ModelDescription:
    return describe_model(ports, model)


def model_ready(ports: Ports, model: ModelName, _call: Call) -> Readiness:
    return check_ready(ports, model)


def model_infer(ports: Ports, request: InferRequest, call: Call) -> InferAnswer:
    return infer(ports, request, read_options(call.metadata, call.request_id, ports.clock(), call.time_left))


def repository_index(ports: Ports, ready_only: bool, _call: Call) -> list[ModelState]:
    return list_models(ports, ready_only=ready_only)


# Method, function, and the HTTP call that needs the same rights
METHODS: tuple[tuple[str, Callable[[Ports, Any, Call], Any], tuple[str, str]], ...] = (
    ("ServerLive", live, ("GET", "/v2/health/live")),
    ("ServerReady", live, ("GET", "/v2/health/ready")),
    ("ServerMetadata", server_metadata, ("GET", "/v2")),
    ("ModelMetadata", model_metadata, ("GET", "/v2/models")),
    ("ModelReady", model_ready, ("GET", "/v2/models")),
    ("ModelInfer", model_infer, ("POST", "/v2/models")),
    ("RepositoryIndex", repository_index, ("POST", "/v2/repository/index")),
)


def build_server(ports: Ports, guard: Guard, limits: Limits) -> GrpcServer:
    codecs = build_codecs(ports.max_elements)
    methods = {
        name: Method(codecs[name].read, partial(function, ports), codecs[name].write, access)
        for name, function, access in METHODS
    }
    services = {SERVICE: methods, legacy_door.SERVICE: legacy_door.build_methods(ports)}
    return GrpcServer(services, guard, limits)
