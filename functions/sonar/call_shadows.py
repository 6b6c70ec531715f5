"""Shadows: variants of weight 0 are asked after the caller has its answer, and logged with the same request id."""

import time
from collections.abc import Sequence

import msgspec
from aws_lambda_powertools import Logger

from functions.core.errors import DewpointError, ModelFailed
from functions.core.leaves import leaves
from functions.core.messages import PredictionMade, StageCall
from functions.core.models import Servable
from functions.core.observations import Observation, observation_of
from functions.core.signature import Field
from functions.core.tensor import Tensor
from functions.core.validate import check_tensors
from functions.sonar.ask import Allowance, ask, at_once
from functions.sonar.ports import Ports
from functions.sonar.watched import Watched

log = Logger(service="sonar", utc=True)


class Turn(msgspec.Struct, frozen=True):
    """One shadow's turn to say what it would have answered."""

    made: PredictionMade
    call: StageCall
    shadow: Servable


def call_shadows(
    ports: Ports, watched: Watched, made: Sequence[PredictionMade], allowance: Allowance
) -> list[Observation]:
    """An observation for each shadow of each call; one that cannot answer is observed with its error."""
    turns = []
    for one in made:
        for call in one.calls:
            for name in call.shadows:
                servable = watched.servable(name)
                if servable is None:
                    log.warning("shadow is gone", request_id=one.request_id, servable=name)
                else:
                    turns.append(Turn(one, call, servable))
    return at_once(lambda turn: _observe(ports, turn, allowance), turns)


def _observe(ports: Ports, turn: Turn, allowance: Allowance) -> Observation:
    given = turn.call.inputs | turn.call.spare_inputs
    fields = leaves(turn.shadow.signature.inputs)
    inputs = {field.name: given[field.name] for field in fields if field.name in given}
    outputs, error, begun = None, None, time.perf_counter()
    try:
        outputs = _answer(ports, turn, inputs, allowance)
    except DewpointError as failure:
        error = failure.detail
    return msgspec.structs.replace(
        observation_of(turn.made, turn.call),
        servable_name=turn.shadow.name,
        model_name=turn.shadow.model_name,
        model_version=turn.shadow.model_version,
        model_version_id=turn.shadow.model_version_id,
        inputs=inputs,
        outputs=outputs,
        error=error,
        latency_ms=(time.perf_counter() - begun) * 1000,
        is_shadow=True,
    )


def _answer(ports: Ports, turn: Turn, inputs: dict[str, Tensor], allowance: Allowance) -> dict[str, Tensor]:
    """Held against the shadow's own signature, as the answers of other variants are."""
    signature = turn.shadow.signature
    _expect(turn.shadow, "input", signature.inputs, inputs)
    answer = ask(ports, turn.shadow, turn.made.request_id, inputs, allowance)
    outputs = {field.name: answer[field.name] for field in leaves(signature.outputs) if field.name in answer}
    _expect(turn.shadow, "output", signature.outputs, outputs)
    return outputs


def _expect(shadow: Servable, side: str, fields: Sequence[Field], tensors: dict[str, Tensor]) -> None:
    problems = check_tensors(fields, tensors)
    if problems:
        told = "; ".join(f"{side} {p.pointer[1:]}: expected {p.expected}, received {p.received}" for p in problems)
        raise ModelFailed(f"servable {shadow.name} does not keep to its signature: {told}")
