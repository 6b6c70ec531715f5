"""A build has ended: its version is Released, or Failed with a reason that a person can act on."""

import re
from datetime import datetime

from aws_lambda_powertools import Logger
from msgspec.structs import replace

from functions.core.errors import InvalidRequest, NotFound
from functions.core.models import ModelVersion, VersionStatus
from functions.core.ports import BuildOutcome
from functions.manager.delete_model import discard
from functions.manager.ports import Ports
from functions.manager.read_signature import read_signature
from functions.manager.retire_versions import retire_versions

log = Logger(service="manager", utc=True)

# The builder's own chatter between the lines of the commands
CHATTER = re.compile(r"\[Container\]|Phase (complete|context)|Entering phase|\s*$")
# Docker's: the log of a step, and its picture of the instruction; servable/reason.sh says again what counts
DOCKER = re.compile(r"#\d+ |-{4,}$| > \[|Dockerfile:\d+$|\s*\d+ \| |ERROR: failed to (build|solve)")
OURS = "build failed: "  # how the scripts in servable/ begin the line that says why
LINES = 5


def finish_build(ports: Ports, build_id: str) -> ModelVersion | None:
    """The version after its build; None when there is nothing to do. Repeating it changes nothing."""
    try:
        outcome = ports.builder.outcome(build_id)
    except NotFound as missing:
        log.warning("a build of no version", build_id=build_id, detail=missing.detail)
        return None
    if outcome.succeeded is None:
        return None
    try:
        version = ports.models.get(outcome.name, outcome.version)
    except NotFound:  # deleted meanwhile; its number, and so the image's tag, is never given again
        discard(ports, outcome.name, outcome.version)
        return None
    if not outcome.succeeded and version.build_id not in ("", build_id):
        return None  # another build of it runs, which is the one that counts
    finished = conclude(ports, replace(version, build_id=build_id, finished=ports.clock.now()), outcome)
    if not ports.models.update(finished, VersionStatus.ASSEMBLING):
        return None
    if finished.status is VersionStatus.RELEASED:
        retire_versions(ports, finished)
    return finished


def conclude(ports: Ports, version: ModelVersion, outcome: BuildOutcome) -> ModelVersion:
    """`version` as the outcome of its build makes it."""
    if not outcome.succeeded:
        return fail(version, explain(outcome))
    if not outcome.digest:
        return fail(version, "the build reported no image digest")
    try:
        signature = version.signature or read_signature(ports.payloads, version)
    except InvalidRequest as error:
        return fail(version, error.detail)
    image = replace(version.image, sha256=outcome.digest)
    return replace(version, status=VersionStatus.RELEASED, image=image, signature=signature)


def fail(version: ModelVersion, reason: str, finished: datetime | None = None) -> ModelVersion:
    return replace(version, status=VersionStatus.FAILED, reason=reason, finished=finished or version.finished)


def explain(outcome: BuildOutcome) -> str:
    """The last lines that the commands wrote; before them the builder's sentence, unless the commands say why."""
    said = [line.rstrip() for line in outcome.tail if not CHATTER.match(line)]
    meant = [line for line in said if not DOCKER.match(line)]
    last = (meant or said)[-LINES:]
    told = any(line.startswith(OURS) for line in last)
    return "\n".join(last if told else [outcome.reason or "the build failed", *last])
