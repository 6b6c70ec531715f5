"""Announced uploads in DynamoDB; the table forgets them by itself after a while."""

from collections.abc import Callable
from contextlib import suppress

from msgspec.structs import replace

from functions.adapters.dynamo.documents import ATTEMPTS, Documents
from functions.adapters.dynamo.tables import UploadRow, bind
from functions.core.errors import NotFound, PreconditionFailed, Unavailable
from functions.core.models import Upload

KEPT = 7 * 24 * 3600  # seconds; completing an upload again within this time gives the same version


class DynamoUploadStore:
    def __init__(self, prefix: str) -> None:
        self._documents = Documents(bind(UploadRow, prefix), Upload, "upload")

    def put(self, upload: Upload) -> None:
        self._documents.create(upload.upload_id, entity=upload, expires=_expiry(upload))

    def get(self, upload_id: str) -> Upload:
        return self._documents.read(upload_id)[0]

    def assign_version(self, upload_id: str, version: int) -> int:
        def assign(upload: Upload) -> Upload:
            return replace(upload, version=version) if upload.version is None else upload

        return self._change(upload_id, assign).version or version

    def close(self, upload_id: str) -> None:
        with suppress(NotFound):
            self._change(upload_id, lambda upload: replace(upload, closed=True))

    def _change(self, upload_id: str, change: Callable[[Upload], Upload]) -> Upload:
        for _ in range(ATTEMPTS):
            upload, revision = self._documents.read(upload_id)
            changed = change(upload)
            if changed == upload:
                return upload
            try:
                self._documents.write(upload_id, entity=changed, expected=revision, expires=_expiry(upload))
            except PreconditionFailed:
                continue
            return changed
        raise Unavailable(f"upload {upload_id} is being completed by too many at once")


def _expiry(upload: Upload) -> int:
    return int(upload.created.timestamp()) + KEPT
