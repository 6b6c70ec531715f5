"""The operations of the request log."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from cdk.openapi.answers import Answered
from cdk.openapi.conventions import FOLLOWING, LIMIT, TOKEN
from cdk.openapi.operation import Header, Operation, Operations, Parameter
from functions.core.request_log import FieldAgreement, Sides
from functions.doors.pages import MAX_LIMIT
from functions.sonar import aggregate_routes, check_routes
from functions.sonar.find_aggregates import BUCKETS

Truth = Annotated[str, Meta(pattern="^(true|false)$")]
Bucket = Annotated[str, Meta(pattern=f"^({'|'.join(BUCKETS)})$")]
Seed = Annotated[int, Meta(ge=0, le=2**53)]
Size = Annotated[int, Meta(ge=1, le=MAX_LIMIT, extra_json_schema={"default": check_routes.DEFAULT})]
Page = Annotated[int, Meta(ge=0, le=MAX_LIMIT, extra_json_schema={"default": aggregate_routes.DEFAULT})]
Offset = Annotated[int, Meta(ge=0, le=check_routes.LARGEST_OFFSET, extra_json_schema={"default": 0})]

FROM = Parameter("from", "query", "ISO 8601 with its zone, or milliseconds since the epoch.")
TILL = Parameter("till", "query", "The same; that moment included.")
FILTERS = (
    FROM,
    TILL,
    Parameter("error", "query", "Only predictions that failed, or only those that did not.", Truth),
    Parameter("shadow", "query", "Only a shadow's answers, or none of them.", Truth),
    Parameter("application", "query", "The application's name."),
    Parameter("failed", "query", "A field, an element or a metric whose check failed."),
    Parameter("errored", "query", "One whose check could not be decided."),
    Parameter("where", "query", 'Comparisons: `x > 3 and v_2 <= 0.5 and island == "Biscoe" and _hs_score < 1`.'),
)


class RequestDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the log. Fields stand under their own names, and their scores as `_hs_<field>_score`."""

    _id: str
    _hs_request_id: str
    _hs_timestamp: int
    _hs_time: datetime
    _hs_raw_checks: dict[str, list[dict[str, Any]]]
    _hs_metric_checks: dict[str, dict[str, Any]]
    _hs_score: float | None
    _hs_overall_score: float | None
    _hs_latency: float
    _hs_error: str | None
    _hs_model_name: str
    _hs_model_incremental_version: int
    _hs_model_version_id: int
    _hs_application: str | None
    _hs_stage: int
    _hs_servable: str
    _hs_shadow: bool
    _hs_year: int
    _hs_month: int
    _hs_day: int


class Aggregate(msgspec.Struct, frozen=True, kw_only=True):
    """Of a batch or a time. Fields that were checked stand under their own names: in how many requests they were, and
    with what result."""

    _id: str
    _hs_metrics: dict[str, dict[str, int]]
    _hs_requests: int
    _hs_errors: int
    _hs_latency: dict[str, float | None]
    _hs_from: datetime
    _hs_till: datetime


class Aggregates(Answered, frozen=True, kw_only=True):
    """`count` is of all there are, `results` holds a page of them."""

    count: int
    min_date: datetime | None
    max_date: datetime | None
    results: list[Aggregate]


class SharedField(FieldAgreement, frozen=True, kw_only=True):
    """`share` is how many of the compared are equal."""

    share: float | None


class VersionAgreement(Answered, frozen=True, kw_only=True):
    """`errors` are of the left version and the right. Nothing before `since` was looked at; null: everything was."""

    pairs: int
    fields: dict[str, SharedField]
    score: Sides
    overall_score: Sides
    latency: Sides
    errors: tuple[int, int]
    not_compared: list[str]
    since: datetime | None


class RequestPair(Answered, frozen=True, kw_only=True):
    request_id: str
    left: RequestDocument
    right: RequestDocument


