"""Applications: how they become ready or fail, what they are called, and what goes with them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.errors import Conflict, InvalidRequest, NotFound
from functions.core.models import ApplicationStatus
from functions.manager.delete_application import delete_application
from functions.manager.deploy_servable import deploy_servable
from functions.manager.stop_servable import stop_servable
from tests.unit.manager.applications import create, ready, variant
from tests.unit.manager.world import World


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
