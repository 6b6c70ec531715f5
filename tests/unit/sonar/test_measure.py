"""Metric checks: who is asked what, and what becomes of each answer."""

from collections.abc import Mapping

import pytest

from functions.core.checks import Check, Operator, Verdict
from functions.core.dtypes import DType, encode
from functions.core.errors import InvalidRequest, ModelFailed
from functions.core.messages import PredictionsMade
from functions.core.messages import encode as encode_message
from functions.core.observations import EXTERNAL
from functions.core.signature import Signature
from functions.core.tensor import Tensor
from functions.sonar.observe import observe
from tests.unit.sonar.world import ROWS_TO_VALUE, START, World, call, number, numbers, prediction, scalar

Inputs = Mapping[str, Tensor]


def distance(inputs: Inputs) -> dict[str, Tensor]:
    (x,), (y,) = inputs["x"].elements(), inputs["y"].elements()
    return {"value": number(float(y) - float(x))}


def distances(inputs: Inputs) -> dict[str, Tensor]:
    pairs = zip(inputs["x"].elements(), inputs["y"].elements(), strict=True)
    return {"value": numbers(*(float(y) - float(x) for x, y in pairs))}


def checks(world: World) -> list[Check]:
    return [check for row in world.log for check in row.metrics.values()]


def verdicts(world: World) -> list[Verdict]:
    return [check.verdict for check in checks(world)]


def test_s10_a_metric_model_is_fed_inputs_and_outputs_and_its_value_is_compared() -> None:
    world = World()
    world.metric("distance", distance, threshold=1.0)
    world.observe(prediction("far", START), prediction("near", START + 1, calls=(call(outputs={"y": number(1.5)}),)))
    far, near = checks(world)
    assert (far.verdict, far.value) == (Verdict.FAILED, 1.0)
    assert (near.verdict, near.value) == (Verdict.PASSED, 0.5)
    assert (far.name, far.threshold, far.metric_spec_id) == ("distance", 1.0, "spec-distance")
    assert far.description == "healthy when value < 1"


def test_s11_a_metric_that_cannot_answer_is_errored_which_is_neither_passed_nor_failed() -> None:
    def raising(_: Inputs) -> dict[str, Tensor]:
        raise ModelFailed("the model failed: ZeroDivisionError")

    world = World()
    world.metric("broken", raising)
    world.metric("dead", None)
    world.metric("mute", lambda _: {"other": number(1.0)})
    world.metric("text", lambda _: {"value": Tensor(DType.STRING, (), encode(DType.STRING, ["high"]))})
    world.observe(prediction())
    assert verdicts(world) == [Verdict.ERRORED] * 4
    reasons = {check.name: check.reason for check in checks(world)}
    assert "ZeroDivisionError" in reasons["broken"]
    assert "nobody listens" in reasons["dead"]
    assert reasons["mute"] == "the metric model gave no output 'value'"
    assert reasons["text"] == "the metric model's output 'value' is not a number"
    (segment,) = world.ledger.segments(1)
    assert all((c.checked, c.passed, c.errored) == (1, 0, 1) for c in segment.tally.metrics.values())


def test_s11_a_metric_whose_servable_is_gone_is_errored() -> None:
    world = World()
    spec = world.metric("gone", distance)
    world.servables.delete(spec.servable_name)
    world.observe(prediction())
    assert verdicts(world) == [Verdict.ERRORED]


def test_a_metric_model_that_takes_rows_is_asked_once_for_many_predictions() -> None:
    world = World()
    world.metric("distance", distances, ROWS_TO_VALUE, threshold=3.5)
    outputs = [{"y": number(1.0 + n)} for n in range(6)]
    world.observe(*(prediction(f"r{n}", START + n, calls=(call(outputs=o),)) for n, o in enumerate(outputs)))
    assert len(world.client) == 1
    assert world.client.asked[0].inputs["x"].shape == (6,)
    assert [check.value for check in checks(world)] == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert verdicts(world) == [Verdict.PASSED] * 4 + [Verdict.FAILED] * 2


