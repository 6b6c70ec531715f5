"""Training data: the files that were given for a model version, and what became of each.

The training profile of a version is the merge of its files' profiles. A file is known by what is in it: given again, by
whomever and however often, it is the same file and counts once. An object on S3 that was changed since is another file
under the same path, and the one that was given last counts.
"""

import enum
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Protocol

import msgspec

from functions.core.models import Entity
from functions.core.ports import Presigned


class FileStatus(enum.StrEnum):
    """Uploading: announced, and not there yet. The others are the reference system's words."""

    UPLOADING = "Uploading"
    PROCESSING = "Processing"
    SUCCESS = "Success"
    FAILURE = "Failure"


NOT_REGISTERED = "NotRegistered"  # what a version without training data is


class Location(msgspec.Struct, frozen=True, order=True):
    bucket: str
    key: str

    @property
    def path(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


class Stored(msgspec.Struct, frozen=True):
    """What is at a location: bytes, and the store's own mark of this very content."""

    size: int
    etag: str


class Example(msgspec.Struct, frozen=True):
    """`place` is "line 12" of a CSV, "row 12" of a Parquet file, counted from 1."""

    place: str
    received: str


class Rejection(msgspec.Struct, frozen=True):
    """How many rows were left out for one reason, and the first of them."""

    reason: str
    count: int
    examples: tuple[Example, ...] = ()


class TrainingFile(Entity, frozen=True, kw_only=True):
    """`progress` is the share that has been read. `ignored` are columns that no field is called, `absent` outputs that
    have no column. `profile_key` is where the file's own profile is, empty until there is one."""

    version_id: int
    id: str
    name: str
    location: Location
    size: int
    etag: str = ""
    status: FileStatus
    reason: str = ""
    progress: float = 0.0
    rows: int = 0
    rejected: int = 0
    rejections: tuple[Rejection, ...] = ()
    ignored: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    profile_key: str = ""
    submitted: datetime
    started: datetime | None = None
    finished: datetime | None = None

    @property
    def is_upload(self) -> bool:
        """Its object is its own, called by the content; others were given by their path."""
        return self.location.key.rpartition("/")[2].startswith(self.id)


class ProfileWanted(msgspec.Struct, frozen=True, rename="camel"):
    """The queue's message: this file is to be profiled."""

    version_id: int
    file_id: str


class TrainingFileStore(Protocol):
    def create(self, file: TrainingFile) -> None:
        """Raises Conflict when the version has the file. One that is Uploading is forgotten after a day."""

    def get(self, version_id: int, file_id: str) -> TrainingFile:
        """Raises NotFound."""

    def of_version(self, version_id: int) -> Sequence[TrainingFile]:
        """By id."""

    def update(
        self, version_id: int, file_id: str, change: Callable[[TrainingFile], TrainingFile]
    ) -> TrainingFile | None:
        """Reads, changes and writes back under optimistic locking, again when somebody else wrote; None when gone."""

    def delete(self, version_id: int, file_id: str) -> None:
        """Raises NotFound."""


class TrainingObjects(Protocol):
    """The files themselves."""

    def presign(self, key: str, sha256: str, size: int, expires_in: int, *, passing: bool) -> Presigned:
        """An upload into the platform's own bucket. `sha256` in hex, `size` in bytes, `expires_in` in seconds. What is
        only `passing` is deleted after some days unless somebody says `keep`."""

    def write(self, key: str, content: bytes) -> None:
        """Into the platform's own bucket."""

    def keep(self, location: Location) -> None:
        """What was uploaded there is not given up: nobody announces and forgets it any more."""

    def remove(self, location: Location) -> None:
        """What is not there is not missed."""

    def find(self, location: Location) -> Stored | None:
        """None when nothing is there. Raises Forbidden for what the platform may not read."""

    def read(self, location: Location, etag: str, start: int, length: int) -> bytes:
        """At most `length` bytes from `start` on. Raises NotFound, and Conflict when the content is another by now."""


class TrainingQueue(Protocol):
    def send(self, wanted: ProfileWanted) -> None: ...


def file_profile_key(version_id: int, file_id: str) -> str:
    """Where the profile of one file is."""
    return f"profiles/version={version_id}/training/{file_id}.profile"


def begun_key(version_id: int, file_id: str) -> str:
    """Where is kept how far a file was read that takes several workers one after the other."""
    return f"profiles/version={version_id}/training/{file_id}.begun"


def in_force(files: Sequence[TrainingFile]) -> list[TrainingFile]:
    """Those that the version's profile is merged from, by id: of each path the profiled one that was given last."""
    profiled = sorted((file for file in files if file.profile_key), key=lambda file: (file.location, file.submitted))
    latest = [list(of_path)[-1] for _, of_path in groupby(profiled, key=lambda file: file.location)]
    return sorted(latest, key=lambda file: file.id)


def kind_of(files: Sequence[TrainingFile]) -> str:
    """How a version's training data stand, in the reference system's words: Processing while any file is, and then
    what became of the one that was given last."""
    given = [file for file in files if file.status is not FileStatus.UPLOADING]
    if not given:
        return NOT_REGISTERED
    if any(file.status is FileStatus.PROCESSING for file in given):
        return FileStatus.PROCESSING.value
    return max(given, key=lambda file: (file.submitted, file.id)).status.value
