"""Applications change without a moment's silence, and two who change one at once do no harm."""

from collections.abc import Callable

import pytest

from functions.core.deployments import DeploymentConfiguration
from functions.core.errors import Conflict, InvalidRequest, NotFound, PreconditionFailed
from functions.core.models import ApplicationStatus, Servable
from functions.manager.delete_application import delete_application
from tests.fakes.host import FakeServableHost
from tests.unit.manager.applications import create, ready, update, variant
from tests.unit.manager.world import World


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
