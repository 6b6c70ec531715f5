"""Announced uploads in DynamoDB; the table forgets them by itself after a while."""

from msgspec.structs import replace

from functions.adapters.dynamo.documents import ATTEMPTS, Documents
from functions.adapters.dynamo.tables import UploadRow, bind
from functions.core.errors import PreconditionFailed, Unavailable
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
        for _ in range(ATTEMPTS):
            upload, revision = self._documents.read(upload_id)
            if upload.version is not None:
                return upload.version
            assigned = replace(upload, version=version)
            try:
                self._documents.write(upload_id, entity=assigned, expected=revision, expires=_expiry(upload))
            except PreconditionFailed:
                continue
            return version
        raise Unavailable(f"upload {upload_id} is being completed by too many at once")


def _expiry(upload: Upload) -> int:
    return int(upload.created.timestamp()) + KEPT
