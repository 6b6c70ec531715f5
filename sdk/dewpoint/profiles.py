"""Training data and profiles of model versions."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any
from urllib.parse import quote

from dewpoint import upload
from dewpoint.entities import Document, Entity, ModelVersion
from dewpoint.errors import Ended, InvalidPayload
from dewpoint.payload import Archive
from dewpoint.transport import Transport
from dewpoint.waiting import SILENT, Patience, Watcher, wait

S3 = "s3://"
ID_LENGTH = 32  # of the file's SHA-256, by which the platform knows it
CHUNK = 1024**2
PROFILE_TIMEOUT = 1800.0
UPLOAD_TIMEOUT = 300.0  # seconds without a byte moving
SETTLED = ("Success", "Failure")


@dataclass(frozen=True, kw_only=True)
class TrainingFile(Entity):
    """`status` is Uploading, Processing, Success or Failure, `reason` says why it failed; `progress` is from 0 to 1.

    `rejections` say in words which rows were left out, with the first of each reason.
    """

    id: str
    version_id: int
    name: str
    path: str
    status: str
    reason: str = ""
    progress: float = 0.0
    rows: int = 0
    rejected: int = 0
    rejections: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, raw: Document) -> "TrainingFile":
        return cls(
            raw=raw,
            id=raw["id"],
            version_id=raw["modelVersionId"],
            name=raw.get("name") or "",
            path=raw.get("path") or "",
            status=raw["status"],
            reason=raw.get("reason") or "",
            progress=raw.get("progress") or 0.0,
            rows=raw.get("rows") or 0,
            rejected=raw.get("rejected") or 0,
            rejections=tuple(map(_told, raw.get("rejections") or ())),
            ignored=tuple(raw.get("ignoredColumns") or ()),
        )


@dataclass(frozen=True, kw_only=True)
class TrainingStatus(Entity):
    """`kind` is NotRegistered, Processing, Success or Failure."""

    kind: str
    reason: str
    files: tuple[TrainingFile, ...]

    @classmethod
    def from_json(cls, raw: Document) -> "TrainingStatus":
        files = tuple(map(TrainingFile.from_json, raw.get("files") or ()))
        return cls(raw=raw, kind=raw["kind"], reason=raw.get("reason") or "", files=files)


class Profiles:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def upload_training_data(
        self, version: ModelVersion, source: str | PathLike[str], watcher: Watcher = SILENT
    ) -> TrainingFile:
        """Gives training data, CSV or Parquet: a local file is sent, `s3://bucket/key` is read by the platform.

        Answers as soon as it is accepted; `wait` waits. A file with the same content counts once, however often it is
        given. Raises InvalidPayload, Unreachable, TimedOut, Refused.
        """
        if str(source).startswith(S3):
            return self._given(version, "/s3", {"path": str(source)})
        return self._send(version, Path(source), watcher)

    def wait(self, file: TrainingFile, watcher: Watcher = SILENT, patience: Patience | None = None) -> TrainingFile:
        """The file once it is profiled. Raises Ended with the reason, TimedOut."""
        what = f"training data {file.name or file.id}"

        def look() -> TrainingFile:
            seen = next((each for each in self.files(file.version_id) if each.id == file.id), None)
            if seen is None:
                raise Ended(what, "it was removed")
            read = f"{seen.progress:.0%} read" if seen.status == "Processing" and seen.progress else ""
            watcher.state(what, seen.status, seen.reason or read)
            return seen

        seen = wait(what, look, lambda each: each.status in SETTLED, patience or Patience(PROFILE_TIMEOUT))
        if seen.status == "Failure":
            raise Ended(what, seen.reason)
        return seen

    def files(self, version: ModelVersion | int) -> list[TrainingFile]:
        """The training data of a version, file by file."""
        found = self._transport.get_all("/monitoring/training_data", {"modelVersionId": str(_id(version))})
        return [TrainingFile.from_json(raw) for raw in found]

    def status(self, version: ModelVersion | int) -> TrainingStatus:
        """How a version's training data stand. Raises NotFound."""
        return TrainingStatus.from_json(self._transport.get(f"{_batch(version)}/status"))

    def remove(self, version: ModelVersion | int, file_id: str) -> None:
        """Takes a file out of a version's training data. Raises NotFound."""
        self._transport.send("DELETE", f"/monitoring/training_data/{_id(version)}/{quote(file_id, safe='')}")

    def fields(self, version: ModelVersion | int) -> list[Document]:
        """The fields that are profiled."""
        found: list[Document] = self._transport.get(f"/monitoring/fields/{_id(version)}")
        return found

    def get(self, version: ModelVersion | int, field: str, since: str = "", till: str = "") -> Document:
        """A field's profiles: `training`, and `production` in the hours from `since` till `till` (ISO 8601).

        Raises NotFound.
        """
        params = {name: moment for name, moment in (("from", since), ("till", till)) if moment}
        path = f"/monitoring/profiles/{_id(version)}/{quote(field, safe='')}"
        found: Document = self._transport.get(path, params or None)
        return found

    def _send(self, version: ModelVersion, path: Path, watcher: Watcher) -> TrainingFile:
        try:
            with path.open("rb") as stream:
                archive = Archive(stream, digest(path), path.stat().st_size)
                announcement = {"sha256": archive.sha256, "size": archive.size, "name": path.name}
                announced = self._transport.send("POST", _batch(version), announcement)
                headers = announced.get("headers") or {}
                upload.put(announced["url"], headers, archive, watcher.uploaded, UPLOAD_TIMEOUT)
        except OSError as error:
            raise InvalidPayload(f"{path}: {error.strerror or error}") from error
        return self._given(version, f"/{quote(announced['file']['id'], safe='')}/complete")

    def _given(self, version: ModelVersion, way: str, body: Any = None) -> TrainingFile:
        return TrainingFile.from_json(self._transport.send("POST", f"{_batch(version)}{way}", body))


def digest(path: Path) -> str:
    """SHA-256 of a file, in hex. Raises InvalidPayload."""
    whole = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(CHUNK):
                whole.update(chunk)
    except OSError as error:
        raise InvalidPayload(f"{path}: {error.strerror or error}") from error
    return whole.hexdigest()


def find_known(files: Sequence[TrainingFile], source: str | PathLike[str]) -> TrainingFile | None:
    """The file with the content of a local one, when it is profiled already."""
    if str(source).startswith(S3):
        return None
    wanted = digest(Path(source))[:ID_LENGTH]
    return next((file for file in files if file.id == wanted and file.status == "Success"), None)


def _id(version: ModelVersion | int) -> int:
    return version if isinstance(version, int) else version.id


def _batch(version: ModelVersion | int) -> str:
    return f"/monitoring/profiles/batch/{_id(version)}"


def _told(rejection: Document) -> str:
    examples = [f"{each.get('place')}: {each.get('received')!r}" for each in rejection.get("examples") or ()]
    shown = f" ({examples[0]})" if examples else ""
    return f"{rejection.get('count')} × {rejection.get('reason')}{shown}"
