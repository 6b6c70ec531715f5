"""Maps between stages and variants: every layer behind the doors sees tensors."""

from typing import Any

from functions.core.dtypes import DType
from functions.core.signature import Field, Shape
from tests.unit.gateway.http_client import HttpGateway
from tests.unit.gateway.worlds import World, field, signature, tensor

PATH = "/gateway/application/app"


def listed(*subfields: Field) -> Field:
    return Field("people", None, Shape((-1,)), subfields=subfields)


AGE, NAME, TAGS = field("age", DType.INT8), field("name", DType.STRING), field("tags", DType.STRING, [-1])
PEOPLE = [{"age": 1, "name": "ann"}, {"age": 2, "name": "bob"}]


def test_g06_maps_flow_from_stage_to_stage() -> None:
    world = World()
    older = world.servable(
        "older",
        model=lambda given: {**given, "people/age": tensor(DType.INT8, [40, 41])},
        signature=signature([listed(AGE, NAME)], [listed(AGE, NAME)]),
    )
    namer = world.servable("namer", model=dict, signature=signature([listed(NAME)], [listed(NAME)]))
    world.application("app", [(older, 100)])
    http = HttpGateway(world)
    assert http.post(PATH, {"people": PEOPLE}).json_body == {
        "people": [{"age": 40, "name": "ann"}, {"age": 41, "name": "bob"}]
    }
    world.application("both", [(older, 100)], [(namer, 100)])
    assert http.post("/gateway/application/both", {"people": PEOPLE}).json_body == {
        "people": [{"name": "ann"}, {"name": "bob"}]
    }
    assert [set(call.inputs) for call in world.sink.published[-1].calls] == [
        {"people/age", "people/name"},
        {"people/name"},
    ]


def test_g06_variants_that_take_other_fields_of_a_map_get_theirs() -> None:
    world = World()
    ages = world.servable("ages", model=dict, signature=signature([listed(AGE)], [listed(AGE)]))
    names = world.servable("names", 2, model=dict, signature=signature([listed(NAME)], [listed(NAME)]))
    world.application("app", [(ages, 100), (names, 0)])
    http = HttpGateway(world)
    answer = http.post(PATH, {"people": PEOPLE})
    assert answer.json_body == {"people": [{"age": 1}, {"age": 2}]}
    (call,) = world.sink.published[0].calls
    assert (set(call.inputs), set(call.spare_inputs)) == ({"people/age"}, {"people/name"})
    named = http.post(PATH, {"people": PEOPLE}, {"x-dewpoint-variant": "names:2"})
    assert named.json_body == {"people": [{"name": "ann"}, {"name": "bob"}]}


def answering(outputs: dict[str, Any]) -> Any:
    world = World()
    both = signature([field("x")], [listed(AGE, NAME)])
    world.application("app", [(world.servable(model=lambda _: outputs, signature=both), 100)])
    return HttpGateway(world).post(PATH, {"x": 1}), world.sink.published[0]


def test_g09_leaves_of_an_answer_that_differ_in_number_are_the_model_s_failure_and_recorded() -> None:
    ages, names = tensor(DType.INT8, [1, 2]), tensor(DType.STRING, ["a"])
    answer, recorded = answering({"people/age": ages, "people/name": names})
    assert answer.status_code == 500
    assert "output people/name/shape: expected shape [2] of maps 'people'" in answer.json_body["detail"]
    assert (recorded.error, recorded.calls[0].outputs) == (
        answer.json_body["detail"],
        {"people/age": ages, "people/name": names},
    )


def test_g09_a_leaf_that_is_missing_in_an_answer_is_named() -> None:
    answer, recorded = answering({"people/age": tensor(DType.INT8, [1])})
    assert answer.status_code == 500
    assert "output people/name: expected DT_STRING, shape [-1], received nothing" in answer.json_body["detail"]
    assert recorded.error is not None


def test_g10_unknown_keys_inside_maps_are_left_out_and_named_in_a_warning() -> None:
    world = World()
    world.application("app", [(world.servable(model=dict, signature=signature([listed(AGE)], [listed(AGE)])), 100)])
    answer = HttpGateway(world).post(PATH, {"people": [{"age": 1}, {"age": 2, "shoe": 44}], "odd": 1})
    assert answer.json_body == {"people": [{"age": 1}, {"age": 2}]}
    assert answer.headers["x-dewpoint-warning"] == "ignored inputs: people/1/shoe, odd"


def test_g06_metadata_lists_leaves() -> None:
    world = World()
    both = signature([listed(AGE, TAGS)], [field("y")])
    world.application("app", [(world.servable(model=dict, signature=both), 100)])
    assert HttpGateway(world).get("/v2/models/app").json_body["inputs"] == [
        {"name": "people/age", "datatype": "INT8", "shape": [-1]},
        {"name": "people/tags", "datatype": "BYTES", "shape": [-1, -1]},
    ]


def test_g06_the_protocol_takes_leaves_and_checks_that_they_agree() -> None:
    world = World()
    both = signature([listed(AGE, NAME)], [listed(AGE)])
    world.application("app", [(world.servable(model=dict, signature=both), 100)])
    age = {"name": "people/age", "datatype": "INT8", "shape": [2], "data": [1, 2]}
    name = {"name": "people/name", "datatype": "BYTES", "shape": [2], "data": ["a", "b"]}
    http = HttpGateway(world)
    answer = http.post("/v2/models/app/infer", {"inputs": [name, age], "outputs": [{"name": "people/age"}]})
    assert answer.json_body["outputs"] == [age]
    wrong = http.post("/v2/models/app/infer", {"inputs": [age, {**name, "shape": [1], "data": ["a"]}]})
    assert wrong.json_body["errors"] == [
        {
            "pointer": "/inputs/1/shape",
            "expected": "shape [2] of maps 'people', as 'people/age' has for input 'people/name'",
            "received": "shape [1]",
        }
    ]
    whole = http.post("/v2/models/app/infer", {"inputs": [{**age, "name": "people"}]})
    assert [problem["pointer"] for problem in whole.json_body["errors"]] == ["/inputs/0/name", "/inputs", "/inputs"]
