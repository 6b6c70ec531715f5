"""Somebody wants to upload a model: checks what they say about it, and tells them where to put the payload."""

import re
import uuid
from datetime import datetime, timedelta
from typing import Any

import msgspec

from functions.core.batching import LONGEST_WAIT, MOST_ROWS, Batching, without_rows
from functions.core.errors import PayloadTooLarge
from functions.core.models import CUSTOM, Upload
from functions.core.monitoring import monitoring_problems
from functions.core.naming import MODEL, PACKAGE_INDEX, check_name
from functions.core.ports import Presigned
from functions.core.signature import Signature, parse_signature
from functions.manager.alert_rules import check_alert_rules
from functions.manager.choose_runtime import choose_runtime
from functions.manager.describe_container import NewContainer, describe_container
from functions.manager.findings import Findings
from functions.manager.ports import Ports

SHA256 = re.compile(r"[0-9a-f]{64}")


class Payload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sha256: str
    size: int


class NewUpload(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """The request; name, runtime and signature are checked here, all together. No signature: the build finds it."""

    name: Any
    runtime: Any
    model_signature: Any = None
    payload: Payload
    install_command: str | None = None
    package_index: str | None = None
    container: NewContainer | None = None
    metadata: dict[str, str] = {}
    monitoring_configuration: dict[str, Any] = {}
    keep_versions: int | None = None
    batching: Batching | None = None


class Announced(msgspec.Struct, frozen=True):
    upload: Upload
    target: Presigned
    expires: datetime


def announce_upload(ports: Ports, request: NewUpload) -> Announced:
    """Raises InvalidRequest with everything that is wrong, PayloadTooLarge."""
    upload = check_request(ports, request)
    check_size(ports, upload)
    ports.uploads.put(upload)
    lifetime = ports.rules.upload_expiry
    target = ports.payloads.presign(upload.payload_key, upload.sha256, upload.size, lifetime)
    return Announced(upload, target, upload.created + timedelta(seconds=lifetime))


def check_size(ports: Ports, upload: Upload) -> None:
    """Raises PayloadTooLarge."""
    if upload.size > ports.rules.max_payload_bytes:
        raise PayloadTooLarge(f"a payload may have {ports.rules.max_payload_bytes} bytes, this one has {upload.size}")


def check_request(ports: Ports, request: NewUpload) -> Upload:
    """The upload that a request describes. Raises InvalidRequest."""
    findings = Findings()
    name = findings.attempt(lambda: check_name(MODEL, request.name))
    runtime = findings.attempt(lambda: choose_runtime(ports.rules.runtimes, request.runtime))
    signature = None
    if request.model_signature is not None:
        signature = findings.attempt(lambda: parse_signature(request.model_signature, "/modelSignature"))
    container = findings.attempt(lambda: describe_container(runtime, request.container))
    findings.attempt(lambda: check_alert_rules(request.monitoring_configuration))
    check_build(findings, request, runtime)
    if request.batching is not None:
        check_batching(request.batching, signature, findings)
    findings.problems += monitoring_problems(request.monitoring_configuration)
    if name is None or runtime is None or findings.problems:
        raise findings.error()
    upload_id = uuid.uuid4().hex
    return Upload(
        upload_id=upload_id,
        name=name,
        runtime=runtime,
        signature=signature,
        payload_key=f"uploads/{upload_id}/payload.tar.gz",
        sha256=request.payload.sha256,
        size=request.payload.size,
        install_command=request.install_command or "",
        package_index=request.package_index or "",
        container=container,
        metadata=request.metadata,
        monitoring=request.monitoring_configuration,
        keep_versions=request.keep_versions,
        batching=request.batching,
        created=ports.clock.now(),
    )


def check_build(findings: Findings, request: NewUpload, runtime: str | None) -> None:
    """Notes what no build could begin with."""
    if request.keep_versions is not None and request.keep_versions < 1:
        findings.add("/keepVersions", "a whole number above 0", str(request.keep_versions))
    if not SHA256.fullmatch(request.payload.sha256):
        findings.add("/payload/sha256", "64 lower-case hexadecimal digits", repr(request.payload.sha256)[:80])
    if request.payload.size < 1:
        findings.add("/payload/size", "a number of bytes above 0", str(request.payload.size))
    if request.package_index:
        findings.attempt(lambda: check_name(PACKAGE_INDEX, request.package_index, "/packageIndex"))
    if runtime == CUSTOM and request.model_signature is None:
        findings.add("/modelSignature", "a signature: a custom image's cannot be read from its files", "nothing")
    if runtime == CUSTOM and request.install_command:
        findings.add("/installCommand", "nothing: the Dockerfile installs", repr(request.install_command)[:80])


def check_batching(batching: Batching, signature: Signature | None, findings: Findings) -> None:
    """Only rows can be joined. A signature that the build finds is held against the same rule there."""
    if not 2 <= batching.max_batch_size <= MOST_ROWS:
        findings.add("/batching/maxBatchSize", f"2 to {MOST_ROWS}", str(batching.max_batch_size))
    if not 0 <= batching.max_latency_ms <= LONGEST_WAIT:
        findings.add("/batching/maxLatencyMs", f"0 to {LONGEST_WAIT}", str(batching.max_latency_ms))
    if signature is not None and (single := without_rows(signature)):
        findings.add("/batching", "a signature whose shapes all begin with -1", f"others: {', '.join(single)}")
