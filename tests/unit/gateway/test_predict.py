"""The use case behind every door, rule by rule, over fakes."""

from collections import Counter

import pytest

from functions.core.dtypes import DType
from functions.core.errors import (
    DeadlineExceeded,
    InvalidRequest,
    ModelFailed,
    NotFound,
    SignatureViolation,
    Unavailable,
)
from functions.core.given import Given
from functions.core.inference import InferRequest
from functions.core.models import ServableStatus
from functions.core.tensor import Tensor
from functions.gateway.infer import infer
from functions.gateway.inputs import PlainInputs
from functions.gateway.ports import CallOptions
from functions.gateway.predict import Prediction, predict
from functions.gateway.resolve import resolve_application, resolve_servable
from tests.fakes.observation_sink import FakeObservationSink
from tests.unit.gateway.worlds import OPTIONS, World, adding, field, number, raising, signature, tensor


def ask(world: World, name: str, body: object, options: CallOptions = OPTIONS, version: str = "") -> Prediction:
    return predict(world.ports, resolve_application(world.ports, name, version), PlainInputs(body), options)


def pipeline(world: World) -> None:
    first = world.servable("first", model=adding(1))
    second = world.servable(
        "second", model=adding(10, "y", "z"), signature=signature([field("y")], [field("z")]), takes=0.25
    )
    world.application("both", [(first, 100)], [(second, 100)])


def test_one_stage_answers_and_says_which_version() -> None:
    world = World()
    world.application("app", [(world.servable("adder", 3, adding(1)), 100)])
    prediction = ask(world, "app", {"x": 2})
    assert prediction.outputs == {"y": number(3)}
    assert (prediction.model, prediction.version) == ("adder:3", "3")


def test_the_servable_is_told_model_version_and_request_id() -> None:
    world = World()
    servable = world.servable("adder", 3, adding(1))
    world.application("app", [(servable, 100)])
    ask(world, "app", {"x": 2})
    (asked,) = world.client.asked
    assert asked[:5] == (servable.endpoints[0], "adder", "3", "request-1", {"x": number(2)})
    assert asked.timeout == pytest.approx(10.0)


def test_g24_tensors_pass_from_the_caller_to_the_model_and_back_as_the_bytes_they_are() -> None:
    world = World()
    sent, answered = tensor(DType.DOUBLE, [1.5] * 1000), tensor(DType.DOUBLE, [2.5] * 1000)
    wide = signature([field("x", dims=[-1])], [field("y", dims=[-1])])
    world.application("app", [(world.servable(model=lambda _: {"y": answered}, signature=wide), 100)])
    answer = infer(world.ports, InferRequest(model="app", inputs=(Given("x", sent),)), OPTIONS)
    assert world.client.asked[0].inputs["x"].data is sent.data
    assert answer.outputs["y"].data is answered.data


def test_g11_outputs_of_a_stage_feed_the_next() -> None:
    world = World()
    pipeline(world)
    assert ask(world, "both", {"x": 2}).outputs == {"z": number(13)}


def test_g14_every_stage_is_recorded_once_under_one_request_id() -> None:
    world = World()
    pipeline(world)
    ask(world, "both", {"x": 2})
    (made,) = world.sink.published
    assert (made.request_id, made.application, made.at, made.error) == ("request-1", "both", 1700000000.0, None)
    assert [(c.stage, c.model_name, c.error) for c in made.calls] == [(0, "first", None), (1, "second", None)]
    assert made.calls[0].inputs == {"x": number(2)}
    assert made.calls[1].outputs == {"z": number(13)}
    assert [call.latency_ms for call in made.calls] == pytest.approx([0.0, 250.0])


def test_what_is_not_for_monitoring_is_not_published() -> None:
    world = World()
    pipeline(world)
    ask(world, "both", {"x": 2}, CallOptions(request_id="r", observed=False))
    assert len(world.sink) == 0
    assert len(world.client) == 2


def test_all_problems_of_the_inputs_are_told_at_once_and_no_model_is_called() -> None:
    world = World()
    wide = signature([field("a"), field("b", DType.INT8), field("c", DType.STRING, [2])], [field("y")])
    world.application("app", [(world.servable(model=adding(1), signature=wide), 100)])
    with pytest.raises(SignatureViolation) as caught:
        ask(world, "app", {"b": 300, "c": ["one"]})
    assert [problem.pointer for problem in caught.value.problems] == ["/a", "/b", "/c"]
    assert len(world.client) == 0
    assert len(world.sink) == 0


