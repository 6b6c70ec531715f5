"""Builds: the shell, the phases, images pushed, failures with their reason, logs and events."""

import io
import time
import uuid
import zipfile
from typing import Any

import pytest
from botocore.exceptions import ClientError
from running_cloud import ACCOUNT, REGION, REGISTRY, Cloud, eventually

pytestmark = pytest.mark.cloud
ENVIRONMENT = {
    "type": "LINUX_CONTAINER",
    "image": "aws/codebuild/amazonlinux2-x86_64-standard:5.0",
    "computeType": "BUILD_GENERAL1_SMALL",
    "privilegedMode": True,
}


def project(cloud: Cloud, buildspec: str, **more: Any) -> str:
    name = f"p-{uuid.uuid4().hex[:8]}"
    cloud.client("codebuild").create_project(
        name=name,
        artifacts={"type": "NO_ARTIFACTS"},
        serviceRole=f"arn:aws:iam::{ACCOUNT}:role/build",
        **{"source": {"type": "NO_SOURCE", "buildspec": buildspec}, "environment": ENVIRONMENT, **more},
    )
    return name


def build(cloud: Cloud, name: str, **variables: str) -> dict[str, Any]:
    codebuild = cloud.client("codebuild")
    given = [{"name": key, "value": value} for key, value in variables.items()]
    begun = codebuild.start_build(projectName=name, environmentVariablesOverride=given)["build"]
    assert begun["buildStatus"] == "IN_PROGRESS"
    return finished(cloud, begun["id"])


def finished(cloud: Cloud, build_id: str) -> dict[str, Any]:
    codebuild = cloud.client("codebuild")

    def look() -> Any:
        found = codebuild.batch_get_builds(ids=[build_id])["builds"][0]
        return found["buildComplete"] and found

    return dict(eventually(look, 90))


def run(cloud: Cloud, buildspec: str, **variables: str) -> dict[str, Any]:
    return build(cloud, project(cloud, buildspec), **variables)


def phases(done: dict[str, Any]) -> dict[str, str]:
    return {phase["phaseType"]: phase.get("phaseStatus", "") for phase in done["phases"]}


def log(cloud: Cloud, done: dict[str, Any]) -> list[str]:
    where = {"logGroupName": done["logs"]["groupName"], "logStreamName": done["logs"]["streamName"]}
    events = cloud.client("logs").get_log_events(**where, startFromHead=True)["events"]
    return [event["message"] for event in events]


def test_variables_and_the_folder_last_from_command_to_command(cloud: Cloud) -> None:
    done = run(
        cloud,
        """
        version: 0.2
        env: {variables: {A: spec, B: spec}, exported-variables: [RESULT]}
        phases:
          install: {commands: ["mkdir deep && cd deep", "C=three"]}
          build:
            commands:
              - |
                for word in $A $B; do
                  words="$words$word "
                done
              - RESULT="$words$C $(basename "$PWD") $CODEBUILD_BUILD_SUCCEEDING"
        """,
        B="call",
    )
    assert done["buildStatus"] == "SUCCEEDED"
    assert done["exportedEnvironmentVariables"] == [{"name": "RESULT", "value": "spec call three deep 1"}]
    assert set(phases(done).values()) == {"SUCCEEDED", ""}
    assert done["currentPhase"] == "COMPLETED"


