"""The queue door: AWS's events in, states out; each record alone, in any order, as often as it comes."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest

from functions.core.models import ServableStatus, VersionStatus
from functions.manager import wiring
from functions.manager.complete_upload import complete_upload
from functions.manager.deploy_servable import deploy_servable
from functions.manager.handler import handler
from tests.events import load
from tests.unit.manager.world import World


@pytest.fixture(autouse=True)
def here(world: World) -> Iterator[None]:
    wiring.use(world)
    yield
    wiring.use(None)


def deliver(*events: Any) -> list[str]:
    """The ids of the records that failed: their positions."""
    bodies = [event if isinstance(event, str) else json.dumps(event) for event in events]
    records = [{"messageId": str(at), "body": body} for at, body in enumerate(bodies)]
    answer = handler({"Records": records}, None)
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def about(servable: str, event: str, **detail: Any) -> dict[str, Any]:
    sample = load(event)
    service = sample["resources"][0].rsplit("/", 1)[0] + f"/{servable}"
    group = {"group": f"service:{servable}"} if "group" in sample["detail"] else {}
    return sample | {"resources": [service], "detail": sample["detail"] | group | detail}


def test_a_build_that_succeeded_releases_its_version(world: World) -> None:
    version = complete_upload(world, world.uploaded())
    world.builder.succeed(version.build_id)
    event = load("codebuild_build_failed")
    event["detail"] |= {"build-status": "SUCCEEDED", "build-id": f"arn:aws:codebuild:eu:1:build/{version.build_id}"}
    assert deliver(event, event) == []
    assert world.models.get("penguins", 1).status is VersionStatus.RELEASED


def test_a_task_comes_to_life_and_dies(world: World) -> None:
    name = deploy_servable(world, world.built(), "default", {}).name
    assert deliver(about(name, "ecs_task_running")) == []
    assert world.servables.get(name).endpoints == ("10.0.0.139:9091",)
    assert deliver(about(name, "ecs_task_stopped")) == []
    assert world.servables.get(name).status is ServableStatus.NOT_SERVING
    assert "OutOfMemoryError" in world.servables.get(name).message


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_m11_events_out_of_order_and_twice_end_the_same(world: World, order: tuple[int, ...]) -> None:
    name = deploy_servable(world, world.built(), "default", {}).name
    events = [
        about(name, "ecs_task_running", lastStatus="PENDING", healthStatus="UNKNOWN", version=2),
        about(name, "ecs_task_running", version=4),
        about(name, "ecs_task_stopped", version=7),
        about(name, "ecs_deployment_failed"),
    ]
    assert deliver(*[events[at] for at in order], events[order[0]]) == []
    ended = world.servables.get(name)
    assert ended.status is ServableStatus.NOT_SERVING
    assert ended.endpoints == ()
    assert ended.message.startswith("Essential container in task exited, exit code 137")


def test_m11_a_steady_service_is_looked_at(world: World) -> None:
    name = deploy_servable(world, world.built(), "default", {}).name
    assert deliver(about(name, "ecs_task_running", healthStatus="UNKNOWN")) == []
    assert world.servables.get(name).status is ServableStatus.STARTING
    [seen] = world.servables.get(name).replicas
    world.host.present[name] = [type(seen)(task=seen.task, address=seen.address, healthy=True, version=seen.version)]
    assert deliver(about(name, "ecs_service_steady")) == []
    assert world.servables.get(name).status is ServableStatus.SERVING


def test_m11_a_task_that_was_one_too_many_leaves_no_reason(world: World) -> None:
    """As ECS says it, while it goes and when it is gone."""
    name = deploy_servable(world, world.built(), "default", {}).name
    reason = {"stoppedReason": "Scaling activity initiated by (deployment ecs-svc/123)", "desiredStatus": "STOPPED"}
    going = about(name, "ecs_task_running", lastStatus="DEACTIVATING", version=5, **reason)
    gone = about(name, "ecs_task_stopped", stopCode="ServiceSchedulerInitiated", **reason)
    for event in (going, gone):
        assert deliver(event) == []
        assert (world.servables.get(name).status, world.servables.get(name).message) == (ServableStatus.STARTING, "")


def test_a_malformed_record_fails_alone(world: World) -> None:
    name = deploy_servable(world, world.built(), "default", {}).name
    broken = about(name, "ecs_task_running")
    del broken["detail"]["taskArn"]
    assert deliver("not json", broken, about(name, "ecs_task_running")) == ["0", "1"]
    assert world.servables.get(name).status is ServableStatus.SERVING


def test_what_concerns_nobody_is_dropped(world: World) -> None:
    strange = {"source": "aws.health", "detail-type": "AWS Health Event", "detail": {}}
    assert deliver(strange, about("nobody", "ecs_task_running"), load("codebuild_build_failed")) == []
