"""A payload store in memory that, like S3, refuses a body other than the signed one."""

import hashlib
import io
from typing import IO

from functions.core.errors import NotFound
from functions.core.ports import Presigned


class FakePayloadStore:
    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self._signed: dict[str, tuple[str, str, int]] = {}

    def __contains__(self, key: object) -> bool:
        return key in self.objects

    def presign(self, key: str, sha256: str, size: int, expires_in: int) -> Presigned:
        url = f"memory://{key}?expires={expires_in}"
        self._signed[url] = (key, sha256, size)
        return Presigned(url, {"content-length": str(size), "x-amz-checksum-sha256": sha256})

    def upload(self, presigned: Presigned, body: bytes) -> int:
        """What a client's PUT does; the status it gets."""
        key, sha256, size = self._signed[presigned.url]
        if len(body) != size:
            return 403
        if hashlib.sha256(body).hexdigest() != sha256:
            return 400
        self.objects[key] = body
        return 200

    def size(self, key: str) -> int | None:
        return len(self.objects[key]) if key in self.objects else None

    def open(self, key: str) -> IO[bytes]:
        try:
            return io.BytesIO(self.objects[key])
        except KeyError:
            raise NotFound(f"nothing is stored at {key}") from None

    def write(self, key: str, content: bytes) -> None:
        self.objects[key] = content

    def copy(self, source: str, target: str) -> None:
        self.objects[target] = self.open(source).read()

    def delete(self, key: str) -> None:
        self.objects.pop(key, None)