def test_a_failed_build_phase_is_followed_by_post_build_and_names_the_command(cloud: Cloud) -> None:
    take = cloud.queue_of_events("aws.codebuild")
    done = run(
        cloud,
        """
        version: 0.2
        phases:
          build: {commands: ["echo no such model >&2; false", "echo never"], finally: ["echo in any case"]}
          post_build: {commands: ["echo succeeding=$CODEBUILD_BUILD_SUCCEEDING"]}
        """,
    )
    assert done["buildStatus"] == "FAILED"
    assert (phases(done)["BUILD"], phases(done)["POST_BUILD"]) == ("FAILED", "SUCCEEDED")
    context = next(phase["contexts"][0] for phase in done["phases"] if phase["phaseType"] == "BUILD")
    reason = "Error while executing command: echo no such model >&2; false. Reason: exit status 1"
    assert context == {"statusCode": "COMMAND_EXECUTION_ERROR", "message": reason}
    lines = log(cloud, done)
    assert [line for line in lines if "[Container]" not in line] == ["no such model", "in any case", "succeeding=0"]
    events = eventually(lambda: (e := [x for x in take() if x["resources"] == [done["arn"]]]) and len(e) == 2 and e)
    assert [event["detail"]["build-status"] for event in events] == ["IN_PROGRESS", "FAILED"]
    assert {event["detail-type"] for event in events} == {"CodeBuild Build State Change"}
    detail = events[1]["detail"]
    assert detail["build-id"] == done["arn"]
    failed = next(p for p in detail["additional-information"]["phases"] if p["phase-type"] == "BUILD")
    assert failed["phase-context"] == [f"COMMAND_EXECUTION_ERROR: {reason}"]
    assert detail["additional-information"]["logs"]["stream-name"] == done["logs"]["streamName"]


def test_a_failed_pre_build_ends_the_build_and_exit_ends_no_more_than_that(cloud: Cloud) -> None:
    done = run(cloud, 'version: 0.2\nphases: {pre_build: {commands: ["exit 7"]}, build: {commands: ["echo never"]}}')
    assert phases(done)["PRE_BUILD"] == "FAILED"
    assert "BUILD" not in phases(done)
    assert "exit status 7" in done["phases"][5]["contexts"][0]["message"]
    assert not [line for line in log(cloud, done) if line == "never"]


def test_the_source_is_a_zip_on_s3_with_its_buildspec(cloud: Cloud) -> None:
    s3, bucket = cloud.client("s3"), f"source-{uuid.uuid4().hex[:8]}"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("say.sh", "echo from the source: $TOKEN\n")
        archive.writestr(
            "buildspec.yml", 'version: 0.2\nphases: {build: {commands: ["sh say.sh", "ls $CODEBUILD_SRC_DIR"]}}'
        )
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="asset.zip", Body=buffer.getvalue())
    cloud.client("ssm").put_parameter(Name="/build/token", Value="t0ken", Type="String")
    variable = {"name": "TOKEN", "value": "/build/token", "type": "PARAMETER_STORE"}
    name = project(
        cloud,
        "",
        source={"type": "S3", "location": f"{bucket}/asset.zip"},
        environment={**ENVIRONMENT, "environmentVariables": [variable]},
        logsConfig={"cloudWatchLogs": {"status": "ENABLED", "groupName": "/own/group"}},
    )
    done = build(cloud, name)
    assert done["logs"]["groupName"] == "/own/group"
    lines = [line for line in log(cloud, done) if "[Container]" not in line]
    assert lines == ["from the source: t0ken", "buildspec.yml", "say.sh"]


@pytest.mark.parametrize(
    ("buildspec", "code"),
    [
        ("version: 0.1\nphases: {build: {commands: [ls]}}", "YAML_FILE_ERROR"),
        ("version: 0.2\nphases: {build: {commands: [a: b]}}", "YAML_FILE_ERROR"),
        ("version: 0.2\nenv: {parameter-store: {X: /not/there}}\nphases: {build: {commands: [ls]}}", "CLIENT_ERROR"),
    ],
)
def test_what_cannot_begin_says_why(cloud: Cloud, buildspec: str, code: str) -> None:
    done = run(cloud, buildspec)
    assert done["buildStatus"] == "FAILED"
    assert done["phases"][3]["phaseType"] == "DOWNLOAD_SOURCE"
    assert done["phases"][3]["contexts"][0]["statusCode"] == code


