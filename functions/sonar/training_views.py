"""How training data are shown: the reference system's word for all of them, and what became of each file."""

from collections.abc import Sequence
from datetime import datetime

from functions.core.training import FileStatus, Rejection, TrainingFile, in_force, kind_of
from functions.sonar.training.submit_training_data import Announced
from functions.sonar.views import View


def status_view(files: Sequence[TrainingFile]) -> View:
    """`rows` and `rejected` of the files that count."""
    given = [file for file in files if file.status is not FileStatus.UPLOADING]
    counting = in_force(given)
    latest = max(given, key=lambda file: (file.submitted, file.id), default=None)
    return {
        "kind": kind_of(files),
        "reason": latest.reason if latest else "",
        "progress": min((file.progress for file in given if file.status is FileStatus.PROCESSING), default=1.0),
        "rows": sum(file.rows for file in counting),
        "rejected": sum(file.rejected for file in counting),
        "files": [file_view(file, files) for file in given],
    }


def file_view(file: TrainingFile, files: Sequence[TrainingFile] = ()) -> View:
    """`files` are all of the version; `replaced`: a later one under the same path counts in this one's place."""
    counting = {each.id for each in in_force(files)}
    return {
        "id": file.id,
        "modelVersionId": file.version_id,
        "name": file.name,
        "path": file.location.path,
        "bytes": file.size,
        "status": file.status.value,
        "reason": file.reason,
        "progress": file.progress,
        "rows": file.rows,
        "rejected": file.rejected,
        "rejections": [_rejection(each) for each in file.rejections],
        "ignoredColumns": list(file.ignored),
        "absentOutputs": list(file.absent),
        "replaced": bool(file.profile_key) and bool(files) and file.id not in counting,
        "submitted": _moment(file.submitted),
        "started": _moment(file.started),
        "finished": _moment(file.finished),
    }


def announced_view(announced: Announced) -> View:
    return {
        "file": file_view(announced.file),
        "url": announced.target.url,
        "method": "PUT",
        "headers": announced.target.headers,
        "expiresAt": _moment(announced.expires),
    }


def _rejection(rejection: Rejection) -> View:
    examples = [{"place": example.place, "received": example.received} for example in rejection.examples]
    return {"reason": rejection.reason, "count": rejection.count, "examples": examples}


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
