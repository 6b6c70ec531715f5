"""The exchange in memory; like S3 it refuses a body other than the signed one."""

import hashlib

from functions.core.errors import PayloadTooLarge
from functions.core.ports import Presigned


class FakeExchangeStore:
    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.types: dict[str, str] = {}
        self._signed: dict[str, tuple[str, int, str | None]] = {}

    def accept(self, key: str, size: int, sha256: str | None, expires_in: int) -> Presigned:
        url = f"memory://{key}?expires={expires_in}"
        self._signed[url] = (key, size, sha256)
        checksum = {"x-amz-checksum-sha256": sha256} if sha256 else {}
        return Presigned(url, {"content-length": str(size), **checksum})

    def upload(self, url: str, body: bytes) -> int:
        """What a client's PUT does; the status it gets."""
        key, size, sha256 = self._signed[url]
        if len(body) != size:
            return 403
        if sha256 and hashlib.sha256(body).hexdigest() != sha256:
            return 400
        self.objects[key] = body
        return 200

    def read(self, key: str, largest: int) -> bytes | None:
        body = self.objects.get(key)
        if body is not None and len(body) > largest:
            raise PayloadTooLarge(f"the payload takes {len(body)} bytes; at most {largest} are accepted")
        return body

    def deposit(self, key: str, body: bytes, content_type: str, expires_in: int) -> str:
        self.objects[key] = body
        self.types[key] = content_type
        return f"memory://{key}?expires={expires_in}"

    def download(self, url: str) -> bytes:
        """What a client's GET gives."""
        return self.objects[url.removeprefix("memory://").partition("?")[0]]
