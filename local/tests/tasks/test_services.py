"""Services: number of tasks, roll-outs, replacement, failures, targets, and the events of all that."""

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from operator import itemgetter

import pytest
from botocore.exceptions import ClientError
from running_cloud import eventually
from task_scene import Scene, address, ask

pytestmark = pytest.mark.cloud
FAILS_FAST = {"deploymentCircuitBreaker": {"enable": True, "rollback": False}}


@pytest.fixture
def serving(scene: Scene) -> Iterator[str]:
    """A service with one healthy task."""
    name = scene.create(scene.define())
    eventually(lambda: scene.healthy(name))
    yield name
    scene.remove(name)


def test_a_service_reaches_its_number_and_a_steady_state(scene: Scene) -> None:
    name = scene.create(scene.define(), desired=2, tags=[{"key": "k", "value": "v"}], propagateTags="SERVICE")
    service = eventually(
        lambda: (s := scene.service(name)) and s["deployments"][0]["rolloutState"] == "COMPLETED" and s
    )
    assert (service["runningCount"], service["pendingCount"], service["desiredCount"]) == (2, 0, 2)
    assert "has reached a steady state" in service["events"][0]["message"]
    first, second = scene.tasks(name)
    assert address(first) != address(second)
    assert first["group"] == f"service:{name}"
    assert first["startedBy"] == service["deployments"][0]["id"]
    tagged = scene.ecs.describe_tasks(cluster="tests", tasks=[first["taskArn"]], include=["TAGS"])["tasks"][0]
    assert tagged["tags"] == [{"key": "k", "value": "v"}]
    scene.ecs.update_service(cluster="tests", service=name, desiredCount=1)
    eventually(lambda: scene.service(name)["runningCount"] == 1)
    scene.remove(name)
    with pytest.raises(ClientError, match="ServiceNotActiveException"):
        scene.ecs.update_service(cluster="tests", service=name, desiredCount=1)
    with pytest.raises(ClientError, match="ServiceNotFoundException"):
        scene.ecs.update_service(cluster="tests", service="never", desiredCount=1)


def test_a_killed_task_is_replaced_and_both_are_events(scene: Scene, serving: str) -> None:
    take = scene.cloud.queue_of_events("aws.ecs")
    before = scene.healthy(serving)[0]
    os.kill(ask(before)["pid"], signal.SIGKILL)
    after = eventually(lambda: [t for t in scene.healthy(serving) if t["taskArn"] != before["taskArn"]])[0]
    events = eventually(lambda: (e := _of(take(), after["taskArn"])) and e[-1]["healthStatus"] == "HEALTHY" and e)
    # the last word about the one may come after the other serves
    gone = eventually(lambda: (e := _of(take(), before["taskArn"])) and e[-1]["lastStatus"] == "STOPPED" and e[-1])
    assert (gone["lastStatus"], gone["stopCode"]) == ("STOPPED", "EssentialContainerExited")
    assert gone["containers"][0]["exitCode"] == 137
    assert [e["lastStatus"] for e in events][:3] == ["PROVISIONING", "PENDING", "RUNNING"]
    versions = [e["version"] for e in events]
    assert len(versions) == len(set(versions)), "each change has a version of its own"
    assert {e["group"] for e in events} == {f"service:{serving}"}
    assert events[-1]["taskDefinitionArn"] == before["taskDefinitionArn"]
    assert events[-1]["updatedAt"].endswith("Z")


def test_a_roll_out_keeps_a_healthy_task_at_every_moment(scene: Scene, serving: str) -> None:
    old = scene.healthy(serving)[0]["taskArn"]
    take, counts, done = scene.cloud.queue_of_events("aws.ecs"), [], threading.Event()

    def count() -> None:
        while not done.is_set():
            counts.append(len(scene.healthy(serving)))
            time.sleep(0.05)

    watcher = threading.Thread(target=count)
    watcher.start()
    other = scene.define(environment=[{"name": "NEW", "value": "yes"}])
    scene.ecs.update_service(cluster="tests", service=serving, taskDefinition=other)
    eventually(lambda: (s := scene.service(serving)) and len(s["deployments"]) == 1 and s["taskDefinition"] == other)
    done.set()
    watcher.join()
    assert min(counts) >= 1
    assert max(counts) <= 2
    assert ask(scene.healthy(serving)[0])["environment"]["NEW"] == "yes"
    ended = scene.task(old)
    assert ended["stopCode"] == "ServiceSchedulerInitiated"
    assert scene.lines(old)[-1] == "draining"
    names = eventually(lambda: (n := _deployments(take())) and "SERVICE_DEPLOYMENT_COMPLETED" in n and n)
    assert names == ["SERVICE_DEPLOYMENT_IN_PROGRESS", "SERVICE_DEPLOYMENT_COMPLETED"]