def test_an_image_is_built_pushed_and_known_by_the_digest_of_the_registry(cloud: Cloud) -> None:
    cloud.client("ecr").create_repository(repositoryName="built")
    image = f"{REGISTRY}/built:v1"
    done = run(
        cloud,
        r"""
        version: 0.2
        env: {exported-variables: [DIGEST]}
        phases:
          build:
            commands:
              - set -o pipefail
              - aws ecr get-login-password | docker login --username AWS --password-stdin "${IMAGE%%/*}"
              - printf 'FROM python:3.13-slim\nWORKDIR /m\nRUN echo made > it\nCMD ["cat", "it"]\n' > Dockerfile
              - docker build -t "$IMAGE" . && docker push "$IMAGE"
              - DIGEST=$(docker inspect --format '{{index .RepoDigests 0}}' "$IMAGE" | cut -d@ -f2)
        """,
        IMAGE=image,
    )
    assert done["buildStatus"] == "SUCCEEDED", log(cloud, done)
    known = cloud.client("ecr").describe_images(repositoryName="built")["imageDetails"][0]
    assert known["imageTags"] == ["v1"]
    assert done["exportedEnvironmentVariables"][0]["value"] == known["imageDigest"]


def test_a_failing_docker_build_leaves_its_reason_in_the_log(cloud: Cloud) -> None:
    done = run(
        cloud,
        r"""
        version: 0.2
        phases:
          build:
            commands:
              - printf 'FROM python:3.13-slim\nRUN echo wheel missing && exit 9\n' > Dockerfile
              - docker build -t x .
        """,
    )
    assert "docker build -t x .. Reason: exit status 1" in done["phases"][6]["contexts"][0]["message"]
    lines = log(cloud, done)
    assert any(line.endswith("wheel missing") for line in lines)
    assert any("did not complete successfully: exit code: 9" in line for line in lines)


def test_stop_build_ends_what_runs(cloud: Cloud) -> None:
    name = project(cloud, 'version: 0.2\nphases: {build: {commands: ["echo begun", "sleep 600"]}}')
    codebuild = cloud.client("codebuild")
    begun = codebuild.start_build(projectName=name)["build"]["id"]
    eventually(lambda: codebuild.batch_get_builds(ids=[begun])["builds"][0]["currentPhase"] == "BUILD")
    codebuild.stop_build(id=begun)
    assert finished(cloud, begun)["buildStatus"] == "STOPPED"


def test_two_builds_run_at_once_and_a_third_waits(cloud: Cloud) -> None:
    name = project(cloud, 'version: 0.2\nphases: {build: {commands: ["sleep 3"]}}')
    codebuild = cloud.client("codebuild")
    ids = [codebuild.start_build(projectName=name)["build"]["id"] for _ in range(3)]
    time.sleep(1.5)
    found = {one["id"]: one["currentPhase"] for one in codebuild.batch_get_builds(ids=ids)["builds"]}
    assert [found[one] for one in ids] == ["BUILD", "BUILD", "QUEUED"]
    assert {finished(cloud, one)["buildStatus"] for one in ids} == {"SUCCEEDED"}
    assert codebuild.list_builds_for_project(projectName=name)["ids"] == ids[::-1]


def test_projects_are_kept_changed_and_forgotten(cloud: Cloud) -> None:
    codebuild = cloud.client("codebuild")
    name = project(cloud, "version: 0.2\nphases: {build: {commands: [ls]}}", timeoutInMinutes=17)
    kept = codebuild.batch_get_projects(names=[name, "none"])
    assert kept["projects"][0]["timeoutInMinutes"] == 17
    assert kept["projects"][0]["arn"] == f"arn:aws:codebuild:{REGION}:{ACCOUNT}:project/{name}"
    assert kept["projectsNotFound"] == ["none"]
    assert codebuild.update_project(name=name, timeoutInMinutes=18)["project"]["timeoutInMinutes"] == 18
    with pytest.raises(ClientError, match="ResourceAlreadyExistsException"):
        codebuild.create_project(
            name=name,
            source={"type": "NO_SOURCE", "buildspec": "x"},
            artifacts={"type": "NO_ARTIFACTS"},
            environment=ENVIRONMENT,
            serviceRole="arn:aws:iam::000000000000:role/r",
        )
    codebuild.delete_project(name=name)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        codebuild.start_build(projectName=name)
