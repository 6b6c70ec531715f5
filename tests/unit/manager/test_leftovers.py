"""What somebody leaves half done who dies in the middle of it is put right by the patrol."""

import pytest

from functions.core.errors import Conflict, NotFound
from functions.core.models import VersionStatus
from functions.manager.complete_upload import complete_upload
from functions.manager.delete_model import delete_version
from functions.manager.delete_servable import delete_servable
from functions.manager.deploy_servable import OWNER, deploy_servable
from functions.manager.finish_build import finish_build
from functions.manager.patrol import ROUND, patrol
from functions.manager.share_servable import METRICS, OPEN
from tests.fakes.builder import FakeImageBuilder
from tests.fakes.host import FakeServableHost
from tests.unit.manager.applications import ready, variant
from tests.unit.manager.metric_specs import created
from tests.unit.manager.world import World


def walk_round(world: World) -> None:
    for _ in range(ROUND):
        patrol(world)
        world.clock.advance(60)


@pytest.mark.parametrize("mark", [{OWNER: "shop"}, {METRICS: OPEN}], ids=["application", "metrics"])
def test_m21_servables_of_a_half_created_application_or_metric_stop(world: World, mark: dict[str, str]) -> None:
    name = deploy_servable(world, world.built(), "default", mark).name
    walk_round(world)
    assert name in world.servables  # its creator may be at work
    world.clock.advance(60)
    walk_round(world)
    assert name not in world.servables
    assert name not in world.host


def test_m21_servables_of_an_application_that_was_half_deleted_stop(world: World) -> None:
    application = ready(world, [variant(world.built())])
    world.applications.delete(application.name)
    world.clock.advance(3600)
    walk_round(world)
    assert len(world.servables) == len(world.host) == 0


def test_m21_what_is_used_or_was_made_by_people_stays(world: World) -> None:
    version = world.built()
    used = ready(world, [variant(version)]).servables[0]
    measures = created(world, watched=version).servable_name
    made = deploy_servable(world, version, "default", {}).name
    world.clock.advance(3600)
    walk_round(world)
    assert {used, measures, made} <= world.servables.items.keys()
    assert {used, measures, made} <= world.host.running.keys()


def test_m03_the_end_of_a_build_that_nobody_reported_is_asked_for(world: World) -> None:
    version = complete_upload(world, world.uploaded())
    world.builder.succeed(version.build_id)
    walk_round(world)
    assert world.models.get("penguins", 1).status is VersionStatus.RELEASED


def test_m03_a_build_that_never_began_fails_and_one_that_runs_does_not(world: World) -> None:
    running = complete_upload(world, world.uploaded())
    world.builder.refuses = RuntimeError("throttled")
    with pytest.raises(RuntimeError):
        complete_upload(world, world.uploaded())
    walk_round(world)
    assert world.models.get("penguins", 2).status is VersionStatus.ASSEMBLING
    world.clock.advance(3 * 3600)
    walk_round(world)
    given_up = world.models.get("penguins", 2)
    assert (given_up.status, given_up.reason) == (
        VersionStatus.FAILED,
        "the build never began: upload the model again",
    )
    assert given_up.finished is not None
    assert world.models.get("penguins", running.version).status is VersionStatus.ASSEMBLING


def test_what_cannot_be_cleared_keeps_nobody_else(world: World) -> None:
    class Stubborn(FakeImageBuilder):
        def outcome(self, build_id: str) -> object:  # type: ignore[override]
            if build_id.endswith(":1"):
                raise RuntimeError("throttled")
            return super().outcome(build_id)

    world.builder = Stubborn()
    complete_upload(world, world.uploaded())
    world.builder.succeed(complete_upload(world, world.uploaded()).build_id)
    walk_round(world)
    assert [version.status for version in world.models.list()] == [VersionStatus.ASSEMBLING, VersionStatus.RELEASED]


def test_m09_a_version_deleted_while_its_build_starts_leaves_nothing(world: World) -> None:
    class Deleting(FakeImageBuilder):
        def start(self, version: object, contract_key: str) -> str:
            delete_version(world, "penguins", 1)
            return super().start(version, contract_key)  # type: ignore[arg-type]

    world.builder = Deleting()
    with pytest.raises(NotFound):
        complete_upload(world, world.uploaded())
    [build] = world.builder.started
    world.builder.succeed(build)
    finish_build(world, build)
    assert [key for key in world.payloads.objects if key.startswith("models/")] == []


def test_m09_deleting_again_removes_what_the_first_time_left(world: World) -> None:
    version = world.built()
    world.models.delete(version.name, version.version)  # and there it ended
    with pytest.raises(NotFound):
        delete_version(world, version.name, version.version)
    assert [key for key in world.payloads.objects if key.startswith("models/")] == []
    assert version.image not in world.images


def test_m19_a_version_put_to_use_while_it_is_deleted_stays(world: World) -> None:
    """Its users were looked for, and found none, a moment before."""
    made = world.built()
    delete = world.models.delete

    def delete_late(name: str, version: int) -> None:
        deploy_servable(world, made, "default", {})
        delete(name, version)

    world.models.delete = delete_late  # type: ignore[method-assign]
    with pytest.raises(Conflict, match="in use by servable penguins-1-"):
        delete_version(world, "penguins", 1)
    assert world.models.get("penguins", 1) == made
    assert made.payload_key in world.payloads.objects


def test_m19_what_is_deployed_of_a_version_that_is_gone_by_then_is_taken_back(world: World) -> None:
    version = world.built()
    world.models.delete("penguins", 1)
    with pytest.raises(NotFound):
        deploy_servable(world, version, "default", {})
    assert len(world.servables) == len(world.host) == 0


@pytest.mark.parametrize("late", [False, True])
def test_m10_a_servable_deleted_while_it_starts_leaves_no_task(world: World, late: bool) -> None:
    """A task without a record would run, and cost, for ever."""

    class Slow(FakeServableHost):
        def start(self, *what: object) -> None:
            [name] = world.servables.items
            if not late:
                delete_servable(world, str(name))
            super().start(*what)  # type: ignore[arg-type]
            if late:
                delete_servable(world, str(name))

    world.host = Slow()
    version = world.built()
    with pytest.raises(NotFound):
        deploy_servable(world, version, "default", {})
    assert len(world.host) == len(world.servables) == 0
