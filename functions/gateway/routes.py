"""The HTTP door of predictions: the Open Inference Protocol under /v2, plain JSON under /gateway."""

import functools
import math
from collections.abc import Callable
from typing import Any

import msgspec
from chalice.app import Blueprint
from msgspec.structs import replace

from functions.core.budget import Budget
from functions.core.collector import collector_at_rest
from functions.core.errors import InvalidRequest, PayloadTooLarge, Problem
from functions.core.inference import ModelName, Readiness
from functions.core.plain import to_plain
from functions.doors.http import Answer, Door, Request, check_elements, decode_json
from functions.gateway import wiring
from functions.gateway.about import SERVER, build_info
from functions.gateway.announce_payload import NewPayload, announce_payload
from functions.gateway.deposit_answer import deposit_answer
from functions.gateway.describe import check_ready, describe_model, list_models
from functions.gateway.fetch_payload import HEADER, Fetch, Payloads
from functions.gateway.infer import infer
from functions.gateway.limit import limit_caller
from functions.gateway.oip import LENGTH_HEADER, from_infer_body, to_infer_answer, to_metadata
from functions.gateway.options import read_options
from functions.gateway.ports import CallOptions, Ports
from functions.gateway.predict import predict
from functions.gateway.read_text import read_text
from functions.gateway.remarks import remarks
from functions.gateway.resolve import Route, resolve_application, resolve_servable


class IndexRequest(msgspec.Struct):
    ready: bool = False


def show_server(_: Ports, _request: Request) -> Any:
    return msgspec.to_builtins(SERVER)


def show_live(_: Ports, _request: Request) -> Any:
    # Clients differ in which of the two they look for
    return {"live": True, "ready": True}


def show_model(ports: Ports, _request: Request, name: str, version: str = "") -> Any:
    return to_metadata(describe_model(ports, ModelName(name, version)))


def show_ready(ports: Ports, _request: Request, name: str, version: str = "") -> Any:
    return _ready_answer(check_ready(ports, ModelName(name, version)))


def infer_model(ports: Ports, request: Request, name: str, version: str = "") -> Any:
    options, budget = _options(ports, request), Budget(ports.max_elements)
    fetch, length = Payloads(ports).fetch, request.headers.get(LENGTH_HEADER)
    body = _body(ports, request, fetch)
    with collector_at_rest(len(body)):
        call = from_infer_body(ModelName(name, version), body, length, budget, fetch)
    return to_infer_answer(call, infer(ports, call.request, options))


def index_models(ports: Ports, request: Request) -> Any:
    wish = decode_json(request.raw, IndexRequest) if request.raw else IndexRequest()
    return list_models(ports, ready_only=wish.ready)


def predict_application(ports: Ports, request: Request, name: str) -> Any:
    options = _options(ports, request)
    return _predict_plain(ports, request, resolve_application(ports, name, options=options), options)


def predict_servable(ports: Ports, request: Request, name: str) -> Any:
    options = _options(ports, request)
    return _predict_plain(ports, request, resolve_servable(ports, name), options)


def post_payload(ports: Ports, request: Request) -> Any:
    return Answer(announce_payload(ports, request.json_as(NewPayload)), status=201)


def show_buildinfo(_: Ports, _request: Request) -> Any:
    return build_info()


ROUTES: tuple[tuple[str, str, Callable[..., Any]], ...] = (
    ("GET", "/v2", show_server),
    ("GET", "/v2/health/live", show_live),
    ("GET", "/v2/health/ready", show_live),
    ("GET", "/v2/models/{name}", show_model),
    ("GET", "/v2/models/{name}/ready", show_ready),
    ("POST", "/v2/models/{name}/infer", infer_model),
    ("GET", "/v2/models/{name}/versions/{version}", show_model),
    ("GET", "/v2/models/{name}/versions/{version}/ready", show_ready),
    ("POST", "/v2/models/{name}/versions/{version}/infer", infer_model),
    ("POST", "/v2/repository/index", index_models),
    ("POST", "/gateway/application/{name}", predict_application),
    ("POST", "/gateway/servable/{name}", predict_servable),
    ("POST", "/gateway/payload", post_payload),
    ("GET", "/gateway/buildinfo", show_buildinfo),
)


def build_routes(ports: Callable[[], Ports]) -> Blueprint:
    """The blueprint over what `ports` gives; asked at each call, so that nothing is built before the first."""
    blueprint = Blueprint(__name__)
    route = Door(blueprint)
    for method, path, function in ROUTES:
        route(method, path)(_bound(function, ports))
    return blueprint


def _bound(function: Callable[..., Any], ports: Callable[[], Ports]) -> Callable[..., Any]:
    @functools.wraps(function)
    def bound(request: Request, **parameters: str) -> Answer:
        limits = limit_caller(ports().quotas, request.caller, ports().now)
        result = function(ports(), request, **parameters)
        answer = deposit_answer(ports(), result if isinstance(result, Answer) else Answer(result))
        return replace(answer, headers=answer.headers | limits) if limits else answer

    return bound


def _predict_plain(ports: Ports, request: Request, route: Route, options: CallOptions) -> Answer:
    budget = Budget(ports.max_elements)
    body = _body(ports, request, Payloads(ports).fetch)
    budget.check_document(body)
    inputs = read_text(route.signature, body, budget)
    prediction = predict(ports, route, inputs, options)
    check_elements(sum(math.prod(tensor.shape) for tensor in prediction.outputs.values()))
    headers = remarks(prediction.model, inputs.ignored)
    return Answer(to_plain(prediction.signature.outputs, prediction.outputs), headers=headers)


def _ready_answer(readiness: Readiness) -> Answer:
    """Clients of the protocol look at the status alone."""
    if readiness.ready:
        return Answer({"name": readiness.name, "ready": True})
    body = {"name": readiness.name, "ready": False, "error": readiness.reason}
    return Answer(body, status=503, headers={"Retry-After": "2"})


def _body(ports: Ports, request: Request, fetch: Fetch) -> bytes:
    """The body, or the payload that was uploaded in its place."""
    if (reference := request.headers.get(HEADER)) is not None:
        if request.raw:
            raise InvalidRequest.of([Problem(f"/headers/{HEADER}", "an empty body beside it", "a body as well")])
        return fetch(reference, f"/headers/{HEADER}")
    if len(request.raw) > ports.max_bytes:
        raise PayloadTooLarge(f"the body takes {len(request.raw)} bytes; at most {ports.max_bytes} are accepted")
    return request.raw


def _options(ports: Ports, request: Request) -> CallOptions:
    return read_options(request.headers, request.request_id, ports.clock())


routes = build_routes(wiring.ports)
