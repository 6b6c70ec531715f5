"""The operations of sonar."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from cdk.openapi.alerts import ALERTS
from cdk.openapi.answers import Answered, BuildInfo
from cdk.openapi.conventions import LIMIT
from cdk.openapi.operation import Header, Operation, Operations, Parameter
from cdk.openapi.training import TRAINING
from functions.doors.pages import NEXT
from functions.sonar.analyze import Records

Before = Annotated[int, Meta(ge=0)]
BEFORE = Parameter("before", "query", "The number of a batch: those before it.", Before)
OLDER = Header(NEXT, "`before` of the next page; not there on the last.")


class CheckCount(Answered, frozen=True, kw_only=True):
    """In requests: `checks` of them were checked."""

    checks: int
    passed: int
    errored: int
    failed: int


class Latency(Answered, frozen=True, kw_only=True):
    """Milliseconds."""

    mean: float | None
    max: float


class BatchAggregate(msgspec.Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """What was checked in one batch of requests, and with what result."""

    number: int
    complete: bool
    fields: dict[str, CheckCount]
    _hs_metrics: dict[str, CheckCount]
    _hs_requests: int
    _hs_errors: int
    _hs_latency: Latency
    _hs_first_id: str
    _hs_last_id: str
    from_: datetime
    till: datetime


class Accepted(Answered, frozen=True, kw_only=True):
    """The records' ids, in their order."""

    accepted: int
    request_ids: list[str]


AGGREGATES: Operations = {
    ("GET", "/monitoring/checks/aggregates/{version_id}"): Operation(
        summary="The aggregates of a version's batches, newest first.",
        answer=list[BatchAggregate],
        parameters=(LIMIT, BEFORE),
        headers=(OLDER,),
        refusals=(400,),
    ),
}
ANALYSIS: Operations = {
    ("POST", "/monitoring/analyze/{version_id}"): Operation(
        summary="Observe predictions that were made elsewhere.", request=Records, answer=Accepted, status=202
    ),
}
MONITORING: Operations = {
    **AGGREGATES,
    **ANALYSIS,
    **TRAINING,
    **ALERTS,
    ("GET", "/monitoring/buildinfo"): Operation(summary="What runs.", answer=BuildInfo),
}