def test_g12_shares_follow_the_weights() -> None:
    world = World()
    old, new = world.servable("m", 1, adding(1)), world.servable("m", 2, adding(2))
    world.application("app", [(old, 80), (new, 20)])
    rounds = 5000
    answered = Counter(ask(world, "app", {"x": 0}).version for _ in range(rounds))
    # chi-squared with one degree of freedom: 10.83 is exceeded once in a thousand, and the draw is seeded
    expected = {"1": rounds * 0.8, "2": rounds * 0.2}
    assert sum((answered[v] - expected[v]) ** 2 / expected[v] for v in expected) < 10.83


def test_weight_zero_never_answers_but_can_be_addressed() -> None:
    world = World()
    old, shadow = world.servable("m", 1, adding(1)), world.servable("m", 2, adding(2))
    world.application("app", [(old, 100), (shadow, 0)])
    assert {ask(world, "app", {"x": 0}).version for _ in range(200)} == {"1"}
    assert ask(world, "app", {"x": 0}, version="2").outputs == {"y": number(2)}


def test_an_unknown_version_is_not_found_and_named() -> None:
    world = World()
    world.application("app", [(world.servable("m", 1, adding(1)), 100)])
    with pytest.raises(NotFound, match=r"no version '7'; it has 1$"):
        ask(world, "app", {"x": 0}, version="7")


def test_versions_of_several_models_are_told_apart_by_the_model() -> None:
    world = World()
    a, b = world.servable("a", 1, adding(1)), world.servable("b", 1, adding(2))
    world.application("app", [(a, 50), (b, 50)])
    assert ask(world, "app", {"x": 0}, version="b:1").outputs == {"y": number(2)}
    with pytest.raises(NotFound):
        ask(world, "app", {"x": 0}, version="1")


def test_each_variant_gets_only_the_inputs_it_knows() -> None:
    world = World()
    wide = signature([field("x"), field("w")], [field("y")])
    a, b = world.servable("a", 1, adding(1)), world.servable("b", 1, adding(2), signature=wide)
    world.application("app", [(a, 50), (b, 50)])
    for _ in range(20):
        ask(world, "app", {"x": 0, "w": 1})
    assert {(asked.model, tuple(asked.inputs)) for asked in world.client.asked} == {("a", ("x",)), ("b", ("x", "w"))}


def test_an_unhealthy_servable_is_unavailable_with_its_status_and_message_and_recorded() -> None:
    world = World()
    down = world.servable(status=ServableStatus.NOT_SERVING, message="exit code 1")
    world.application("app", [(down, 100)])
    with pytest.raises(Unavailable, match="is NotServing: exit code 1"):
        ask(world, "app", {"x": 0})
    (made,) = world.sink.published
    assert "NotServing" in str(made.error)
    assert made.calls[0].error == made.error
    assert made.calls[0].outputs is None


def test_load_is_spread_over_all_endpoints() -> None:
    world = World()
    servable = world.servable(model=adding(1), replicas=3)
    world.application("app", [(servable, 100)])
    for _ in range(60):
        ask(world, "app", {"x": 0})
    counted = Counter(asked.endpoint for asked in world.client.asked)
    assert set(counted) == set(servable.endpoints)
    assert min(counted.values()) >= 10


def test_a_replica_that_has_just_gone_is_passed_over() -> None:
    world = World()
    servable = world.servable(model=adding(1), replicas=2)
    del world.client.models[servable.endpoints[0]]
    world.application("app", [(servable, 100)])
    assert all(ask(world, "app", {"x": 0}).outputs for _ in range(20))


def test_g20_stages_share_the_time_there_is() -> None:
    world = World(timeout=1.0)
    first = world.servable("first", model=adding(1), takes=0.8)
    slow = signature([field("y")], [field("z")])
    second = world.servable("second", model=adding(1, "y", "z"), signature=slow, takes=0.5)
    world.application("both", [(first, 100)], [(second, 100)])
    with pytest.raises(DeadlineExceeded):
        ask(world, "both", {"x": 0})
    assert [asked.timeout for asked in world.client.asked] == pytest.approx([1.0, 0.2])
    assert [call.error is None for call in world.sink.published[0].calls] == [True, False]


