"""The use case of the Open Inference Protocol: one request for a model, which is an application of ours, answered."""

from functions.core.inference import InferAnswer, InferRequest
from functions.gateway.inputs import ProtocolInputs
from functions.gateway.ports import CallOptions, Ports
from functions.gateway.predict import predict
from functions.gateway.resolve import resolve_application


def infer(ports: Ports, request: InferRequest, options: CallOptions) -> InferAnswer:
    """Outputs in the order they were asked for. Raises NotFound, and what `predict` raises."""
    route = resolve_application(ports, request.model, request.version, options)
    prediction = predict(ports, route, ProtocolInputs(request), options)
    outputs = prediction.outputs
    if request.outputs:
        # What only another variant of the stage gives was validly asked for, and is not there
        outputs = {name: outputs[name] for name in request.outputs if name in outputs}
    return InferAnswer(model=request.model, version=prediction.version, id=request.id, outputs=outputs)