class ExportedFile(msgspec.Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """Parquet. `url` holds for an hour."""

    path: str
    url: str
    rows: int
    hour: str
    from_: datetime
    till: datetime


class Export(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`schema` names the columns and their types."""

    model_version_id: int
    schema: dict[str, str]
    files: list[ExportedFile]


class Forgetting(Answered, frozen=True, kw_only=True):
    model_version_id: int
    until: datetime


BUCKET = Parameter("bucket", "query", "Sums by hour or day instead of batches.", Bucket)
OFFSET = Parameter("offset", "query", "How many to pass over.", Offset)
ROWS = Parameter("limit", "query", "How many, at most.", Size)
VERSION = Parameter("modelVersionId", "query", "Only this version's row.", Annotated[int, Meta(ge=1)])
ENDS = (Parameter("from", "query", "With `to`: the first row."), Parameter("to", "query", "The last row."))

REQUEST_LOG: Operations = {
    ("GET", "/monitoring/checks/all/{version_id}"): Operation(
        summary="Rows of a version's log, newest first.",
        answer=list[RequestDocument],
        parameters=(ROWS, OFFSET, TOKEN, *FILTERS),
        headers=FOLLOWING,
        refusals=(400, 410),
    ),
    ("GET", "/monitoring/checks/subsample/{version_id}"): Operation(
        summary="Rows by chance.",
        answer=list[RequestDocument],
        parameters=(
            Parameter("size", "query", "How many, at most.", Size),
            Parameter("seed", "query", "The same seed gives the same rows.", Seed),
            *FILTERS,
        ),
        headers=(Header(check_routes.SEED, "The seed that was taken.", int),),
        refusals=(400, 410),
    ),
    ("GET", "/monitoring/checks/{key}"): Operation(
        summary="A request by its id or a row's; or the rows of version `key` between two.",
        answer=RequestDocument | list[RequestDocument],
        parameters=(VERSION, *ENDS, LIMIT, TOKEN),
        headers=FOLLOWING,
        refusals=(400, 410),
    ),
    ("DELETE", "/monitoring/checks/{key}"): Operation(
        summary="Remove what version `key` has logged up to now.", answer=Forgetting, status=202
    ),
    ("GET", "/monitoring/requests/{request_id}"): Operation(
        summary="All rows of a request: its stages, and their shadows.",
        answer=list[RequestDocument],
        refusals=(400, 410),
    ),
    ("GET", "/monitoring/slow/checks/{version_id}/{batch}"): Operation(
        summary="The rows of a batch.", answer=list[RequestDocument], refusals=(400, 410)
    ),
    ("GET", "/monitoring/checks/aggregates/{version_id}"): Operation(
        summary="What was checked: by batch, or by time; newest first.",
        answer=Aggregates,
        parameters=(Parameter("limit", "query", "How many, at most.", Page), OFFSET, FROM, TILL, BUCKET),
        refusals=(400,),
    ),
    ("GET", "/monitoring/checks/comparision/{version_id}/{batch}/{other_id}"): Operation(
        summary="Another version's rows of the requests of a batch.",
        answer=list[RequestDocument],
        refusals=(400, 410),
    ),
    ("GET", "/monitoring/comparison/{version_id}/{other_id}"): Operation(
        summary="How far two versions agree on the same requests.",
        answer=VersionAgreement,
        parameters=(FROM, TILL),
        refusals=(400, 410, 504),
    ),
    ("GET", "/monitoring/comparison/{version_id}/{other_id}/pairs"): Operation(
        summary="The requests that both versions have, newest first.",
        answer=list[RequestPair],
        parameters=(ROWS, TOKEN, FROM, TILL),
        headers=FOLLOWING,
        refusals=(400, 410, 504),
    ),
    ("GET", "/monitoring/export/{version_id}"): Operation(
        summary="The files that hold a version's log.",
        answer=Export,
        parameters=(LIMIT, TOKEN, FROM, TILL),
        headers=(Header("x-next", "The token of the next page; not there on the last."),),
        refusals=(400,),
    ),
}
