"""Training files in DynamoDB: those of one version are one partition."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from functions.adapters.dynamo.documents import ATTEMPTS, Documents
from functions.adapters.dynamo.tables import TrainingFileRow, bind
from functions.core.errors import NotFound, PreconditionFailed, Unavailable
from functions.core.training import FileStatus, TrainingFile

ANNOUNCED = timedelta(days=1)


class DynamoTrainingFileStore:
    def __init__(self, prefix: str) -> None:
        self._row = bind(TrainingFileRow, prefix)
        self._documents = Documents(self._row, TrainingFile, "training file")

    def create(self, file: TrainingFile) -> None:
        self._documents.create(file.version_id, file.id, entity=file, expires=_expiry(file))

    def get(self, version_id: int, file_id: str) -> TrainingFile:
        return self._documents.read(version_id, file_id)[0]

    def of_version(self, version_id: int) -> Sequence[TrainingFile]:
        return [self._documents.decode(item) for item in self._row.query(version_id, consistent_read=True)]

    def versions(self) -> list[int]:
        return sorted({int(item.version_id) for item in self._row.scan(attributes_to_get=["version_id"])})

    def update(
        self, version_id: int, file_id: str, change: Callable[[TrainingFile], TrainingFile]
    ) -> TrainingFile | None:
        for _ in range(ATTEMPTS):
            try:
                current, revision = self._documents.read(version_id, file_id)
                changed = change(current)
                if changed != current:
                    self._documents.write(
                        version_id, file_id, entity=changed, expected=revision, expires=_expiry(changed)
                    )
            except PreconditionFailed:
                continue
            except NotFound:
                return None
            return changed
        raise Unavailable(f"training file {file_id} is being changed by too many at once")

    def delete(self, version_id: int, file_id: str) -> None:
        self._documents.delete(version_id, file_id)


def _expiry(file: TrainingFile) -> int | None:
    """An upload that nobody completes is forgotten; anything else stays."""
    return int((file.submitted + ANNOUNCED).timestamp()) if file.status is FileStatus.UPLOADING else None
