"""What the builder promises, held against the fake and against CodeBuild's answers."""

import time
from typing import Any, cast

import boto3
import pytest

from functions.adapters.clients import client
from functions.adapters.codebuild import BuildSettings, CodeBuildImageBuilder
from functions.adapters.logs import CloudWatchLogs
from functions.core.errors import NotFound
from functions.core.ports import ImageBuilder
from tests.fakes import entities
from tests.fakes.builder import FakeImageBuilder
from tests.fakes.codebuild import FakeCodeBuildClient

pytestmark = pytest.mark.disable_socket

GROUP = "/aws/codebuild/model-build"
CONTRACT = "models/penguins/1/contract.json"


class CodeBuild:
    """The adapter, and the AWS it talks to."""

    def __init__(self) -> None:
        self.api = FakeCodeBuildClient()
        logs = CloudWatchLogs(client("logs"))
        settings = BuildSettings(
            project="model-build", bucket="payloads", package_indexes="dewpoint-test/package-index/"
        )
        self.builder = CodeBuildImageBuilder(cast("Any", self.api), logs, settings)

    def end(self, build_id: str, status: str, **more: Any) -> None:
        self.api.builds[build_id].update(buildStatus=status, **more)


@pytest.fixture
def codebuild(aws: str) -> CodeBuild:
    return CodeBuild()


@pytest.fixture(params=["fake", "codebuild"])
def builder(request: pytest.FixtureRequest) -> ImageBuilder:
    return FakeImageBuilder() if request.param == "fake" else request.getfixturevalue("codebuild").builder


def test_a_version_is_built_once(builder: ImageBuilder) -> None:
    first = builder.start(entities.version(1), CONTRACT)
    assert builder.start(entities.version(1), CONTRACT) == first
    assert builder.start(entities.version(2), CONTRACT) != first
    assert builder.start(entities.version(1, name="other"), CONTRACT) != first


def test_a_build_knows_its_version_while_it_runs(builder: ImageBuilder) -> None:
    build_id = builder.start(entities.version(3), CONTRACT)
    outcome = builder.outcome(build_id)
    assert (outcome.name, outcome.version, outcome.succeeded) == ("penguins", 3, None)
    assert builder.log(build_id).lines == ()


def test_an_unknown_build_is_not_found(builder: ImageBuilder) -> None:
    with pytest.raises(NotFound):
        builder.outcome("model-build:nobody")


def test_the_buildspec_is_told_what_to_build(codebuild: CodeBuild) -> None:
    build_id = codebuild.builder.start(entities.version(1), CONTRACT)
    given = codebuild.api.builds[build_id]["environment"]["environmentVariables"]
    assert {item["name"]: item["value"] for item in given} == {
        "MODEL_NAME": "penguins",
        "MODEL_VERSION": "1",
        "PAYLOAD_URI": "s3://payloads/models/penguins/1/payload.tar.gz",
        "PAYLOAD_SHA256": "0" * 64,
        "CONTRACT_URI": f"s3://payloads/{CONTRACT}",
        "SIGNATURE_URI": "s3://payloads/models/penguins/1/signature.json",
        "RUNTIME_IMAGE": "registry/runtimes:sklearn-1",
        "IMAGE_URI": "registry/models:penguins-1",
    }


def test_m22_an_image_of_ones_own_is_built_on_no_runtime(codebuild: CodeBuild) -> None:
    build_id = codebuild.builder.start(entities.version(1, runtime="custom", runtime_image=""), CONTRACT)
    given = codebuild.api.builds[build_id]["environment"]["environmentVariables"]
    assert "RUNTIME_IMAGE" not in {item["name"] for item in given}


def test_m23_a_private_index_is_read_by_codebuild_from_its_secret(codebuild: CodeBuild) -> None:
    build_id = codebuild.builder.start(entities.version(1, package_index="corporate"), CONTRACT)
    given = codebuild.api.builds[build_id]["environment"]["environmentVariables"]
    secret = {"name": "PACKAGE_INDEX", "value": "dewpoint-test/package-index/corporate", "type": "SECRETS_MANAGER"}
    assert [item for item in given if item["type"] != "PLAINTEXT"] == [secret]
    assert codebuild.builder.outcome(build_id).name == "penguins"


def test_a_built_image_is_known_by_its_digest(codebuild: CodeBuild) -> None:
    build_id = codebuild.builder.start(entities.version(1), CONTRACT)
    exported = [{"name": "IMAGE_DIGEST", "value": entities.DIGEST}]
    codebuild.end(build_id, "SUCCEEDED", exportedEnvironmentVariables=exported)
    outcome = codebuild.builder.outcome(build_id)
    assert (outcome.succeeded, outcome.digest) == (True, entities.DIGEST)


def test_a_failed_build_says_in_which_phase_and_shows_its_last_lines(codebuild: CodeBuild) -> None:
    build_id = codebuild.builder.start(entities.version(1), CONTRACT)
    logs = boto3.client("logs")
    logs.create_log_group(logGroupName=GROUP)
    logs.create_log_stream(logGroupName=GROUP, logStreamName="s")
    events = [{"timestamp": int(time.time() * 1000) - 1000 + at, "message": f"line {at}\n"} for at in range(30)]
    logs.put_log_events(logGroupName=GROUP, logStreamName="s", logEvents=events)  # type: ignore[arg-type]
    phases = [
        {"phaseType": "SUBMITTED", "phaseStatus": "SUCCEEDED"},
        {"phaseType": "BUILD", "phaseStatus": "FAILED", "contexts": [{"message": "docker build: exit status 1"}]},
        {"phaseType": "FINALIZING", "phaseStatus": "SUCCEEDED"},
        {"phaseType": "COMPLETED"},
    ]
    codebuild.end(build_id, "FAILED", phases=phases, logs={"groupName": GROUP, "streamName": "s"})
    outcome = codebuild.builder.outcome(build_id)
    assert outcome.succeeded is False
    assert outcome.reason == "BUILD: docker build: exit status 1"
    assert outcome.tail == tuple(f"line {at}" for at in range(10, 30))


def test_a_build_that_was_stopped_says_so(codebuild: CodeBuild) -> None:
    build_id = codebuild.builder.start(entities.version(1), CONTRACT)
    codebuild.end(build_id, "STOPPED")
    assert codebuild.builder.outcome(build_id).reason == "the build ended as STOPPED"
    codebuild.end(build_id, "TIMED_OUT", phases=[{"phaseType": "BUILD", "phaseStatus": "TIMED_OUT"}])
    assert codebuild.builder.outcome(build_id).reason == "BUILD"


def test_a_build_of_something_else_is_not_ours(codebuild: CodeBuild) -> None:
    codebuild.api.builds["x"] = {"id": "x", "buildStatus": "SUCCEEDED", "environment": {}}
    with pytest.raises(NotFound):
        codebuild.builder.outcome("x")