def test_a_callers_shorter_deadline_counts_and_a_longer_one_does_not() -> None:
    world = World(timeout=5.0)
    world.application("app", [(world.servable(model=adding(1)), 100)])
    for left in (2.0, 60.0):
        ask(world, "app", {"x": 0}, CallOptions(request_id="r", time_left=left))
    assert [asked.timeout for asked in world.client.asked] == pytest.approx([2.0, 5.0])


def test_no_time_left_calls_nobody() -> None:
    world = World()
    world.application("app", [(world.servable(model=adding(1)), 100)])
    with pytest.raises(DeadlineExceeded):
        ask(world, "app", {"x": 0}, CallOptions(request_id="r", time_left=0.0))
    assert len(world.client) == 0


@pytest.mark.parametrize(
    ("outputs", "told"),
    [
        ({}, "output y: expected DT_DOUBLE, a scalar, received nothing"),
        ({"y": tensor(DType.INT64, 1)}, "output y/datatype: expected FP64, received INT64"),
        ({"y": tensor(DType.DOUBLE, [1.0])}, r"output y/shape: expected a scalar, received shape \[1\]"),
    ],
)
def test_g09_an_answer_against_the_signature_fails_the_model_and_is_recorded(
    outputs: dict[str, Tensor], told: str
) -> None:
    world = World()
    world.application("app", [(world.servable(model=lambda _: outputs), 100)])
    with pytest.raises(ModelFailed, match=told):
        ask(world, "app", {"x": 0})
    (made,) = world.sink.published
    assert made.calls[0].outputs == outputs
    assert made.calls[0].error


def test_outputs_beyond_the_signature_are_left_out() -> None:
    world = World()
    more = {"y": number(1), "extra": number(2)}
    world.application("app", [(world.servable(model=lambda _: more), 100)])
    assert set(ask(world, "app", {"x": 0}).outputs) == {"y"}


@pytest.mark.parametrize("error", [InvalidRequest("bad value"), ModelFailed("division by zero"), OSError("unforeseen")])
def test_g18_errors_of_the_model_pass_through_and_are_recorded_once(error: Exception) -> None:
    world = World()
    world.application("app", [(world.servable(model=raising(error)), 100)])
    with pytest.raises(type(error), match=str(error)):
        ask(world, "app", {"x": 0})
    assert [made.error for made in world.sink.published] == [str(error)]
    assert world.sink.published[0].calls[0].inputs == {"x": number(0)}


def test_g17_a_failing_sink_changes_nothing() -> None:
    def fail() -> None:
        raise ConnectionError("no queue")

    world = World(sink=FakeObservationSink(before=fail))
    world.application("app", [(world.servable(model=adding(1)), 100)])
    assert ask(world, "app", {"x": 2}).outputs == {"y": number(3)}


def test_g19_what_was_deleted_stops_answering_at_once() -> None:
    world = World()
    servable = world.servable(model=adding(1))
    world.application("app", [(servable, 100)])
    ask(world, "app", {"x": 2})
    world.applications.delete("app")
    with pytest.raises(NotFound):
        ask(world, "app", {"x": 2})
    world.servables.delete(servable.name)
    with pytest.raises(NotFound):
        resolve_servable(world.ports, servable.name)


def test_an_application_whose_servable_is_gone_is_unavailable() -> None:
    world = World()
    servable = world.servable(model=adding(1))
    world.application("app", [(servable, 100)])
    world.servables.delete(servable.name)
    with pytest.raises(Unavailable, match="was removed"):
        ask(world, "app", {"x": 2})


def test_a_servable_is_addressed_without_an_application() -> None:
    world = World()
    servable = world.servable("adder", 4, adding(1))
    prediction = predict(world.ports, resolve_servable(world.ports, servable.name), PlainInputs({"x": 1}), OPTIONS)
    assert (prediction.outputs, prediction.version) == ({"y": number(2)}, "4")
    assert world.sink.published[0].application is None


@pytest.mark.parametrize("name", ["", "no such", "a/b", "ü", "x" * 5000])
def test_names_that_nothing_can_have_are_not_found(name: str) -> None:
    world = World()
    with pytest.raises(NotFound):
        resolve_application(world.ports, name)
    with pytest.raises(NotFound):
        resolve_servable(world.ports, name)
