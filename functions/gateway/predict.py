"""The use case behind every door: inputs checked, stage after stage called, one PredictionMade published.

What is refused before a model sees it is no prediction and is not published; from the first call on, exactly one
message is, whether the prediction succeeds or fails.
"""

from collections.abc import Mapping

import msgspec

from functions.core.messages import PredictionMade, StageCall
from functions.core.signature import Signature
from functions.core.tensor import Tensor
from functions.gateway.call import Turn, call
from functions.gateway.inputs import Inputs
from functions.gateway.ports import CallOptions, Ports
from functions.gateway.publish import publish
from functions.gateway.resolve import Route


class Prediction(msgspec.Struct, frozen=True, kw_only=True):
    """`model` ("penguins:2") and `version` say which variant answered; `signature` is the caller's view."""

    outputs: dict[str, Tensor]
    model: str
    version: str
    signature: Signature


def predict(ports: Ports, route: Route, inputs: Inputs, options: CallOptions) -> Prediction:
    """Raises SignatureViolation and InvalidRequest (the caller's fault), ModelFailed, Unavailable, DeadlineExceeded."""
    tensors = inputs.fit(route.signature)
    calls: list[StageCall] = []
    error: str | None = None
    try:
        outputs = _walk(ports, route, tensors, options, calls)
    except Exception as failure:
        error = str(failure)
        raise
    finally:
        _note(ports, route)
        if options.observed:
            publish(
                ports.sink,
                PredictionMade(
                    request_id=options.request_id,
                    at=ports.now(),
                    application=route.application,
                    application_id=route.application_id,
                    calls=tuple(calls),
                    error=error,
                ),
            )
    answered = route.steps[-1].servable
    return Prediction(outputs=outputs, model=answered.model, version=route.version, signature=route.signature)


def _note(ports: Ports, route: Route) -> None:
    """Also when it failed: who is called is wanted."""
    shadows = {name for step in route.steps for name in step.shadows}
    ports.sleepers.note((step.servable for step in route.steps), shadows)


def _walk(
    ports: Ports, route: Route, tensors: Mapping[str, Tensor], options: CallOptions, calls: list[StageCall]
) -> dict[str, Tensor]:
    """Outputs of one stage are the inputs of the next; all of them share the time there is."""
    patience = ports.timeout if options.time_left is None else min(ports.timeout, options.time_left)
    deadline = (ports.clock() if options.heard is None else options.heard) + patience
    ports.sleepers.rouse(step.servable for step in route.steps)  # all at once, so that they wake side by side
    passed = dict(tensors)
    fitted = route.signature.inputs
    for stage, step in enumerate(route.steps):
        turn = Turn(
            stage=stage, step=step, fitted=fitted, request_id=options.request_id, deadline=deadline, calls=calls
        )
        passed, fitted = call(ports, turn, passed), ()
    return passed