def test_the_circuit_breaker_ends_a_deployment_whose_tasks_fail(scene: Scene) -> None:
    take = scene.cloud.queue_of_events("aws.ecs")
    name = scene.create(scene.define("crash"), deploymentConfiguration=FAILS_FAST)
    service = eventually(lambda: (s := scene.service(name)) and s["deployments"][0]["rolloutState"] == "FAILED" and s)
    assert "circuit breaker" in service["deployments"][0]["rolloutStateReason"]
    assert service["deployments"][0]["failedTasks"] == 3
    eventually(lambda: "SERVICE_DEPLOYMENT_FAILED" in _deployments(take()))
    time.sleep(1.5)
    assert len(scene.tasks(name, "STOPPED")) == 3, "nothing is started any more"
    scene.remove(name)


def test_the_circuit_breaker_rolls_back_to_what_worked(scene: Scene) -> None:
    good = scene.define()
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
    name = scene.create(good, deploymentConfiguration=breaker)
    eventually(lambda: scene.service(name)["deployments"][0]["rolloutState"] == "COMPLETED")
    survivor = scene.healthy(name)[0]["taskArn"]
    scene.ecs.update_service(cluster="tests", service=name, taskDefinition=scene.define("crash"))
    eventually(lambda: scene.service(name)["taskDefinition"] == good)
    eventually(lambda: (s := scene.service(name)) and s["deployments"][0]["rolloutState"] == "COMPLETED")
    assert scene.healthy(name)
    assert scene.task(survivor)["stopCode"] == "ServiceSchedulerInitiated"
    scene.remove(name)


def test_a_task_that_turns_out_sick_is_replaced(scene: Scene) -> None:
    name = scene.create(scene.define("sick"))
    first = eventually(lambda: scene.tasks(name))[0]["taskArn"]
    ended = scene.stopped(first, 60)
    assert ended["stoppedReason"] == "Task failed container health checks"
    assert ended["healthStatus"] == "UNHEALTHY"
    eventually(lambda: [t for t in scene.tasks(name) if t["taskArn"] != first])
    scene.remove(name)


def test_ready_tasks_are_targets_of_the_load_balancer(scene: Scene) -> None:
    balancer = scene.cloud.client("elbv2")
    vpc = scene.cloud.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    group = balancer.create_target_group(Name="grpc", Protocol="TCP", Port=9091, VpcId=vpc, TargetType="ip")
    arn = group["TargetGroups"][0]["TargetGroupArn"]
    balancers = [{"targetGroupArn": arn, "containerName": "main", "containerPort": 9091}]

    def targets() -> list[tuple[str, int]]:
        found = balancer.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        return [
            (one["Target"]["Id"], one["Target"]["Port"])
            for one in found
            if one["TargetHealth"]["State"] not in ("draining", "unused")
        ]

    name = scene.create(scene.define(), loadBalancers=balancers)
    assert not targets()
    ready = eventually(lambda: scene.healthy(name))[0]
    assert eventually(targets) == [(address(ready), 9091)]
    scene.remove(name)
    assert not targets()


def test_a_busy_service_gets_more_tasks_and_no_more_than_it_may(scene: Scene) -> None:
    scaling, name = scene.cloud.client("application-autoscaling"), scene.create(scene.define("busy"))
    target = {
        "ServiceNamespace": "ecs",
        "ResourceId": f"service/tests/{name}",
        "ScalableDimension": "ecs:service:DesiredCount",
    }
    metric = {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}
    scaling.register_scalable_target(**target, MinCapacity=1, MaxCapacity=2)
    scaling.put_scaling_policy(
        **target,
        PolicyName="cpu",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={"PredefinedMetricSpecification": metric, "TargetValue": 20.0},
    )
    eventually(lambda: len(scene.healthy(name)) == 2, 90)
    assert any("set desired count to 2" in event["message"] for event in scene.service(name)["events"])
    scene.remove(name)


def test_a_cluster_counts_its_tasks_and_is_not_deleted_with_services(scene: Scene, serving: str) -> None:
    cluster = scene.ecs.describe_clusters(clusters=["tests"])["clusters"][0]
    assert cluster["runningTasksCount"] >= 1
    assert cluster["activeServicesCount"] >= 1
    with pytest.raises(ClientError, match="ClusterContainsServices"):
        scene.ecs.delete_cluster(cluster="tests")
    with pytest.raises(ClientError, match="scaled above 0"):
        scene.ecs.delete_service(cluster="tests", service=serving)


def test_tasks_listen_only_on_their_own_address(scene: Scene, serving: str) -> None:
    own = address(scene.healthy(serving)[0])
    with socket.create_connection((own, 9091), 2):
        pass
    with pytest.raises(OSError, match=r"refused|timed out"):
        socket.create_connection(("127.0.0.1", 9091), 1)


def _of(events: list[dict], task: str) -> list[dict]:
    """In the order of their versions: a queue may bring them in another."""
    found = [e["detail"] for e in events if e["detail-type"] == "ECS Task State Change" and e["resources"] == [task]]
    return sorted(found, key=itemgetter("version"))


def _deployments(events: list[dict]) -> list[str]:
    return [e["detail"]["eventName"] for e in events if e["detail-type"] == "ECS Deployment State Change"]
