"""Models and their versions: upload, wait, list, logs, delete."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from dewpoint import upload
from dewpoint.entities import LogPage, Model, ModelVersion
from dewpoint.errors import Ended, InvalidInput, NotFound, Problem
from dewpoint.payload import Payload, pack
from dewpoint.signatures import Signature
from dewpoint.transport import Transport
from dewpoint.waiting import BUILD_TIMEOUT, SILENT, Patience, Watcher, follow, read_log, wait

DIGEST_KEY = "dewpoint.digest"
UPLOAD_TIMEOUT = 300.0  # seconds without a byte moving


@dataclass(frozen=True, kw_only=True)
class CustomContainer:
    """What the platform must know of an image that the payload's Dockerfile makes (runtime `custom`).

    `health_check` is a command in Docker's words, such as ("CMD", "python", "healthy.py"); `model_name` and
    `model_version` are what the server calls the model, when those are not the platform's name and number.
    """

    health_check: tuple[str, ...]
    model_name: str = ""
    model_version: str = ""

    def to_json(self) -> dict[str, Any]:
        names = {"modelName": self.model_name, "modelVersion": self.model_version}
        return {"healthCheck": list(self.health_check)} | {key: name for key, name in names.items() if name}


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """A model version to be: what a Model document says. `provenance` is metadata that nobody wrote by hand.

    Without a signature the build reads it from the payload. `keep_versions` is how many Released versions the model
    keeps once this one is released; it does not make another version of the model. `package_index` names a private
    package index that the platform knows. `batching` (`maxBatchSize`, `maxLatencyMs`) joins calls that arrive while the
    model is busy.
    """

    name: str
    runtime: str
    payload: Payload
    signature: Signature | None = None
    install_command: str | None = None
    package_index: str | None = None
    container: CustomContainer | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    provenance: dict[str, str] = field(default_factory=dict)
    batch_size: int | None = None
    log_days: int | None = None
    alerts: dict[str, Any] | None = None
    keep_versions: int | None = None
    batching: dict[str, int] | None = None

    def to_json(self) -> dict[str, Any]:
        """The announcement without its payload."""
        document: dict[str, Any] = {
            "name": self.name,
            "runtime": self.runtime,
            "modelSignature": self.signature.to_json() if self.signature else None,
            "metadata": self.metadata,
        }
        if self.install_command:
            document["installCommand"] = self.install_command
        if self.package_index:
            document["packageIndex"] = self.package_index
        if self.container:
            document["container"] = self.container.to_json()
        if monitoring := _monitoring(self.batch_size, self.log_days, self.alerts):
            document["monitoringConfiguration"] = monitoring
        if self.batching is not None:
            document["batching"] = self.batching
        return document

    def digest(self) -> str:
        """SHA-256 of everything that makes this version what it is; where it was made does not count."""
        described = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(f"{described}\n{self.payload.digest()}".encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class ExternalSpec:
    """A version of a model that runs elsewhere: what an ExternalModel document says."""

    name: str
    signature: Signature
    metadata: dict[str, str] = field(default_factory=dict)
    batch_size: int | None = None
    log_days: int | None = None
    alerts: dict[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "modelSignature": self.signature.to_json(),
            "metadata": self.metadata,
            "monitoringConfiguration": _monitoring(self.batch_size, self.log_days, self.alerts),
        }

    def digest(self) -> str:
        """SHA-256 of everything that makes this version what it is."""
        return hashlib.sha256(json.dumps(self.to_json(), sort_keys=True).encode()).hexdigest()


def _monitoring(batch_size: int | None, log_days: int | None, alerts: dict[str, Any] | None) -> dict[str, Any]:
    told = {"batchSize": batch_size, "logDays": log_days, "alerts": alerts}
    return {name: value for name, value in told.items() if value}


class Models:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self) -> list[Model]:
        return [Model.from_json(raw) for raw in self._transport.get_all("/api/v2/model")]

    def versions(self, name: str | None = None) -> Sequence[ModelVersion]:
        """All versions, or one model's; by name, oldest first."""
        found = [ModelVersion.from_json(raw) for raw in self._transport.get_all("/api/v2/model/version")]
        return sorted((version for version in found if name in (None, version.name)), key=lambda v: (v.name, v.version))

    def version(self, name: str, number: int) -> ModelVersion:
        """Raises NotFound."""
        return ModelVersion.from_json(self._transport.get(f"/api/v2/model/version/{quote(name, safe='')}/{number}"))

    def latest(self, name: str) -> ModelVersion:
        """The newest Released version. Raises NotFound."""
        released = [version for version in self.versions(name) if version.status == "Released"]
        if not released:
            raise NotFound(Problem(404, "Not found", f"model {name!r} has no Released version"))
        return released[-1]

    def newest(self, name: str) -> ModelVersion:
        """The newest version, whatever its state. Raises NotFound."""
        versions = self.versions(name)
        if not versions:
            raise NotFound(Problem(404, "Not found", f"there is no model {name!r}"))
        return versions[-1]

    def find(self, reference: str) -> ModelVersion:
        """The version that `name:version`, `name:latest` or `name` means. Raises NotFound, InvalidInput."""
        name, number = parse_reference(reference)
        return self.latest(name) if number is None else self.version(name, number)

    def upload(self, spec: ModelSpec, watcher: Watcher = SILENT) -> ModelVersion:
        """Packs and sends a payload, and starts its build. Answers the new version, still Assembling.

        Raises InvalidPayload, Unreachable, TimedOut, Refused.
        """
        metadata = {**spec.provenance, **spec.metadata, DIGEST_KEY: spec.digest()}
        keep = {"keepVersions": spec.keep_versions} if spec.keep_versions else {}
        archive = pack(spec.payload)
        with closing(archive.stream):
            watcher.packed(len(spec.payload.files), archive.size)
            announced = self._transport.send(
                "POST",
                "/api/v2/model/upload",
                {
                    **spec.to_json(),
                    **keep,
                    "metadata": metadata,
                    "payload": {"sha256": archive.sha256, "size": archive.size},
                },
            )
            upload.put(announced["url"], announced.get("headers") or {}, archive, watcher.uploaded, UPLOAD_TIMEOUT)
        path = f"/api/v2/model/upload/{quote(announced['uploadId'], safe='')}/complete"
        return ModelVersion.from_json(self._transport.send("POST", path))

    def register_external(self, spec: "ExternalSpec") -> ModelVersion:
        """A version of a model that runs elsewhere: Released at once, never deployable. Raises Refused."""
        metadata = {**spec.metadata, DIGEST_KEY: spec.digest()}
        answer = self._transport.send("POST", "/api/v2/externalmodel", {**spec.to_json(), "metadata": metadata})
        return ModelVersion.from_json(answer)

    def wait_released(
        self, version: ModelVersion, watcher: Watcher = SILENT, patience: Patience | None = None
    ) -> ModelVersion:
        """The version once it is Released; build log lines go to `watcher`. Raises Ended with the reason, TimedOut."""
        token: str | None = None

        def look() -> ModelVersion:
            nonlocal token
            seen = self.version(version.name, version.version)
            page = self.log_page(version.id, token)  # after the state, so that a finished build's log is whole
            for line in page.lines:
                watcher.log(line)
            token = page.next or token
            watcher.state(seen.full_name, seen.status, seen.message)
            return seen

        what = f"the build of {version.full_name}"
        seen = wait(what, look, lambda v: v.status in ("Released", "Failed"), patience or Patience(BUILD_TIMEOUT))
        for line in read_log(lambda after: self.log_page(seen.id, after), token):
            watcher.log(line)
        if seen.status == "Failed":
            raise Ended(what, seen.message)
        return seen

    def log_page(self, version_id: int, after: str | None = None) -> LogPage:
        """One page of a build log, from a token on."""
        params = {"after": after} if after else None
        return LogPage.from_json(self._transport.get(f"/api/v2/model/version/{version_id}/logs", params))

    def log(self, version: ModelVersion) -> Iterator[str]:
        """The lines of a build log that are there now."""
        return read_log(lambda after: self.log_page(version.id, after))

    def follow_log(self, version: ModelVersion, patience: Patience | None = None) -> Iterator[str]:
        """The lines of a build log until the build ends. Raises TimedOut."""
        what = f"the build log of {version.full_name}"
        return follow(what, lambda token: self.log_page(version.id, token), patience or Patience(BUILD_TIMEOUT))

    def delete(self, name: str) -> None:
        """Deletes a model with all its versions. Raises NotFound, Conflict while it is in use."""
        found = next((model for model in self.list() if model.name == name), None)
        if found is None:
            raise NotFound(Problem(404, "Not found", f"there is no model {name!r}"))
        self._transport.send("DELETE", f"/api/v2/model/{found.id}")

    def delete_version(self, name: str, number: int) -> None:
        """Raises NotFound, Conflict while it is in use."""
        self._transport.send("DELETE", f"/api/v2/model/version/{quote(name, safe='')}/{number}")


def parse_reference(reference: str) -> tuple[str, int | None]:
    """Name and version of `name:3`; None is the newest (`name`, `name:latest`). Raises InvalidInput."""
    name, _, number = reference.partition(":")
    if name and number in ("", "latest") and not reference.endswith(":"):
        return name, None
    if name and number.isdecimal() and int(number) > 0:
        return name, int(number)
    raise InvalidInput(f"{reference!r} is not a model version; write name:version, name:latest or name")
