"""Model images, built by CodeBuild from servable/buildspec.yml. A build carries its model version in its variables."""

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from functions.adapters.logs import CloudWatchLogs
from functions.core.errors import NotFound
from functions.core.models import ModelVersion
from functions.core.ports import BuildOutcome, LogPage

if TYPE_CHECKING:
    from mypy_boto3_codebuild import CodeBuildClient
    from mypy_boto3_codebuild.type_defs import EnvironmentVariableTypeDef

TAIL = 20  # lines kept of a failed build's log


class BuildSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`package_indexes` is what the names of the secrets begin with that hold a pip.conf each."""

    project: str
    bucket: str
    package_indexes: str


class CodeBuildImageBuilder:
    def __init__(self, client: "CodeBuildClient", logs: CloudWatchLogs, settings: BuildSettings) -> None:
        self._client = client
        self._logs = logs
        self._settings = settings

    def start(self, version: ModelVersion, contract_key: str) -> str:
        answer = self._client.start_build(
            projectName=self._settings.project,
            idempotencyToken=hashlib.sha256(version.full_name.encode()).hexdigest(),
            environmentVariablesOverride=to_environment(version, contract_key, self._settings),
        )
        return answer["build"]["id"]

    def outcome(self, build_id: str) -> BuildOutcome:
        build = self._build(build_id)
        name, version = from_environment(build)
        status = build["buildStatus"]
        if status == "IN_PROGRESS":
            return BuildOutcome(name=name, version=version, succeeded=None)
        if status == "SUCCEEDED":
            return BuildOutcome(name=name, version=version, succeeded=True, digest=exported(build, "IMAGE_DIGEST"))
        group, stream = log_place(build)
        tail = self._logs.tail(group, stream, TAIL) if stream else ()
        return BuildOutcome(name=name, version=version, succeeded=False, reason=failure(build), tail=tail)

    def log(self, build_id: str, after: str | None = None) -> LogPage:
        group, stream = log_place(self._build(build_id))
        return self._logs.page(group, stream, after) if stream else LogPage((), after)

    def _build(self, build_id: str) -> Mapping[str, Any]:
        builds = self._client.batch_get_builds(ids=[build_id])["builds"]
        if not builds:
            raise NotFound(f"there is no build {build_id}")
        return builds[0]


def to_environment(
    version: ModelVersion, contract_key: str, settings: BuildSettings
) -> "list[EnvironmentVariableTypeDef]":
    """What the buildspec reads, and which version the build is of. CodeBuild itself reads the secret."""
    bucket = settings.bucket
    variables = {
        "MODEL_NAME": version.name,
        "MODEL_VERSION": str(version.version),
        "PAYLOAD_URI": f"s3://{bucket}/{version.payload_key}",
        "PAYLOAD_SHA256": version.payload_sha256,
        "CONTRACT_URI": f"s3://{bucket}/{contract_key}",
        "SIGNATURE_URI": f"s3://{bucket}/{contract_key.rpartition('/')[0]}/signature.json",
        "RUNTIME_IMAGE": version.runtime_image,
        "IMAGE_URI": f"{version.image.name}:{version.image.tag}",
    }
    environment: list[EnvironmentVariableTypeDef] = [
        {"name": name, "value": value, "type": "PLAINTEXT"} for name, value in variables.items() if value
    ]
    if version.package_index:
        secret = settings.package_indexes + version.package_index
        environment.append({"name": "PACKAGE_INDEX", "value": secret, "type": "SECRETS_MANAGER"})
    return environment


def from_environment(build: Mapping[str, Any]) -> tuple[str, int]:
    """Name and version of the model a build is of. Raises NotFound when it is of none."""
    variables = {item["name"]: item["value"] for item in build["environment"].get("environmentVariables", [])}
    try:
        return variables["MODEL_NAME"], int(variables["MODEL_VERSION"])
    except (KeyError, ValueError):
        raise NotFound(f"build {build['id']} is not of a model version") from None


def exported(build: Mapping[str, Any], name: str) -> str:
    """A variable that the buildspec exported; empty when it did not."""
    values = {item["name"]: item["value"] for item in build.get("exportedEnvironmentVariables", [])}
    return str(values.get(name, ""))


def failure(build: Mapping[str, Any]) -> str:
    """The first failed phase and what CodeBuild says about it."""
    for phase in build.get("phases", []):
        said = [context.get("message", "") for context in phase.get("contexts", [])]
        if phase.get("phaseStatus") not in (None, "SUCCEEDED"):
            return ": ".join(filter(None, [phase["phaseType"], *said])) if any(said) else str(phase["phaseType"])
    return f"the build ended as {build['buildStatus']}"


def log_place(build: Mapping[str, Any]) -> tuple[str, str]:
    """Log group and stream; an empty stream while nothing was logged."""
    logs = build.get("logs", {})
    return logs.get("groupName", ""), logs.get("streamName", "")
