"""Is what lies at an upload's address what was announced, and fit to be unpacked? One pass over the bytes."""

import hashlib

from functions.core.archive import Readable, inspect_archive
from functions.core.errors import InvalidRequest, Problem
from functions.core.models import CUSTOM, Upload
from functions.core.ports import PayloadStore

CHUNK = 1024 * 1024
DOCKERFILE = "Dockerfile"


def check_payload(payloads: PayloadStore, upload: Upload) -> None:
    """Raises InvalidRequest for a missing, shorter, longer or different payload, or one that lacks what its runtime
    builds; HostileArchive naming the entry."""
    size = payloads.size(upload.payload_key)
    if size is None:
        raise InvalidRequest.of([Problem("/payload", "the payload, PUT to the address given", "nothing yet")])
    if size != upload.size:
        raise InvalidRequest.of([Problem("/payload/size", f"{upload.size} bytes", f"{size} bytes")])
    with payloads.open(upload.payload_key) as body:
        stream = Hashing(body)
        files = inspect_archive(stream, upload.size)
        stream.drain()
    if stream.sha256 != upload.sha256:
        raise InvalidRequest.of([Problem("/payload/sha256", upload.sha256, stream.sha256)])
    if upload.runtime == CUSTOM and DOCKERFILE not in files:
        expected = f"a {DOCKERFILE} at its top: that is what the runtime {CUSTOM} builds"
        raise InvalidRequest.of([Problem("/payload", expected, f"{len(files)} files without one")])


class Hashing:
    """A stream that takes the SHA-256 of what is read through it."""

    def __init__(self, source: Readable) -> None:
        self._source = source
        self._hash = hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        data = self._source.read() if size < 0 else self._source.read(size)
        self._hash.update(data)
        return data

    def drain(self) -> None:
        """Reads the rest: an archive may end before its file does."""
        while self.read(CHUNK):
            pass

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()
