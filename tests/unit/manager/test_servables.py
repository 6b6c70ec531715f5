"""Deploying, observing and stopping servables."""

import random
from typing import Any

import pytest

from functions.core.errors import Conflict, NotFound
from functions.core.models import Replica, ServableStatus, VersionStatus
from functions.core.naming import ADJECTIVES, NOUNS
from functions.core.reports import RolloutFailed, RolloutSettled
from functions.manager.delete_servable import delete_servable
from functions.manager.deploy_servable import deploy_servable
from functions.manager.observe_servable import observe_failure, observe_settled
from tests.fakes import entities
from tests.unit.manager.world import World


def deployed(world: World, **metadata: str) -> str:
    return deploy_servable(world, world.built(), "default", metadata).name


def test_a_deployed_version_runs_by_its_digest(world: World) -> None:
    version = world.built()
    servable = deploy_servable(world, version, "default", {"team": "fraud"})
    assert servable.name.startswith("penguins-1-")
    assert servable.status is ServableStatus.STARTING
    assert servable == world.servables.get(servable.name)
    running, image, configuration = world.host.running[servable.name]
    assert running == servable
    assert image == version.image.reference
    assert "@sha256:" in image
    assert configuration.name == "default"


@pytest.mark.parametrize("status", [VersionStatus.ASSEMBLING, VersionStatus.FAILED])
def test_only_released_versions_are_deployed(world: World, status: VersionStatus) -> None:
    with pytest.raises(Conflict, match=f"is {status}"):
        deploy_servable(world, entities.version(status=status), "default", {})
    assert len(world.servables) == len(world.host) == 0


def test_the_configuration_must_exist(world: World) -> None:
    with pytest.raises(NotFound, match="small"):
        deploy_servable(world, world.built(), "small", {})


def test_a_taken_name_is_drawn_again(world: World) -> None:
    first = deployed(world)

    class Twice(random.Random):
        """Draws the first name once more before it goes on."""

        drawn = first.split("-")[-2:]

        def choice(self, seq: Any) -> Any:
            return self.drawn.pop(0) if self.drawn else super().choice(seq)

    world.chance = Twice(1)
    second = deploy_servable(world, world.models.get("penguins", 1), "default", {}).name
    assert second != first
    assert set(world.host.running) == {first, second}


def test_when_all_names_are_taken_it_says_so(world: World) -> None:
    version = world.built()
    for adjective in ADJECTIVES:
        for noun in NOUNS:
            world.servables.create(entities.servable(f"penguins-1-{adjective}-{noun}"))
    with pytest.raises(Conflict, match="names"):
        deploy_servable(world, version, "default", {})
    assert len(world.host) == 0


def test_what_the_host_refuses_leaves_nothing_behind(world: World) -> None:
    version = world.built()
    world.host.refuses = RuntimeError("no capacity")
    with pytest.raises(RuntimeError):
        deploy_servable(world, version, "default", {})
    assert len(world.servables) == 0


def test_a_healthy_replica_makes_it_serve(world: World) -> None:
    name = deployed(world)
    world.serve(name)
    assert world.servables.get(name).status is ServableStatus.SERVING
    assert world.servables.get(name).endpoints == ("10.0.0.1:9091",)


def test_a_replica_that_died_explains_itself(world: World) -> None:
    name = deployed(world)
    world.host.tails[name, "t1"] = ("Traceback …", "  ", "cannot load model: model.skops is missing")
    world.report(name, stopped=True, reason="Essential container in task exited, exit code 1")
    servable = world.servables.get(name)
    assert servable.status is ServableStatus.NOT_SERVING
    assert servable.message == (
        "Essential container in task exited, exit code 1\nTraceback …\ncannot load model: model.skops is missing"
    )


def test_health_that_was_not_reported_is_asked_for(world: World) -> None:
    name = deployed(world)
    world.report(name)
    world.host.present[name] = [Replica(task="t1", address="10.0.0.1:9091", version=2, healthy=True)]
    observe_settled(world, RolloutSettled(name))
    assert world.servables.get(name).status is ServableStatus.SERVING


def test_a_host_that_gave_up_is_believed(world: World) -> None:
    name = deployed(world)
    observe_failure(world, RolloutFailed(name, "tasks failed to start"))
    assert world.servables.get(name).status is ServableStatus.NOT_SERVING
    assert world.servables.get(name).message == "tasks failed to start"


def test_reports_about_the_gone_are_dropped(world: World) -> None:
    observe_settled(world, RolloutSettled("nobody"))
    observe_failure(world, RolloutFailed("nobody", "x"))
    assert len(world.servables) == 0


def test_a_deleted_servable_stops(world: World) -> None:
    name = deployed(world)
    delete_servable(world, name)
    assert name not in world.servables
    assert world.host.stopped == [name]
    with pytest.raises(NotFound):
        delete_servable(world, name)


def test_m19_a_used_servable_is_not_deleted_and_its_users_are_named(world: World) -> None:
    name = deployed(world)
    world.applications.create(entities.application("shop", name))
    with pytest.raises(Conflict, match="application shop"):
        delete_servable(world, name)
    assert name in world.host
