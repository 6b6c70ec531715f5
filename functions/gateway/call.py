"""One call of one servable: its inputs picked out, a replica asked, the answer held against the signature."""

from collections.abc import Iterable, Mapping

import msgspec

from functions.core.errors import DeadlineExceeded, ModelFailed, Problem
from functions.core.leaves import leaves
from functions.core.messages import StageCall
from functions.core.models import Servable
from functions.core.signature import Field
from functions.core.tensor import Tensor
from functions.core.validate import check_tensors
from functions.gateway.attempt import attempt
from functions.gateway.ports import Ports
from functions.gateway.resolve import Step
from functions.gateway.wake import awake


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """Whose turn it is in a prediction: `deadline` by the ports' clock; `calls` is the record, shared by all stages.
    `fitted` are the fields that the tensors are known to fit already."""

    stage: int
    step: Step
    fitted: tuple[Field, ...] = ()
    request_id: str
    deadline: float
    calls: list[StageCall]

    @property
    def servable(self) -> Servable:
        return self.step.servable


def call(ports: Ports, turn: Turn, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The servable's outputs; what it gives beyond its signature is left out. The call is recorded however it ends.

    Raises InvalidRequest (the model refused a value), ModelFailed, Unavailable, DeadlineExceeded.
    """
    servable = turn.servable
    inputs = _picked(servable.signature.inputs, tensors)
    outputs: dict[str, Tensor] | None = None
    error: str | None = None
    begun = ports.clock()
    try:
        if servable.signature.inputs != turn.fitted:
            _expect(servable, "input", check_tensors(servable.signature.inputs, inputs))
        answer = _ask(ports, turn, inputs)
        outputs = _picked(servable.signature.outputs, answer)
        _expect(servable, "output", check_tensors(servable.signature.outputs, outputs))
        return outputs
    except Exception as failure:
        error = str(failure)
        raise
    finally:
        latency = (ports.clock() - begun) * 1000
        spare = _spare(turn.step, tensors, inputs)
        turn.calls.append(_record(turn, inputs, spare, outputs, error, latency))


def _picked(fields: Iterable[Field], tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {leaf.name: tensors[leaf.name] for leaf in leaves(fields) if leaf.name in tensors}


def _ask(ports: Ports, turn: Turn, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
    servable = awake(ports, turn.servable, turn.deadline)

    def send(endpoint: str) -> dict[str, Tensor]:
        left = turn.deadline - ports.clock()
        if left <= 0:
            raise DeadlineExceeded(f"no time was left for servable {servable.name} (stage {turn.stage})")
        model, version = servable.asked_as
        return ports.client.infer(endpoint, model, version, turn.request_id, inputs, left)

    return attempt(ports, servable, send, turn.deadline)


def _expect(servable: Servable, side: str, problems: list[Problem]) -> None:
    """An application's own tensors that do not fit are the platform's or the model's failure, never the caller's."""
    if problems:
        told = "; ".join(f"{side} {_named(p)}: expected {p.expected}, received {p.received}" for p in problems)
        raise ModelFailed(f"servable {servable.name} does not keep to its signature: {told}")


def _named(problem: Problem) -> str:
    return problem.pointer[1:].replace("~1", "/")


def _spare(step: Step, given: Mapping[str, Tensor], used: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """What a shadow may take and the answering variant does not."""
    if not step.shadows:
        return {}
    return {name: given[name] for name in step.inputs if name in given and name not in used}


def _record(
    turn: Turn,
    inputs: dict[str, Tensor],
    spare: dict[str, Tensor],
    outputs: dict[str, Tensor] | None,
    error: str | None,
    latency_ms: float,
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
        shadows=turn.step.shadows,
        spare_inputs=spare,
    )