def test_s11_a_metric_model_that_does_not_answer_row_by_row_is_asked_about_each() -> None:
    world = World()
    world.metric("sum", lambda inputs: {"value": numbers(len(inputs["x"].elements()))}, ROWS_TO_VALUE, threshold=2.0)
    world.metric("mute", lambda _: {"other": number(1.0)}, ROWS_TO_VALUE)
    world.observe(*(prediction(f"r{n}", START + n) for n in range(3)))
    found = {(check.name, check.verdict, check.value, check.reason) for check in checks(world)}
    told = "the metric model gave no output 'value'"
    assert found == {("sum", Verdict.PASSED, 1.0, ""), ("mute", Verdict.ERRORED, None, told)}


def test_s11_of_several_values_one_that_is_no_number_is_an_error() -> None:
    world = World()
    world.metric("odd", lambda _: {"value": numbers(1.0, float("nan"))}, healthy=Operator.NOT_EQ, threshold=7.0)
    world.metric("scalar", lambda _: {"value": number(0.5)}, ROWS_TO_VALUE)
    world.observe(prediction())
    assert {check.name: check.verdict for check in checks(world)} == {
        "odd": Verdict.ERRORED,
        "scalar": Verdict.PASSED,
    }


def test_a_prediction_of_many_rows_is_healthy_when_each_row_is() -> None:
    world = World(signature=Signature("predict", (scalar("x", (-1,)),), (scalar("y", (-1,)),)))
    world.metric("distance", distances, ROWS_TO_VALUE, threshold=1.0)
    rows = call(inputs={"x": numbers(0.0, 0.0, 0.0)}, outputs={"y": numbers(0.5, 2.0, 0.1)})
    row = call(inputs={"x": numbers(1.0)}, outputs={"y": numbers(1.2)})
    world.observe(prediction("a", calls=(rows,)), prediction("b", START + 1, calls=(row,)))
    assert [(check.verdict, check.value) for check in checks(world)] == [
        (Verdict.FAILED, 2.0),
        (Verdict.PASSED, pytest.approx(0.2)),
    ]


def test_one_prediction_that_a_metric_refuses_spoils_no_other_check() -> None:
    def picky(inputs: Inputs) -> dict[str, Tensor]:
        if 2.0 in inputs["x"].elements():
            raise InvalidRequest("2 is not allowed")
        return distances(inputs)

    world = World()
    world.metric("picky", picky, ROWS_TO_VALUE, threshold=5.0)
    world.observe(*(prediction(f"r{n}", START + n, x=float(n)) for n in range(4)))
    assert verdicts(world) == [Verdict.PASSED, Verdict.PASSED, Verdict.ERRORED, Verdict.PASSED]


def test_a_failed_prediction_has_no_metrics() -> None:
    world = World()
    world.metric("distance", distance)
    world.observe(prediction(calls=(call(outputs=None, error="the model failed"),)))
    assert checks(world) == []
    assert len(world.client) == 0


def test_a_metric_that_hangs_costs_its_own_checks_and_not_the_record() -> None:
    world = World()
    spec = world.metric("slow", distance)
    (endpoint,) = world.servables.get(spec.servable_name).endpoints
    world.client.takes[endpoint] = 1e9
    world.metric("quick", distance, threshold=9.0)
    assert world.observe(prediction()) == {}
    assert {check.name: check.verdict for check in checks(world)} == {
        "slow": Verdict.ERRORED,
        "quick": Verdict.PASSED,
    }


def test_s18_predictions_that_were_made_elsewhere_are_measured_like_our_own() -> None:
    world = World()
    world.metric("distance", distance, threshold=1.0)
    elsewhere = [call(servable_name=EXTERNAL), call(servable_name=EXTERNAL, outputs={"y": number(1.5)})]
    made = PredictionsMade(
        predictions=tuple(prediction(f"r{at}", START + at, calls=(one,)) for at, one in enumerate(elsewhere))
    )
    assert observe(world, [encode_message(made).decode()]) == {}
    assert verdicts(world) == [Verdict.FAILED, Verdict.PASSED]
