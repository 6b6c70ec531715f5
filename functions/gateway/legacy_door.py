"""The reference system's gRPC predictions, for its published clients: named tensors to an application or a servable."""

from collections.abc import Callable
from functools import partial

from msgspec.structs import replace

from functions.adapters.wire_legacy import from_predict_request, to_predict_answer
from functions.core.budget import Budget
from functions.core.inference import NamedCall
from functions.doors.grpc import Call, Method
from functions.gateway.inputs import NamedInputs
from functions.gateway.options import read_options
from functions.gateway.ports import CallOptions, Ports
from functions.gateway.predict import Prediction, predict
from functions.gateway.remarks import remarks
from functions.gateway.resolve import Route, resolve_application, resolve_servable

SERVICE = "hydrosphere.serving.gateway.GatewayService"
# The HTTP calls that need the same rights
APPLICATION = ("POST", "/gateway/application")
SERVABLE = ("POST", "/gateway/servable")


def predict_application(ports: Ports, request: NamedCall, call: Call) -> Prediction:
    options = _options(ports, call)
    return _predict(ports, resolve_application(ports, request.name, options=options), request, options, call)


def predict_servable(ports: Ports, request: NamedCall, call: Call, *, monitored: bool = True) -> Prediction:
    options = _options(ports, call, monitored=monitored)
    return _predict(ports, resolve_servable(ports, request.name), request, options, call)


def build_methods(ports: Ports) -> dict[str, Method]:
    """The methods of `SERVICE`."""
    calls: dict[str, tuple[Callable[[Ports, NamedCall, Call], Prediction], tuple[str, str]]] = {
        "PredictApplication": (predict_application, APPLICATION),
        "PredictServable": (predict_servable, SERVABLE),
        "ShadowlessPredictServable": (partial(predict_servable, monitored=False), SERVABLE),
    }
    read = partial(_read, ports.max_elements)
    return {name: Method(read, partial(function, ports), _write, access) for name, (function, access) in calls.items()}


def _read(max_elements: int, raw: bytes) -> NamedCall:
    return from_predict_request(raw, Budget(max_elements))


def _write(prediction: Prediction) -> bytes:
    return to_predict_answer(prediction.signature.outputs, prediction.outputs)


def _predict(ports: Ports, route: Route, request: NamedCall, options: CallOptions, call: Call) -> Prediction:
    inputs = NamedInputs(request)
    prediction = predict(ports, route, inputs, options)
    call.told.update(remarks(prediction.model, inputs.ignored))
    return prediction


def _options(ports: Ports, call: Call, *, monitored: bool = True) -> CallOptions:
    options = read_options(call.metadata, call.request_id, ports.clock(), call.time_left)
    return options if monitored else replace(options, observed=False)
