"""The operations of training data and profiles."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from cdk.openapi.answers import Answered
from cdk.openapi.conventions import LIMIT, TOKEN, listing
from cdk.openapi.operation import Operation, Operations, Parameter
from functions.core.dtypes import DType
from functions.core.signature import Profile
from functions.core.training import FileStatus
from functions.numerics.profiles.field import ProfileKind

FROM = Parameter("from", "query", "The hours from this moment on: ISO 8601, or seconds since the epoch.")
TILL = Parameter("till", "query", "The hours before this moment.")
VERSION = Parameter("modelVersionId", "query", "The model version's id; it must be there.", Annotated[int, Meta(ge=1)])
FILES = ("text/csv", "application/octet-stream", "application/vnd.apache.parquet")


class NewTrainingFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """SHA-256 in hexadecimal, the size in bytes, and what to call the file."""

    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    size: Annotated[int, Meta(ge=1)]
    name: str = ""


class TrainingPath(msgspec.Struct, frozen=True):
    """`s3://bucket/key` in a bucket that the platform may read."""

    path: Annotated[str, Meta(pattern="^s3://")]


class RejectedRow(Answered, frozen=True, kw_only=True):
    """`place` is "line 12" of a CSV, "row 12" of a Parquet file."""

    place: str
    received: str


class Rejection(Answered, frozen=True, kw_only=True):
    """Rows that were left out for one reason: how many, and the first of them."""

    reason: str
    count: int
    examples: list[RejectedRow]


class TrainingFile(Answered, frozen=True, kw_only=True):
    """`rows` are in the profile, `rejected` were left out. `replaced`: a later file under the same path counts."""

    id: str
    model_version_id: int
    name: str
    path: str
    bytes: int
    status: FileStatus
    reason: str
    progress: Annotated[float, Meta(ge=0, le=1)]
    rows: int
    rejected: int
    rejections: list[Rejection]
    ignored_columns: list[str]
    absent_outputs: list[str]
    replaced: bool
    submitted: datetime
    started: datetime | None
    finished: datetime | None


class TrainingAnnouncement(Answered, frozen=True, kw_only=True):
    """Where the file goes: send it with `method` and exactly these `headers`, then complete it."""

    file: TrainingFile
    url: str
    method: Literal["PUT"]
    headers: dict[str, str]
    expires_at: datetime


class TrainingStatus(Answered, frozen=True, kw_only=True):
    """`kind` is Processing while any file is, and then what became of the one that was given last."""

    kind: Literal["NotRegistered", "Processing", "Success", "Failure"]
    reason: str
    progress: Annotated[float, Meta(ge=0, le=1)]
    rows: int
    rejected: int
    files: list[TrainingFile]


class ProfiledField(Answered, frozen=True, kw_only=True):
    """A field as it is in one row; `kind` is that of its profile, or of its elements'."""

    name: str
    dtype: DType
    shape: list[int] | None
    profile: Profile
    kind: ProfileKind


class ListedField(ProfiledField, frozen=True, kw_only=True):
    """`training` says whether there is a profile of training data."""

    side: Literal["input", "output"]
    training: bool


class Hours(Answered, frozen=True, kw_only=True, rename={"from_": "from"}):
    from_: datetime | None
    till: datetime


class ProfileWindow(Answered, frozen=True, kw_only=True, rename={"from_": "from"}):
    """What the profile of production covers. When it is not complete, `next` is what is left to ask for."""

    from_: datetime | None
    till: datetime | None
    granularity: str
    rows: int
    segments: int
    complete: bool
    next: Hours | None


class Sides(Answered, frozen=True, kw_only=True):
    """The statistics of docs/profiles.md on both sides; `comparison` has both distributions on the same bins."""

    field: ProfiledField
    training: dict[str, Any] | None
    production: dict[str, Any] | None
    comparison: dict[str, Any] | None
    window: ProfileWindow


TRAINING: Operations = {
    ("POST", "/monitoring/profiles/batch/{version_id}"): Operation(
        summary="Announce a file of training data; the answer says where it goes. Or send a small one as the body.",
        request=NewTrainingFile,
        answer=TrainingAnnouncement,
        status=201,
        files=FILES,
        accepted=TrainingFile,
        refusals=(409,),
    ),
    ("POST", "/monitoring/profiles/batch/{version_id}/{file_id}/complete"): Operation(
        summary="The announced file is there: profile it.", answer=TrainingFile, status=202, refusals=(400,)
    ),
    ("POST", "/monitoring/profiles/batch/{version_id}/s3"): Operation(
        summary="Training data that lies on S3.",
        request=TrainingPath,
        answer=TrainingFile,
        status=202,
        refusals=(403, 409),
    ),
    ("GET", "/monitoring/profiles/batch/{version_id}/status"): Operation(
        summary="How a version's training data stand.", answer=TrainingStatus
    ),
    ("GET", "/monitoring/training_data"): replace(
        listing("The files of a version's training data.", TrainingFile), parameters=(VERSION, LIMIT, TOKEN)
    ),
    ("DELETE", "/monitoring/training_data/{version_id}/{file_id}"): Operation(
        summary="Take a file out of the training data.", answer=TrainingFile
    ),
    ("GET", "/monitoring/fields/{version_id}"): Operation(
        summary="The fields of a version that are profiled.", answer=list[ListedField], refusals=(409,)
    ),
    ("GET", "/monitoring/profiles/{version_id}/{field}"): Operation(
        summary="A field's profiles: training data, and production in a window of time.",
        answer=Sides,
        parameters=(FROM, TILL),
        refusals=(400, 409),
    ),
}
