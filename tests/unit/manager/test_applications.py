"""Applications: what their graph may be, how they become ready, and how they change without a moment's silence."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.deployments import DeploymentConfiguration
from functions.core.errors import Conflict, InvalidRequest, NotFound, PreconditionFailed
from functions.core.models import Application, ApplicationStatus, ModelVersion, Servable
from functions.manager.create_application import NewApplication, create_application
from functions.manager.delete_application import delete_application
from functions.manager.deploy_servable import deploy_servable
from functions.manager.stop_servable import stop_servable
from functions.manager.update_application import ChangedApplication, update_application
from tests.fakes.host import FakeServableHost
from tests.unit.manager.world import World


def variant(version: ModelVersion, weight: int | None = None, **more: Any) -> dict[str, Any]:
    return {"modelVersionId": version.id, "weight": weight} | more


def graph(*stages: list[dict[str, Any]]) -> dict[str, Any]:
    return {"stages": [{"modelVariants": variants} for variants in stages]}


def create(world: World, *stages: list[dict[str, Any]], name: str = "shop") -> Application:
    body = {"name": name, "executionGraph": graph(*stages)}
    return create_application(world, msgspec.convert(body, NewApplication))


def update(world: World, *stages: list[dict[str, Any]], expected: int | None = None, **more: Any) -> Application:
    body = {"executionGraph": graph(*stages)} | more
    return update_application(world, "shop", msgspec.convert(body, ChangedApplication), expected)


def ready(world: World, *stages: list[dict[str, Any]]) -> Application:
    application = create(world, *stages)
    world.serve(*application.servables)
    return world.applications.get("shop")


def pointers(refused: pytest.ExceptionInfo[InvalidRequest]) -> dict[str, str]:
    return {problem.pointer: problem.received for problem in refused.value.problems}


def signature(inputs: dict[str, str], outputs: dict[str, str]) -> dict[str, Any]:
    def fields(names: dict[str, str]) -> list[dict[str, Any]]:
        return [{"name": name, "dtype": dtype, "shape": {"dims": []}} for name, dtype in names.items()]

    return {"signatureName": "predict", "inputs": fields(inputs), "outputs": fields(outputs)}


def test_an_application_is_ready_when_its_servables_serve(world: World) -> None:
    version = world.built()
    application = create(world, [variant(version)])
    assert (application.id, application.status, application.revision) == (1, ApplicationStatus.ASSEMBLING, 1)
    [servable] = application.servables
    assert world.servables.get(servable).metadata == {"dewpoint.application": "shop"}
    world.serve(servable)
    assert world.applications.get("shop").status is ApplicationStatus.READY
    assert application.signature == version.signature


def test_m13_a_servable_that_fails_fails_the_application_with_its_reason(world: World) -> None:
    application = create(world, [variant(world.built())])
    world.fail(application.servables[0], reason="exit code 1")
    failed = world.applications.get("shop")
    assert failed.status is ApplicationStatus.FAILED
    assert failed.message == f"{application.servables[0]}: exit code 1"


def test_a_servable_that_served_before_the_application_was_written_counts(world: World) -> None:
    version = world.built()
    servable = deploy_servable(world, version, "default", {})
    world.serve(servable.name)
    application = create(world, [{"servableName": servable.name}])
    assert application.status is ApplicationStatus.READY
    assert application.servables == (servable.name,)
    assert len(world.host) == 1


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


@pytest.mark.parametrize("name", ["", "a b", "ä", "a/b", "x" * 101])
def test_names_have_rules(world: World, name: str) -> None:
    with pytest.raises(InvalidRequest, match="/name"):
        create(world, [variant(world.built())], name=name)


def test_m14_a_name_is_taken_once_and_nothing_is_started_for_the_second(world: World) -> None:
    version = world.built()
    create(world, [variant(version)])
    with pytest.raises(Conflict):
        create(world, [variant(version)])
    assert len(world.host) == 1


def test_when_one_servable_cannot_start_none_is_left(world: World) -> None:
    version = world.built()
    world.host.refuses, world.host.refuses_after = RuntimeError("no capacity"), 1
    with pytest.raises(RuntimeError):
        create(world, [variant(version, 50), variant(version, 50)])
    assert len(world.host) == len(world.servables) == len(world.applications) == 0


def test_m12_an_update_answers_with_the_old_graph_until_the_new_one_serves(world: World) -> None:
    one = world.built()
    before = ready(world, [variant(one)])
    two = world.built()
    updating = update(world, [variant(two)])
    assert updating.id == before.id
    assert updating.servables == before.servables
    assert updating.status is ApplicationStatus.READY
    assert updating.candidate is not None
    assert set(world.host.running) == {*before.servables, *updating.candidate.servables}
    world.serve(*updating.candidate.servables)
    after = world.applications.get("shop")
    assert (after.id, after.status, after.candidate) == (before.id, ApplicationStatus.READY, None)
    assert after.stages[0].variants[0].model_version_id == two.id
    assert set(world.host.running) == set(after.servables)


def test_m12_an_update_that_fails_leaves_the_old_graph_and_says_so(world: World) -> None:
    before = ready(world, [variant(world.built())])
    updating = update(world, [variant(world.built())])
    assert updating.candidate is not None
    world.fail(updating.candidate.servables[0], reason="exit code 1")
    after = world.applications.get("shop")
    assert (after.stages, after.status, after.candidate) == (before.stages, ApplicationStatus.READY, None)
    assert "the last update failed and was dropped" in after.notice
    assert "exit code 1" in after.notice
    assert set(world.host.running) == set(before.servables)


def test_a_failed_application_takes_an_update_at_once(world: World) -> None:
    broken = create(world, [variant(world.built())])
    world.fail(broken.servables[0])
    after = update(world, [variant(world.built())])
    assert after.candidate is None
    assert after.status is ApplicationStatus.ASSEMBLING
    assert not set(after.servables) & set(world.host.stopped)
    assert set(world.host.stopped) == set(broken.servables)
    world.serve(*after.servables)
    assert world.applications.get("shop").status is ApplicationStatus.READY


def test_other_weights_need_no_new_servables(world: World) -> None:
    one, two = world.built(), world.built()
    before = ready(world, [variant(one, 80), variant(two, 20)])
    after = update(world, [variant(one, 20), variant(two, 80)])
    assert after.servables == before.servables
    assert [v.weight for v in after.stages[0].variants] == [20, 80]
    assert after.candidate is None
    assert world.host.stopped == []


def test_a_second_update_replaces_the_first(world: World) -> None:
    ready(world, [variant(world.built())])
    first = update(world, [variant(world.built())])
    assert first.candidate is not None
    second = update(world, [variant(world.built())])
    assert second.candidate is not None
    assert world.host.stopped == list(first.candidate.servables)
    assert set(world.host.running) == set(second.all_servables)


def test_the_same_graph_again_changes_nothing_that_runs(world: World) -> None:
    version = world.built()
    before = ready(world, [variant(version)])
    after = update(world, [variant(version)], metadata={"owner": "me"})
    assert (after.stages, after.candidate, after.metadata) == (before.stages, None, {"owner": "me"})
    assert len(world.host) == 1


def test_going_back_during_an_update_stops_what_it_started(world: World) -> None:
    version = world.built()
    before = ready(world, [variant(version)])
    update(world, [variant(world.built())])
    after = update(world, [variant(version)])
    assert (after.stages, after.candidate) == (before.stages, None)
    assert set(world.host.running) == set(before.servables)


def test_m12_an_update_may_insist_on_a_revision(world: World) -> None:
    version = world.built()
    before = ready(world, [variant(version)])
    with pytest.raises(PreconditionFailed):
        update(world, [variant(version)], expected=before.revision - 1)
    assert update(world, [variant(version)], expected=before.revision).revision > before.revision


def test_an_application_keeps_its_name_and_must_exist(world: World) -> None:
    version = world.built()
    with pytest.raises(NotFound):
        update(world, [variant(version)])
    ready(world, [variant(version)])
    with pytest.raises(InvalidRequest, match="/name"):
        update(world, [variant(version)], name="other")


class Meanwhile(FakeServableHost):
    """Somebody does something at the moment when a servable starts."""

    def __init__(self, action: Callable[[], object]) -> None:
        super().__init__()
        self._actions = [action]

    def start(self, servable: Servable, image: str, configuration: DeploymentConfiguration) -> None:
        super().start(servable, image, configuration)
        if self._actions:
            self._actions.pop()()


def test_m12_an_update_is_not_of_the_next_application_of_that_name(world: World) -> None:
    version, other = world.built(), world.built()
    ready(world, [variant(version)])

    def replace_it() -> None:
        delete_application(world, "shop")
        create(world, [variant(version)])

    world.host = Meanwhile(replace_it)
    with pytest.raises(NotFound, match="another"):
        update(world, [variant(other)])
    assert world.applications.get("shop").candidate is None
    assert set(world.host.running) == set(world.applications.get("shop").servables)


def test_m12_an_update_keeps_no_servable_that_another_update_stopped(world: World) -> None:
    first, second, third = (world.built() for _ in range(3))
    ready(world, [variant(first)])
    update(world, [variant(second)])
    world.host = Meanwhile(lambda: update(world, [variant(first)]))  # what runs second is stopped
    with pytest.raises(Conflict, match="at the same moment"):
        update(world, [variant(second, 50), variant(third, 50)])
    assert world.applications.get("shop").candidate is None
    assert {servable.model_version for servable in world.servables.list()} == {1}


def test_m21_a_deleted_application_takes_its_own_servables_along(world: World) -> None:
    application = ready(world, [variant(world.built())])
    delete_application(world, "shop")
    assert len(world.applications) == len(world.host) == 0
    assert world.host.stopped == list(application.servables)
    with pytest.raises(NotFound):
        delete_application(world, "shop")


def test_m21_servables_that_people_made_or_others_use_stay(world: World) -> None:
    version = world.built()
    mine = deploy_servable(world, version, "default", {}).name
    application = create(world, [{"servableName": mine, "weight": 50}, variant(version, 50)])
    [own] = set(application.servables) - {mine}
    create(world, [{"servableName": own}], name="other")
    delete_application(world, "shop")
    assert set(world.host.running) == {mine, own}
    delete_application(world, "other")
    assert set(world.host.running) == {mine}


def test_a_servable_that_is_gone_fails_the_application(world: World) -> None:
    application = ready(world, [variant(world.built(), 50), variant(world.built(), 50)])
    gone, left = application.servables
    stop_servable(world, gone)
    world.report(left, version=3, healthy=True)
    assert world.applications.get("shop").message == "a servable was removed"


@given(order=st.permutations(range(4)), broken=st.integers(0, 3))
def test_m13_the_order_of_reports_makes_no_difference(order: list[int], broken: int) -> None:
    world = World()
    versions = [world.built() for _ in range(2)]
    application = create(world, [variant(version, 25) for version in versions * 2])
    for at in order:
        if at == broken:
            world.fail(application.servables[at])
        else:
            world.serve(application.servables[at])
    assert world.applications.get("shop").status is ApplicationStatus.FAILED
    world.report(application.servables[broken], task="t2", healthy=True)
    assert world.applications.get("shop").status is ApplicationStatus.READY
