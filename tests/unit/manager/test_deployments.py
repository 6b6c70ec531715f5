"""Deployment configurations: what people ask for, and what Fargate sells."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.errors import Conflict, InvalidRequest, NotFound
from functions.core.models import DEFAULT_DEPLOYMENT, DeploymentConfiguration
from functions.core.scaling import Scaling
from functions.manager.create_deployment import NewDeployment, create_deployment
from functions.manager.deploy_servable import deploy_servable
from functions.manager.find_deployment import delete_deployment, find_deployment, list_deployments
from functions.manager.quantities import FARGATE, fit, parse_cpu, parse_memory
from tests.unit.manager.world import World


def create(world: World, name: str = "small", **body: Any) -> DeploymentConfiguration:
    return create_deployment(world, msgspec.convert({"name": name} | body, NewDeployment))


def resources(**amounts: Any) -> dict[str, Any]:
    return {"resources": {"limits": amounts}}


@pytest.mark.parametrize(("text", "vcpu"), [("500m", 0.5), ("2", 2), (1, 1), (0.5, 0.5), ("1.5", 1.5), ("250m", 0.25)])
def test_amounts_of_cpu(text: Any, vcpu: float) -> None:
    assert parse_cpu(text, "/p") == vcpu


@pytest.mark.parametrize(
    ("text", "mib"),
    [("1Gi", 1024), ("512Mi", 512), ("1G", 954), ("500M", 477), (2**30, 1024), ("1536Ki", 2), ("0.5Gi", 512)],
)
def test_amounts_of_memory(text: Any, mib: int) -> None:
    assert parse_memory(text, "/p") == mib


@pytest.mark.parametrize("text", ["", "x", "-1", "0", 0, None, True, [], "1 Gb", "1mi"])
def test_what_is_no_amount(text: Any) -> None:
    for parse in (parse_cpu, parse_memory):
        with pytest.raises(InvalidRequest, match="/p"):
            parse(text, "/p")


@given(cpu=st.floats(0.01, 16), memory=st.integers(1, 122880))
def test_the_smallest_size_that_is_large_enough_is_bought(cpu: float, memory: int) -> None:
    bought = fit(cpu, memory, "/p")
    assert bought.cpu >= cpu
    assert bought.memory >= memory
    assert bought.memory in FARGATE[bought.cpu]
    cheaper = [c for c, sizes in FARGATE.items() if c < bought.cpu and c >= cpu and max(sizes) >= memory]
    assert cheaper == []


def test_more_than_there_is_is_refused(world: World) -> None:
    with pytest.raises(InvalidRequest, match="at most 16 CPU"):
        create(world, container=resources(cpu="17"))


def test_a_configuration_is_kept_as_it_was_asked_for(world: World) -> None:
    made = create(
        world,
        container={"resources": {"limits": {"cpu": "500m", "memory": "1500Mi"}}, "env": {"A": "b"}},
        deployment={"replicaCount": 2},
        hpa={"minReplicas": 1, "maxReplicas": 3, "cpuUtilization": 80},
        pod={"nodeSelector": {"gpu": "no"}},
    )
    assert (made.resources.cpu, made.resources.memory) == (0.5, 2048)
    assert (made.replicas, made.environment) == (2, {"A": "b"})
    assert made.autoscaling == Scaling(min_replicas=1, max_replicas=3, cpu_utilization=80)
    assert made.placement == {"nodeSelector": {"gpu": "no"}}
    assert find_deployment(world, "small") == made
    assert list_deployments(world) == [DEFAULT_DEPLOYMENT, made]


def test_nothing_asked_for_is_the_default(world: World) -> None:
    assert create(world).resources == DEFAULT_DEPLOYMENT.resources


def test_everything_wrong_is_told_at_once(world: World) -> None:
    container = {"resources": {"limits": {"cpu": "lots", "gpu": 1}}, "env": {"APP_PORT": "80"}}
    with pytest.raises(InvalidRequest) as refused:
        create(world, "a b", container=container, deployment={"replicaCount": 0})
    assert {problem.pointer for problem in refused.value.problems} == {
        "/name",
        "/container/resources/limits/cpu",
        "/container/resources/limits/gpu",
        "/container/env/APP_PORT",
        "/deployment/replicaCount",
    }


def test_configurations_never_change(world: World) -> None:
    create(world)
    with pytest.raises(Conflict):
        create(world, deployment={"replicaCount": 2})


def test_the_default_is_there_and_stays(world: World) -> None:
    assert find_deployment(world, "default") == DEFAULT_DEPLOYMENT
    with pytest.raises(Conflict, match="built in"):
        create(world, "default")
    with pytest.raises(Conflict, match="built in"):
        delete_deployment(world, "default")


def test_a_used_configuration_is_not_deleted_and_its_users_are_named(world: World) -> None:
    create(world)
    servable = deploy_servable(world, world.built(), "small", {})
    with pytest.raises(Conflict, match=servable.name):
        delete_deployment(world, "small")
    world.servables.delete(servable.name)
    delete_deployment(world, "small")
    with pytest.raises(NotFound):
        find_deployment(world, "small")
