"""Metric models: asked about each observation, and their answers held against the threshold.

A metric model is fed the inputs and outputs of the watched call, as far as it takes them, and answers `value`. Those
that take rows (every field with a free first dimension) are asked about many observations in one call. When a joint
call fails each observation is asked about alone, so that one that a metric model cannot take spoils no other's check.
"""

from collections.abc import Sequence
from contextlib import suppress

import msgspec

from functions.core.checks import Check, metric_check
from functions.core.errors import DewpointError, ModelFailed
from functions.core.leaves import leaves
from functions.core.metric_specs import VALUE, MetricSpec
from functions.core.models import Servable
from functions.core.observations import Observation
from functions.core.tensor import Tensor
from functions.sonar.ask import Allowance, ask, at_once
from functions.sonar.ports import Ports
from functions.sonar.stack import NotStackable, stack, unstack
from functions.sonar.watched import Watched

LARGEST_STACK = 256  # observations in one call of a metric model


class Task(msgspec.Struct, frozen=True):
    """Observations that one metric model is asked about together, by their places among all."""

    spec: MetricSpec
    places: tuple[int, ...]


def measure(
    ports: Ports, watched: Watched, observations: Sequence[Observation], allowance: Allowance
) -> list[dict[str, Check]]:
    """The metric checks of each observation, by name. One that ended in an error has nothing to measure."""
    tasks = _tasks(watched, observations)
    answers = at_once(lambda task: _ask_about(ports, watched, observations, task, allowance), tasks)
    checks: list[dict[str, Check]] = [{} for _ in observations]
    for task, verdicts in zip(tasks, answers, strict=True):
        for place, check in zip(task.places, verdicts, strict=True):
            checks[place][task.spec.name] = check
    return checks


def _tasks(watched: Watched, observations: Sequence[Observation]) -> list[Task]:
    by_spec: dict[str, list[int]] = {}
    specs: dict[str, MetricSpec] = {}
    for place, observation in enumerate(observations):
        if observation.outputs is None:
            continue
        for spec in watched.specs(observation.model_version_id):
            specs[spec.id] = spec
            by_spec.setdefault(spec.id, []).append(place)
    return [
        Task(specs[spec], tuple(places[at : at + LARGEST_STACK]))
        for spec, places in by_spec.items()
        for at in range(0, len(places), LARGEST_STACK)
    ]


def _ask_about(
    ports: Ports, watched: Watched, observations: Sequence[Observation], task: Task, allowance: Allowance
) -> list[Check]:
    asked = [observations[place] for place in task.places]
    servable = watched.servable(task.spec.servable_name)
    if servable is None:
        return [errored(task.spec, f"servable {task.spec.servable_name} of the metric is gone")] * len(asked)

    def one(observation: Observation) -> Check:
        try:
            return _checked(task.spec, _alone(ports, servable, observation, allowance))
        except DewpointError as error:
            return errored(task.spec, error.detail)

    if len(asked) == 1:
        return [one(asked[0])]
    try:
        values = _together(ports, servable, asked, allowance)
    except (NotStackable, DewpointError):
        return at_once(one, asked)
    return [_checked(task.spec, value) for value in values]


def _alone(ports: Ports, servable: Servable, observation: Observation, allowance: Allowance) -> Tensor | None:
    """All of the answer is about this observation, whatever its shape."""
    inputs = _inputs(servable, observation)
    with suppress(NotStackable):
        inputs, _ = stack(servable.signature, [inputs])
    return ask(ports, servable, observation.request_id, inputs, allowance).get(VALUE)


def _together(
    ports: Ports, servable: Servable, asked: Sequence[Observation], allowance: Allowance
) -> Sequence[Tensor | None]:
    """The values of all, from one call. Raises NotStackable when the metric model does not take rows, ModelFailed when
    the answer has not as many."""
    stacked, rows = stack(servable.signature, [_inputs(servable, one) for one in asked])
    value = ask(ports, servable, asked[0].request_id, stacked, allowance).get(VALUE)
    if value is None or value.shape[:1] != (sum(rows),):
        raise ModelFailed(f"the metric model gave no output {VALUE!r} for each of {sum(rows)} rows")
    return list(unstack(value, rows))


def _inputs(servable: Servable, observation: Observation) -> dict[str, Tensor]:
    """An output hides an input of the same name: it is the later word."""
    given = observation.inputs | (observation.outputs or {})
    return {field.name: given[field.name] for field in leaves(servable.signature.inputs) if field.name in given}


def _checked(spec: MetricSpec, answer: Tensor | None) -> Check:
    """Healthy when every value is; the check shows the first that is not. A NaN is none."""
    try:
        values = _numbers(answer)
    except DewpointError as error:
        return errored(spec, error.detail)
    unhealthy = (value for value in values if value != value or not spec.healthy.holds(value, spec.threshold))
    shown = next(unhealthy, values[0])
    return metric_check(spec.name, spec.healthy, spec.threshold, shown, spec_id=spec.id)


def _numbers(tensor: Tensor | None) -> list[float]:
    """Raises ModelFailed for an answer without numbers."""
    if tensor is None:
        raise ModelFailed(f"the metric model gave no output '{VALUE}'")
    elements = tensor.elements()
    numbers = [float(element) for element in elements if isinstance(element, int | float)]
    if not numbers or len(numbers) != len(elements):
        raise ModelFailed(f"the metric model's output '{VALUE}' is not a number")
    return numbers


def errored(spec: MetricSpec, reason: str) -> Check:
    return metric_check(spec.name, spec.healthy, spec.threshold, None, spec_id=spec.id, error=reason)
