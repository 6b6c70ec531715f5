"""Somebody gives training data for a version: a file to upload, a small one at once, or one that lies on S3.

Every way ends in `_submit`, which may be repeated at any point: what is known already is profiled again, to the same
result.
"""

import hashlib
import re
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from functions.core.errors import Conflict, InvalidRequest, NotFound, PayloadTooLarge, Problem
from functions.core.models import ModelVersion
from functions.core.ports import Presigned
from functions.core.training import FileStatus, Location, ProfileWanted, Stored, TrainingFile
from functions.sonar.ports import Ports

SHA256 = re.compile(r"[0-9a-f]{64}")
S3_PATH = re.compile(r"s3://([a-z0-9][a-z0-9.\-]{1,61}[a-z0-9])/(.{1,1024})", re.DOTALL)
LARGEST_UPLOAD = 5 * 1024**3  # bytes; S3 takes no more in one piece
UPLOAD_EXPIRY = 3600  # seconds
PREFIX = "training-data"
ID_LENGTH = 32
LONGEST_NAME = 200


class NewTrainingFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The announcement of an upload: SHA-256 in hex, bytes, and what to call the file."""

    sha256: str
    size: int
    name: str = ""


class TrainingPath(msgspec.Struct, frozen=True):
    path: str


class Announced(msgspec.Struct, frozen=True):
    file: TrainingFile
    target: Presigned
    expires: datetime


def announce_training_data(ports: Ports, version_id: int, new: NewTrainingFile) -> Announced:
    """Where the file goes. Raises NotFound, Conflict (no signature yet), InvalidRequest, PayloadTooLarge."""
    version = _version(ports, version_id)
    problems = []
    if not SHA256.fullmatch(new.sha256):
        problems.append(Problem("/sha256", "64 lower-case hexadecimal digits", repr(new.sha256)[:80]))
    if new.size < 1:
        problems.append(Problem("/size", "a number of bytes above 0", str(new.size)))
    if problems:
        raise InvalidRequest.of(problems)
    if new.size > LARGEST_UPLOAD:
        raise PayloadTooLarge(
            f"an upload may have {LARGEST_UPLOAD} bytes, this one has {new.size}: put it on S3 and give its path"
        )
    file = _uploaded(ports, version, new.sha256, new.size, new.name, FileStatus.UPLOADING)
    try:
        ports.training_files.create(file)
    except Conflict:
        file = ports.training_files.get(version.id, file.id)
    passing = file.status is FileStatus.UPLOADING  # what was completed once stays, also when it is sent again
    target = ports.training_objects.presign(file.location.key, new.sha256, new.size, UPLOAD_EXPIRY, passing=passing)
    return Announced(file, target, ports.clock.now() + timedelta(seconds=UPLOAD_EXPIRY))


def complete_training_data(ports: Ports, version_id: int, file_id: str) -> TrainingFile:
    """The file is there: it will be profiled. Raises NotFound, InvalidRequest when it is not there."""
    file = ports.training_files.get(version_id, file_id)
    stored = ports.training_objects.find(file.location)
    if stored is None or stored.size != file.size:
        received = "nothing" if stored is None else f"{stored.size} bytes"
        raise InvalidRequest.of([Problem("/file", f"{file.size} bytes at the address that was given", received)])
    if file.is_upload:
        ports.training_objects.keep(file.location)
    return _submit(ports, replace(file, etag=stored.etag))


def receive_training_data(ports: Ports, version_id: int, content: bytes, name: str = "") -> TrainingFile:
    """A small file in the call itself. Raises NotFound, Conflict, InvalidRequest."""
    version = _version(ports, version_id)
    if not content:
        raise InvalidRequest.of([Problem("", "a CSV or Parquet file", "an empty body")])
    sha256 = hashlib.sha256(content).hexdigest()
    file = _uploaded(ports, version, sha256, len(content), name, FileStatus.PROCESSING)
    ports.training_objects.write(file.location.key, content)
    stored = ports.training_objects.find(file.location) or Stored(len(content), "")
    return _submit(ports, replace(file, etag=stored.etag))


def refer_to_training_data(ports: Ports, version_id: int, path: str) -> TrainingFile:
    """A file that lies on S3. Raises NotFound, Conflict, InvalidRequest (no such path, or one that is not allowed),
    Forbidden."""
    version = _version(ports, version_id)
    match = S3_PATH.fullmatch(path)
    if match is None:
        raise InvalidRequest.of([Problem("/path", "s3://bucket/key", repr(path)[:80])])
    location = Location(match[1], match[2])
    _require_allowed(ports, location)
    stored = ports.training_objects.find(location)
    if stored is None:
        raise NotFound(f"there is no {location.path}")
    if not stored.size:
        raise InvalidRequest.of([Problem("/path", "a CSV or Parquet file", "an empty one")])
    return _submit(
        ports,
        TrainingFile(
            version_id=version.id,
            id=hashlib.sha256(f"{location.path}\0{stored.etag}".encode()).hexdigest()[:ID_LENGTH],
            name=location.key.rpartition("/")[2][:LONGEST_NAME],
            location=location,
            size=stored.size,
            etag=stored.etag,
            status=FileStatus.PROCESSING,
            submitted=ports.clock.now(),
        ),
    )


def _submit(ports: Ports, file: TrainingFile) -> TrainingFile:
    """The record first: whoever finds the message finds the file."""
    now = ports.clock.now()
    given = replace(file, status=FileStatus.PROCESSING, submitted=now)
    try:
        ports.training_files.create(given)
    except Conflict:

        def again(known: TrainingFile) -> TrainingFile:
            begun = replace(
                known, etag=file.etag, status=FileStatus.PROCESSING, reason="", submitted=now, finished=None
            )
            return begun if known.profile_key else replace(begun, started=None, progress=0.0)

        given = ports.training_files.update(file.version_id, file.id, again) or given
    ports.training_queue.send(ProfileWanted(file.version_id, file.id))
    return given


def _version(ports: Ports, version_id: int) -> ModelVersion:
    version = ports.models.by_id(version_id)
    _ = version.released_signature  # columns are held against it
    return version


def _uploaded(
    ports: Ports, version: ModelVersion, sha256: str, size: int, name: str, status: FileStatus
) -> TrainingFile:
    """Kept by its content: sent twice it is one object and one file."""
    return TrainingFile(
        version_id=version.id,
        id=sha256[:ID_LENGTH],
        name=name[:LONGEST_NAME],
        location=Location(ports.rules.training_bucket, f"{PREFIX}/{version.id}/{sha256}"),
        size=size,
        status=status,
        submitted=ports.clock.now(),
    )


def _require_allowed(ports: Ports, location: Location) -> None:
    own, others = ports.rules.training_bucket, ports.rules.training_buckets
    if location.bucket in others or (location.bucket == own and location.key.startswith(f"{PREFIX}/")):
        return
    allowed = ", ".join([f"s3://{own}/{PREFIX}/…", *(f"s3://{bucket}/…" for bucket in others)])
    raise InvalidRequest.of([Problem("/path", f"a path below {allowed}", location.path[:200])])
