"""Single tasks: how they start, what they see, how and why they end."""

import time

import pytest
from botocore.exceptions import ClientError
from running_cloud import ACCOUNT, REGION, REGISTRY, eventually
from task_scene import Scene, ask

pytestmark = pytest.mark.cloud


def running(scene: Scene, arn: str) -> dict:
    task = eventually(lambda: (t := scene.task(arn)) and t["lastStatus"] in ("RUNNING", "STOPPED") and t)
    assert task["lastStatus"] == "RUNNING", task["stoppedReason"]
    return task


def test_a_task_runs_serves_at_its_own_address_and_becomes_healthy(scene: Scene) -> None:
    arn = scene.run(scene.define())
    task = eventually(lambda: (t := scene.task(arn)) and t["healthStatus"] == "HEALTHY" and t)
    seen = ask(task)["environment"]
    assert seen["APP_HOST"].startswith("127.")
    assert not [name for name in seen if name.startswith("AWS_")], "no role: no credentials"
    assert seen["DEWPOINT_CLOUD"] == scene.cloud.environment["DEWPOINT_CLOUD"]
    assert "FILESYSTEM_ROOT" not in seen
    scene.ecs.stop_task(cluster="tests", task=arn, reason="enough")
    task = scene.stopped(arn)
    assert (task["stopCode"], task["stoppedReason"]) == ("UserInitiated", "enough")
    assert task["containers"][0]["exitCode"] == 0, "SIGTERM let it drain"
    assert scene.lines(arn) == ["serving", "draining"]


def test_a_task_with_a_role_reaches_the_cloud_and_secrets_are_filled_in(scene: Scene) -> None:
    scene.cloud.client("secretsmanager").create_secret(Name="s1", SecretString='{"password": "hunter2"}')
    scene.cloud.client("ssm").put_parameter(Name="/p/one", Value="first", Type="String")
    secret = scene.cloud.client("secretsmanager").describe_secret(SecretId="s1")["ARN"]
    definition = scene.define(
        secrets=[
            {"name": "PASSWORD", "valueFrom": f"{secret}:password::"},
            {"name": "FIRST", "valueFrom": f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/p/one"},
        ],
        TASK={"taskRoleArn": f"arn:aws:iam::{ACCOUNT}:role/task"},
    )
    arn = scene.run(definition)
    task = running(scene, arn)
    seen = eventually(lambda: _asked(task))["environment"]
    assert (seen["PASSWORD"], seen["FIRST"]) == ("hunter2", "first")
    assert seen["AWS_ENDPOINT_URL"] == scene.cloud.endpoint
    assert seen["AWS_REGION"] == REGION
    scene.ecs.stop_task(cluster="tests", task=arn)
    scene.stopped(arn)


def test_the_end_of_an_essential_container_ends_the_task_with_its_exit_code(scene: Scene) -> None:
    arn = scene.run(scene.define("crash"))
    task = scene.stopped(arn)
    assert task["stopCode"] == "EssentialContainerExited"
    assert task["stoppedReason"] == "Essential container in task exited"
    assert task["containers"][0]["exitCode"] == 1
    assert scene.lines(arn) == ["cannot load model: no such file"]


def test_too_much_memory_is_the_reason_that_ecs_gives(scene: Scene) -> None:
    arn = scene.run(scene.define("greedy", memory=128))
    container = scene.stopped(arn)["containers"][0]
    assert container["exitCode"] == 137
    assert container["reason"] == "OutOfMemoryError: Container killed due to memory usage"


@pytest.mark.parametrize("image", [f"{REGISTRY}/behaves:v9", f"{REGISTRY}/nothing:v1", "nowhere:v1"])
def test_an_image_that_is_not_there_cannot_be_pulled(scene: Scene, image: str) -> None:
    task = scene.stopped(scene.run(scene.define(image=image)))
    assert task["stopCode"] == "TaskFailedToStart"
    assert task["stoppedReason"].startswith("CannotPullContainerError: ")
    assert f"{image}: not found" in task["stoppedReason"]


def test_an_image_deleted_from_its_repository_cannot_be_pulled_any_more(scene: Scene) -> None:
    ecr = scene.cloud.client("ecr")
    ecr.create_repository(repositoryName="passing")
    image = f"{REGISTRY}/passing:v1"
    scene.cloud.docker("tag", scene.image, image)
    assert scene.cloud.docker("push", image).returncode == 0
    digest = ecr.describe_images(repositoryName="passing")["imageDetails"][0]["imageDigest"]
    definition = scene.define(image=f"{REGISTRY}/passing@{digest}")
    arn = scene.run(definition)
    assert running(scene, arn)["containers"][0]["imageDigest"].startswith("sha256:")
    scene.ecs.stop_task(cluster="tests", task=arn)
    ecr.batch_delete_image(repositoryName="passing", imageIds=[{"imageDigest": digest}])
    assert scene.stopped(scene.run(definition))["stoppedReason"].startswith("CannotPullContainerError: ")


def test_a_command_that_does_not_exist_cannot_be_started(scene: Scene) -> None:
    task = scene.stopped(scene.run(scene.define(entryPoint=["no-such-program"])))
    assert task["stoppedReason"].startswith("CannotStartContainerError: ")
    assert "no-such-program" in task["stoppedReason"]


def test_a_log_group_that_does_not_exist_is_an_initialization_error(scene: Scene) -> None:
    log = {"logDriver": "awslogs", "options": {"awslogs-group": "/none", "awslogs-region": REGION}}
    task = scene.stopped(scene.run(scene.define(logConfiguration=log)))
    assert task["stoppedReason"].startswith("ResourceInitializationError: ")


def test_a_container_that_ignores_sigterm_is_killed_after_its_stop_timeout(scene: Scene) -> None:
    stubborn = ["python", "-c", "import signal,time; signal.signal(15, signal.SIG_IGN); print(1); time.sleep(99)"]
    arn = scene.run(scene.define(entryPoint=stubborn, stopTimeout=2))
    eventually(lambda: running(scene, arn) and _lines(scene, arn))
    begun = time.monotonic()
    scene.ecs.stop_task(cluster="tests", task=arn)
    assert scene.stopped(arn)["containers"][0]["exitCode"] == 137
    assert 2 <= time.monotonic() - begun < 6


def test_errors_of_the_api_are_those_of_ecs(scene: Scene) -> None:
    with pytest.raises(ClientError, match="ClusterNotFoundException"):
        scene.ecs.list_tasks(cluster="nope")
    with pytest.raises(ClientError, match="Network Configuration must be provided"):
        scene.ecs.run_task(cluster="tests", taskDefinition=scene.define())
    with pytest.raises(ClientError, match="The referenced task was not found"):
        scene.ecs.stop_task(cluster="tests", task="0" * 32)
    missing = scene.ecs.describe_tasks(cluster="tests", tasks=["0" * 32])
    assert missing["failures"][0]["reason"] == "MISSING"


def _asked(task: dict) -> dict | None:
    try:
        return ask(task)
    except OSError:
        return None


def _lines(scene: Scene, arn: str) -> list[str]:
    try:
        return scene.lines(arn)
    except ClientError:
        return []
