"""Training data in memory: the records, the objects and the queue."""

import hashlib
import threading
from collections.abc import Callable, Sequence

from functions.core.errors import Conflict, Forbidden, NotFound
from functions.core.ports import Presigned
from functions.core.training import Location, ProfileWanted, Stored, TrainingFile


class FakeTrainingFileStore:
    """`before` runs ahead of each change: a test lets it raise."""

    def __init__(self, before: Callable[[], object] = lambda: None) -> None:
        self.items: dict[tuple[int, str], TrainingFile] = {}
        self.before = before
        self._lock = threading.RLock()

    def __len__(self) -> int:
        return len(self.items)

    def create(self, file: TrainingFile) -> None:
        self.before()
        with self._lock:
            if (file.version_id, file.id) in self.items:
                raise Conflict(f"training file {file.version_id}:{file.id} exists already")
            self.items[(file.version_id, file.id)] = file

    def get(self, version_id: int, file_id: str) -> TrainingFile:
        try:
            return self.items[(version_id, file_id)]
        except KeyError:
            raise NotFound(f"there is no training file {version_id}:{file_id}") from None

    def of_version(self, version_id: int) -> Sequence[TrainingFile]:
        return [self.items[key] for key in sorted(self.items) if key[0] == version_id]

    def update(
        self, version_id: int, file_id: str, change: Callable[[TrainingFile], TrainingFile]
    ) -> TrainingFile | None:
        self.before()
        with self._lock:
            if (version_id, file_id) not in self.items:
                return None
            self.items[(version_id, file_id)] = change(self.items[(version_id, file_id)])
            return self.items[(version_id, file_id)]

    def delete(self, version_id: int, file_id: str) -> None:
        self.get(version_id, file_id)
        del self.items[(version_id, file_id)]


class FakeTrainingObjects:
    """Like S3 it refuses a body other than the signed one, and a content other than the one that was asked for.

    `denied` are buckets of others that the platform may not read. `largest` is the longest range that was asked for.
    """

    def __init__(self, bucket: str, denied: Sequence[str] = ()) -> None:
        self.bucket = bucket
        self.denied = set(denied)
        self.objects: dict[Location, bytes] = {}
        self.largest = 0
        self.passing: set[Location] = set()
        self._signed: dict[str, tuple[str, str, int, bool]] = {}

    def __len__(self) -> int:
        return len(self.objects)

    def presign(self, key: str, sha256: str, size: int, expires_in: int, *, passing: bool) -> Presigned:
        url = f"memory://{key}?expires={expires_in}"
        self._signed[url] = (key, sha256, size, passing)
        return Presigned(url, {"content-length": str(size), "x-amz-checksum-sha256": sha256})

    def upload(self, url: str, body: bytes) -> int:
        """What a client's PUT does; the status it gets."""
        key, sha256, size, passing = self._signed[url]
        if len(body) != size:
            return 403
        if hashlib.sha256(body).hexdigest() != sha256:
            return 400
        self.write(key, body)
        if passing:
            self.passing.add(Location(self.bucket, key))
        return 200

    def write(self, key: str, content: bytes) -> None:
        self.objects[Location(self.bucket, key)] = content
        self.passing.discard(Location(self.bucket, key))

    def keep(self, location: Location) -> None:
        self.passing.discard(location)

    def remove(self, location: Location) -> None:
        self.objects.pop(location, None)

    def days_pass(self) -> None:
        """The bucket's rule deletes what is only passing."""
        for location in self.passing:
            self.objects.pop(location, None)
        self.passing.clear()

    def find(self, location: Location) -> Stored | None:
        if location.bucket in self.denied:
            raise Forbidden(f"the platform may not read {location.path}")
        content = self.objects.get(location)
        return None if content is None else Stored(len(content), _etag(content))

    def read(self, location: Location, etag: str, start: int, length: int) -> bytes:
        self.largest = max(self.largest, length)
        content = self.objects.get(location)
        if content is None:
            raise NotFound(f"there is no {location.path} any more")
        if _etag(content) != etag:
            raise Conflict(f"{location.path} was changed while it was read")
        return content[start : start + length]


class FakeTrainingQueue:
    def __init__(self) -> None:
        self.sent: list[ProfileWanted] = []

    def __len__(self) -> int:
        return len(self.sent)

    def send(self, wanted: ProfileWanted) -> None:
        self.sent.append(wanted)


def _etag(content: bytes) -> str:
    return f'"{hashlib.md5(content).hexdigest()}"'
