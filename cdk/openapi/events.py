"""The feed of changes: one type per kind of event, told apart by `type`."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta

from cdk.openapi import answers
from cdk.openapi.conventions import HOLD
from cdk.openapi.operation import Operation, Operations, Parameter
from functions.core.feed import EventType
from functions.doors.pages import MAX_LIMIT
from functions.doors.streams import LONGEST_WAIT
from functions.manager.event_routes import DEFAULT_LIMIT, OLDEST

Cursor = Annotated[str, Meta(pattern=f"^([0-9]{{1,15}}|{OLDEST})$")]
Wait = Annotated[int, Meta(ge=0, le=LONGEST_WAIT, extra_json_schema={"default": 0})]


class Event(answers.Answered, frozen=True, kw_only=True, tag_field="type"):
    id: int
    at: datetime


class ModelUpdate(Event, frozen=True, kw_only=True, tag=EventType.MODEL_UPDATE.value):
    data: answers.ModelVersion


class ModelRemove(Event, frozen=True, kw_only=True, tag=EventType.MODEL_REMOVE.value):
    """`data` is model:version."""

    data: str


class ServableUpdate(Event, frozen=True, kw_only=True, tag=EventType.SERVABLE_UPDATE.value):
    data: answers.Servable


class ServableRemove(Event, frozen=True, kw_only=True, tag=EventType.SERVABLE_REMOVE.value):
    data: str


class ApplicationUpdate(Event, frozen=True, kw_only=True, tag=EventType.APPLICATION_UPDATE.value):
    data: answers.Application


class ApplicationRemove(Event, frozen=True, kw_only=True, tag=EventType.APPLICATION_REMOVE.value):
    data: str


class DeploymentConfigurationUpdate(Event, frozen=True, kw_only=True, tag=EventType.DEPLOYMENT_UPDATE.value):
    data: answers.DeploymentConfiguration


class DeploymentConfigurationRemove(Event, frozen=True, kw_only=True, tag=EventType.DEPLOYMENT_REMOVE.value):
    data: str


class MetricSpecUpdate(Event, frozen=True, kw_only=True, tag=EventType.METRIC_SPEC_UPDATE.value):
    data: answers.MetricSpec


class MetricSpecRemove(Event, frozen=True, kw_only=True, tag=EventType.METRIC_SPEC_REMOVE.value):
    """`data` is its id."""

    data: str


AnyEvent = (
    ModelUpdate
    | ModelRemove
    | ServableUpdate
    | ServableRemove
    | ApplicationUpdate
    | ApplicationRemove
    | DeploymentConfigurationUpdate
    | DeploymentConfigurationRemove
    | MetricSpecUpdate
    | MetricSpecRemove
)


class EventPage(answers.Answered, frozen=True, kw_only=True):
    """`next` is the cursor to ask with again, also when there were no news."""

    events: list[AnyEvent]
    next: int


AFTER = Parameter(
    "after", "query", f"The cursor `next` of the answer before, 0 or `{OLDEST}`; none: only `next`.", Cursor
)
Limit = Annotated[int, Meta(ge=1, le=MAX_LIMIT, extra_json_schema={"default": DEFAULT_LIMIT})]
LIMIT = Parameter("limit", "query", "How many, at most.", Limit)
WAIT = Parameter("wait", "query", "Seconds to wait for news.", Wait)

EVENTS: Operations = {
    ("GET", "/api/v2/events"): Operation(
        summary="Every change since a cursor; 410 when that is older than what is kept.",
        answer=EventPage,
        parameters=(AFTER, LIMIT, WAIT, HOLD),
        refusals=(400, 410),
        streams=True,
    ),
}
