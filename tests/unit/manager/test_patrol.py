"""What a host did not report is asked for, and believed with care."""

import json
from datetime import timedelta

import pytest

from functions.core.models import Replica, ServableStatus
from functions.core.scaling import Scaling
from functions.manager.deploy_servable import deploy_servable
from functions.manager.handler import handle_event
from functions.manager.patrol import ROUND, patrol
from tests.events import load
from tests.fakes.entities import configuration
from tests.unit.manager.world import World

MINUTE = json.dumps(load("minute_passed"))


@pytest.fixture
def name(world: World) -> str:
    """A servable that serves and whose host chooses the number of copies."""
    world.deployments.create(configuration("elastic", autoscaling=Scaling(max_replicas=3)))
    made = deploy_servable(world, world.built(), "elastic", {}).name
    world.serve(made)
    return made


def test_m11_an_event_that_never_came_is_asked_for(world: World) -> None:
    """It started and was never reported healthy; a minute later the host says so itself."""
    name = deploy_servable(world, world.built(), "default", {}).name
    world.report(name)
    world.host.present[name] = [Replica(task="t1", address="10.0.0.1:9091", healthy=True, version=2)]
    handle_event(world, MINUTE)
    assert world.servables.get(name).status is ServableStatus.SERVING


def test_m11_a_replica_that_the_host_lost_is_forgotten_within_a_round(world: World) -> None:
    name = deploy_servable(world, world.built(), "default", {}).name
    world.report(name, healthy=True, since=world.clock.now())
    world.host.present[name] = []
    world.clock.advance(180)
    for _ in range(ROUND):
        handle_event(world, MINUTE)
        world.clock.advance(60)
    assert world.servables.get(name).endpoints == ()
    assert world.servables.get(name).status is ServableStatus.STARTING


def test_m11_a_replica_that_has_just_started_is_not_taken_for_lost(world: World) -> None:
    name = deploy_servable(world, world.built(), "default", {}).name
    world.clock.advance(3600)
    world.report(name, healthy=True, since=world.clock.now() - timedelta(seconds=100))
    for minute in range(ROUND):
        patrol(world)
        assert world.servables.get(name).endpoints, minute


def test_m11_a_servable_that_the_host_does_not_know_says_so_until_the_host_does(world: World) -> None:
    name = deploy_servable(world, world.built(), "default", {}).name
    kept = world.host.running.pop(name)
    handle_event(world, MINUTE)
    assert world.servables.get(name).status is ServableStatus.STARTING  # it was asked for this moment
    world.clock.advance(121)
    handle_event(world, MINUTE)
    assert (world.servables.get(name).status, world.servables.get(name).message) == (
        ServableStatus.NOT_SERVING,
        "the host does not run it any more",
    )
    world.host.running[name] = kept
    world.host.present[name] = [Replica(task="t1", address="10.0.0.1:9091", healthy=True, version=2)]
    for _ in range(ROUND):
        handle_event(world, MINUTE)
        world.clock.advance(60)
    assert world.servables.get(name).status is ServableStatus.SERVING


def test_m11_some_missing_copies_of_those_the_host_chose_are_a_message(world: World, name: str) -> None:
    """Scaled out to three, of which two are healthy."""
    world.host.sizes[name] = 3
    world.host.present[name] = [
        Replica(task=task, address=f"{task}:9091", healthy=task != "t3", version=2) for task in ("t1", "t2", "t3")
    ]
    settled = {
        "source": "aws.ecs",
        "detail-type": "ECS Service Action",
        "resources": [f"arn:aws:ecs:eu:1:service/cluster/{name}"],
        "detail": {"eventName": "SERVICE_STEADY_STATE"},
    }
    handle_event(world, json.dumps(settled))
    assert (world.servables.get(name).status, world.servables.get(name).message) == (
        ServableStatus.SERVING,
        "2 of 3 replicas serve",
    )
