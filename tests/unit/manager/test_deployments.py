"""Deployment configurations: what people ask for, and what Fargate sells."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.deployments import DEFAULT_DEPLOYMENT, DeploymentConfiguration
from functions.core.errors import Conflict, InvalidRequest, NotFound
from functions.core.scaling import Scaling
from functions.manager.create_deployment import NewDeployment, create_deployment
from functions.manager.deploy_servable import deploy_servable
from functions.manager.find_deployment import delete_deployment, find_deployment, list_deployments
from functions.manager.quantities import FARGATE, fit, parse_cpu, parse_memory
from tests.unit.manager.world import Http, World


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


@pytest.mark.parametrize("text", ["", "x", "-1", "0", 0, None, True, [], "1 Gb", "1mi", "٣", "9" * 400, 10**400])
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


def test_m18_a_configuration_is_kept_as_it_was_asked_for(world: World) -> None:
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


@pytest.mark.parametrize(
    ("hpa", "scaling"),
    [
        ({}, Scaling(min_replicas=1, max_replicas=1)),
        ({"minReplicas": 3}, Scaling(min_replicas=3, max_replicas=3)),
        ({"minReplicas": 0}, Scaling(min_replicas=0, max_replicas=1, idle_seconds=900)),
        ({"maxReplicas": 100, "cpuUtilization": 1}, Scaling(max_replicas=100, cpu_utilization=1)),
        ({"minReplicas": 0, "idleSeconds": 1}, Scaling(min_replicas=0, idle_seconds=1)),
    ],
)
def test_m18_what_of_the_scaling_is_not_said_has_a_default(world: World, hpa: Any, scaling: Scaling) -> None:
    assert create(world, hpa=hpa).autoscaling == scaling


@pytest.mark.parametrize(
    ("hpa", "pointers"),
    [
        ({"minReplicas": -1}, {"/hpa/minReplicas"}),
        ({"minReplicas": 101}, {"/hpa/minReplicas", "/hpa/maxReplicas"}),
        ({"maxReplicas": 0}, {"/hpa/maxReplicas"}),
        ({"minReplicas": 0, "maxReplicas": 0}, {"/hpa/maxReplicas"}),
        ({"minReplicas": 5, "maxReplicas": 4}, {"/hpa/maxReplicas"}),
        ({"maxReplicas": 101}, {"/hpa/maxReplicas"}),
        ({"cpuUtilization": 0}, {"/hpa/cpuUtilization"}),
        ({"cpuUtilization": 101, "minReplicas": -2}, {"/hpa/cpuUtilization", "/hpa/minReplicas"}),
        ({"minReplicas": 0, "idleSeconds": 0}, {"/hpa/idleSeconds"}),
        ({"minReplicas": 0, "idleSeconds": 604801}, {"/hpa/idleSeconds"}),
        ({"idleSeconds": 60}, {"/hpa/idleSeconds"}),
    ],
)
def test_m18_a_scaling_that_makes_no_sense_is_refused_by_its_fields(world: World, hpa: Any, pointers: set[str]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        create(world, hpa=hpa)
    assert {problem.pointer for problem in refused.value.problems} == pointers


@pytest.mark.parametrize("hpa", [{"minReplica": 1}, {"minReplicas": "1"}, {"cpuUtilization": 0.5}, [], 3])
def test_m18_unknown_keys_and_wrong_types_of_a_scaling_are_refused(http: Http, hpa: Any) -> None:
    refused = http.call("POST", "/deployment_configuration", {"name": "wrong", "hpa": hpa})
    assert refused.status_code == 400
    assert refused.json_body["errors"][0]["pointer"].startswith("/hpa")


@pytest.mark.parametrize(("asked", "started"), [(None, 2), (1, 2), (3, 3), (50, 4)])
def test_m18_copies_start_between_the_bounds_and_change_there(world: World, asked: int | None, started: int) -> None:
    deployment = {} if asked is None else {"deployment": {"replicaCount": asked}}
    create(world, hpa={"minReplicas": 2, "maxReplicas": 4}, **deployment)
    servable = deploy_servable(world, world.built(), "small", {})
    assert (servable.desired, world.host.sizes[servable.name]) == (started, started)
    assert servable.scaling == Scaling(min_replicas=2, max_replicas=4)


def test_a_scaling_is_shown_whole_and_its_idle_time_where_it_means_something(http: Http) -> None:
    for name, hpa in {"awake": {"minReplicas": 1}, "sleepy": {"minReplicas": 0}}.items():
        http.call("POST", "/deployment_configuration", {"name": name, "hpa": hpa})
    awake, sleepy = (
        http.call("GET", f"/deployment_configuration/{name}").json_body["hpa"] for name in ("awake", "sleepy")
    )
    assert awake == {"minReplicas": 1, "maxReplicas": 1, "cpuUtilization": 80}
    assert sleepy == {"minReplicas": 0, "maxReplicas": 1, "cpuUtilization": 80, "idleSeconds": 900}


def test_a_configuration_from_before_scaling_was_read_is_still_read() -> None:
    for kept in ({}, {"minReplicas": 1, "maxReplicas": 3, "cpuUtilization": 80}):
        stored = msgspec.json.encode({"name": "old", "replicas": 2, "autoscaling": kept})
        read = msgspec.json.decode(stored, type=DeploymentConfiguration)
        assert (read.replicas, (read.autoscaling or Scaling()).may_sleep) == (2, False)


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


@pytest.mark.parametrize(
    ("environment", "pointer"),
    [
        ({"": "a"}, "/container/env/"),
        ({"A=B": "c"}, "/container/env/A=B"),
        ({"a/b\0": "c"}, "/container/env/a~1b\0"),
        ({"A": "\0"}, "/container/env/A"),
        ({"A": "x" * 40_000}, "/container/env"),
    ],
)
def test_m18_an_environment_that_no_container_takes_is_refused(
    world: World, environment: dict[str, str], pointer: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        create(world, container={"env": environment})
    assert [problem.pointer for problem in refused.value.problems] == [pointer]


def test_m18_configurations_never_change(world: World) -> None:
    create(world)
    with pytest.raises(Conflict):
        create(world, deployment={"replicaCount": 2})


def test_the_default_is_there_and_stays(world: World) -> None:
    assert find_deployment(world, "default") == DEFAULT_DEPLOYMENT
    with pytest.raises(Conflict, match="built in"):
        create(world, "default")
    with pytest.raises(Conflict, match="built in"):
        delete_deployment(world, "default")


def test_m19_a_used_configuration_is_not_deleted_and_its_users_are_named(world: World) -> None:
    create(world)
    servable = deploy_servable(world, world.built(), "small", {})
    with pytest.raises(Conflict, match=servable.name):
        delete_deployment(world, "small")
    world.servables.delete(servable.name)
    delete_deployment(world, "small")
    with pytest.raises(NotFound):
        find_deployment(world, "small")
