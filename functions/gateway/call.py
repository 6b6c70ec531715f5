"""One call of one servable: its inputs picked out, a healthy endpoint found, the answer held against the signature."""

from collections.abc import Iterator, Mapping

import msgspec

from functions.core.errors import DeadlineExceeded, ModelFailed, Problem, Unavailable
from functions.core.messages import StageCall
from functions.core.models import Servable
from functions.core.tensor import Tensor
from functions.core.validate import check_tensors
from functions.gateway.ports import Ports

ATTEMPTS = 2  # a replica that has just gone is still listed for a moment


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """Whose turn it is in a prediction: `deadline` by the ports' clock; `calls` is the record, shared by all stages."""

    stage: int
    servable: Servable
    request_id: str
    deadline: float
    calls: list[StageCall]


def call(ports: Ports, turn: Turn, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The servable's outputs; what it gives beyond its signature is left out. The call is recorded however it ends.

    Raises InvalidRequest (the model refused a value), ModelFailed, Unavailable, DeadlineExceeded.
    """
    servable = turn.servable
    inputs = {field.name: tensors[field.name] for field in servable.signature.inputs if field.name in tensors}
    outputs: dict[str, Tensor] | None = None
    error: str | None = None
    begun = ports.clock()
    try:
        _expect(servable, "input", check_tensors(servable.signature.inputs, inputs))
        answer = _ask(ports, turn, inputs)
        outputs = {field.name: answer[field.name] for field in servable.signature.outputs if field.name in answer}
        _expect(servable, "output", check_tensors(servable.signature.outputs, outputs))
        return outputs
    except Exception as failure:
        error = str(failure)
        raise
    finally:
        latency = (ports.clock() - begun) * 1000
        turn.calls.append(_record(turn, inputs, outputs, error, latency))


def _ask(ports: Ports, turn: Turn, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A prediction changes nothing, so what one endpoint could not take is put to the next."""
    servable = turn.servable
    refused = Unavailable(f"servable {servable.name} is {servable.status}{_because(servable.message)}")
    for endpoint in _endpoints(ports, servable):
        left = turn.deadline - ports.clock()
        if left <= 0:
            raise DeadlineExceeded(f"no time was left for servable {servable.name} (stage {turn.stage})")
        try:
            version = str(servable.model_version)
            return ports.client.infer(endpoint, servable.model_name, version, turn.request_id, inputs, left)
        except Unavailable as error:
            refused = error
    raise refused


def _endpoints(ports: Ports, servable: Servable) -> Iterator[str]:
    """Healthy endpoints from a random one onwards: the load is spread without anyone counting."""
    known = servable.endpoints
    first = int(ports.chance() * len(known))
    return (known[(first + at) % len(known)] for at in range(min(ATTEMPTS, len(known))))


def _expect(servable: Servable, side: str, problems: list[Problem]) -> None:
    """An application's own tensors that do not fit are the platform's or the model's failure, never the caller's."""
    if problems:
        told = "; ".join(f"{side} {p.pointer[1:]}: expected {p.expected}, received {p.received}" for p in problems)
        raise ModelFailed(f"servable {servable.name} does not keep to its signature: {told}")


def _because(message: str) -> str:
    return f": {message}" if message else ""


def _record(
    turn: Turn, inputs: dict[str, Tensor], outputs: dict[str, Tensor] | None, error: str | None, latency_ms: float
) -> StageCall:
    servable = turn.servable
    return StageCall(
        stage=turn.stage,
        servable_name=servable.name,
        model_name=servable.model_name,
        model_version=servable.model_version,
        model_version_id=servable.model_version_id,
        inputs=inputs,
        outputs=outputs,
        error=error,
        latency_ms=latency_ms,
    )
