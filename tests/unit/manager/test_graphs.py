"""What the graph of an application may be, and what is said of one that may not."""

from typing import Any

import pytest

from functions.core.errors import InvalidRequest
from tests.unit.manager.applications import create, pointers, ready, signature, update, variant
from tests.unit.manager.world import World


def test_a_version_can_be_named_by_model_and_number(world: World) -> None:
    version = world.built()
    application = create(world, [{"modelName": "penguins", "modelVersion": 1}])
    assert application.stages[0].variants[0].model_version_id == version.id


def test_a_lone_variant_answers_always(world: World) -> None:
    assert create(world, [variant(world.built(), 7)]).stages[0].variants[0].weight == 100


def test_variants_share_out_a_hundred_percent(world: World) -> None:
    one, two = world.built(), world.built()
    application = create(world, [variant(one, 80), variant(two, 20)])
    assert [v.weight for v in application.stages[0].variants] == [80, 20]
    assert len(set(application.servables)) == 2


@pytest.mark.parametrize("weights", [(50, 49), (100, 1), (-1, 101), (None, 100), (200, -100)])
def test_m14_other_sums_are_refused(world: World, weights: tuple[int | None, int]) -> None:
    version = world.built()
    with pytest.raises(InvalidRequest, match="/executionGraph/stages/0/modelVariants"):
        create(world, [variant(version, weights[0]), variant(version, weights[1])])
    assert len(world.host) == 0


def test_m14_everything_wrong_with_a_graph_is_told_at_once(world: World) -> None:
    failed = world.models.get("penguins", world.built().version)
    stages: list[list[dict[str, Any]]] = [
        [{"modelVersionId": 99}],
        [{}],
        [{"servableName": "nobody"}],
        [variant(failed, deploymentConfigName="nowhere")],
        [variant(failed, 10), variant(failed, 10)],
        [],
    ]
    with pytest.raises(InvalidRequest) as refused:
        create(world, *stages)
    base = "/executionGraph/stages"
    assert set(pointers(refused)) == {
        f"{base}/0/modelVariants/0",
        f"{base}/1/modelVariants/0",
        f"{base}/2/modelVariants/0",
        f"{base}/3/modelVariants/0",
        f"{base}/4/modelVariants",
        f"{base}/5/modelVariants",
    }
    assert len(world.applications) == len(world.host) == 0


def test_m14_a_graph_has_no_more_variants_than_can_be_started(world: World) -> None:
    version = world.built()
    with pytest.raises(InvalidRequest) as refused:
        create(world, *[[variant(version)]] * 33)
    assert pointers(refused) == {"/executionGraph/stages": "33"}


def test_a_graph_needs_a_stage(world: World) -> None:
    with pytest.raises(InvalidRequest, match="at least one stage"):
        create(world)


def test_m14_stages_that_do_not_fit_are_refused_with_the_field_named(world: World) -> None:
    first = world.built("first", model_signature=signature({"x": "DT_DOUBLE"}, {"y": "DT_DOUBLE"}))
    second = world.built("second", model_signature=signature({"z": "DT_DOUBLE"}, {"out": "DT_INT64"}))
    third = world.built("third", model_signature=signature({"y": "DT_STRING"}, {"out": "DT_INT64"}))
    with pytest.raises(InvalidRequest) as refused:
        create(world, [variant(first)], [variant(second)])
    assert "/executionGraph/stages/1/inputs/z" in pointers(refused)
    with pytest.raises(InvalidRequest) as refused:
        create(world, [variant(first)], [variant(third)])
    assert "/executionGraph/stages/1/inputs/y/dtype" in pointers(refused)


def test_m14_every_variant_must_give_what_the_next_stage_takes(world: World) -> None:
    """Merged, the two of the first stage promise both; alone, one of them would fail each request that it answers."""
    whole = world.built(name="whole", model_signature=signature({"x": "DT_DOUBLE"}, {"p": "DT_INT64", "q": "DT_INT64"}))
    half = world.built(name="half", model_signature=signature({"x": "DT_DOUBLE"}, {"p": "DT_INT64"}))
    last = world.built(name="last", model_signature=signature({"q": "DT_INT64"}, {"r": "DT_INT64"}))
    with pytest.raises(InvalidRequest) as refused:
        create(world, [variant(whole, 90), variant(half, 10)], [variant(last)])
    assert pointers(refused) == {"/executionGraph/stages/1/inputs/q": "only p of half:1"}
    assert len(world.host) == 0
    assert create(world, [variant(whole)], [variant(last)]).signature.outputs[0].name == "r"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"modelVersion": 2}, "modelVersion"),
        ({"modelName": "other"}, "modelName"),
        ({"modelVersionId": 99}, "modelVersionId"),
        ({"deploymentConfigurationName": "large"}, "deploymentConfigurationName"),
        ({"modelVersion": 2, "servableName": None}, "modelVersion"),
    ],
)
def test_m14_what_a_variant_says_twice_must_be_the_same(world: World, changes: dict[str, Any], pointer: str) -> None:
    """Somebody who changes one word of what we answered means that word."""
    version = world.built()
    world.built()
    servable = ready(world, [variant(version)]).servables[0]
    shown = {
        "modelVersionId": version.id,
        "modelName": "penguins",
        "modelVersion": 1,
        "servableName": servable,
        "deploymentConfigurationName": "default",
        "weight": 100,
    }
    with pytest.raises(InvalidRequest) as refused:
        update(world, [shown | changes])
    assert list(pointers(refused)) == [f"/executionGraph/stages/0/modelVariants/0/{pointer}"]
    assert update(world, [shown]).servables == (servable,)


def test_m15_stages_that_fit_have_the_first_inputs_and_the_last_outputs(world: World) -> None:
    first = world.built("first", model_signature=signature({"x": "DT_DOUBLE"}, {"y": "DT_DOUBLE"}))
    second = world.built("second", model_signature=signature({"y": "DT_DOUBLE"}, {"out": "DT_INT64"}))
    application = create(world, [variant(first)], [variant(second)])
    assert [field.name for field in application.signature.inputs] == ["x"]
    assert [field.name for field in application.signature.outputs] == ["out"]


def test_m14_variants_that_do_not_merge_are_refused_with_the_field_named(world: World) -> None:
    one = world.built("one", model_signature=signature({"x": "DT_DOUBLE"}, {"y": "DT_DOUBLE"}))
    two = world.built("two", model_signature=signature({"x": "DT_STRING"}, {"y": "DT_DOUBLE"}))
    with pytest.raises(InvalidRequest) as refused:
        create(world, [variant(one, 50), variant(two, 50)])
    assert "/executionGraph/stages/0/modelVariants/1/inputs/x/dtype" in pointers(refused)
