"""The operations of alerts, and of the dead letters of observations."""

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta
from msgspec.structs import replace

from cdk.openapi.answers import Answered
from cdk.openapi.conventions import listing
from cdk.openapi.operation import Operation, Operations, Parameter
from functions.alerts.create_receiver import LONGEST_URL
from functions.alerts.silence import NewSilence
from functions.core.alerts import AlertState
from functions.core.bulletins import Trouble
from functions.core.naming import MODEL, RECEIVER
from functions.core.receivers import Form
from functions.sonar.dead_letter_routes import WantedLetters

ReceiverName = Annotated[str, Meta(pattern=f"^{RECEIVER.pattern}$")]
ModelName = Annotated[str, Meta(pattern=f"^{MODEL.pattern}$")]
STATE = Parameter("state", "query", "Only those that go on, or that are over.", AlertState)


class Alert(Answered, frozen=True, kw_only=True):
    """`check` is what it is grouped by. Of two accounts of an alert the one with the higher `row` is the later."""

    number: int
    check: str
    kind: Trouble
    state: AlertState
    silenced: bool
    model_version_id: int
    model_name: str
    model_version: int
    application_name: str | None
    application_stage_id: int
    field_name: str | None
    check_name: str | None
    metric_spec_id: str | None
    description: str
    threshold: Any
    value: Any
    reason: str | None
    starts_at: datetime
    ends_at: datetime | None
    ending: str | None
    first_seen: datetime
    last_seen: datetime
    failures: int
    requests: int
    example_request_ids: list[str]
    row: int
    announced_at: datetime | None
    link: str | None


class Silence(Answered, frozen=True, kw_only=True):
    """Of one check, or of all of a version."""

    id: str
    check: str | None
    until: datetime
    comment: str
    created: datetime


class LastDelivery(Answered, frozen=True, kw_only=True):
    at: datetime
    delivery_id: str
    delivered: bool
    reason: str | None


class NewReceiver(Answered, frozen=True, kw_only=True):
    """`secret` names the secret that signs; the form `dewpoint` needs one. It is told of `models`, of all without."""

    name: ReceiverName
    url: Annotated[str, Meta(pattern="^https?://", max_length=LONGEST_URL)]
    form: Form = Form.DEWPOINT
    secret: ReceiverName | None = None
    models: Annotated[list[ModelName], Meta(max_length=100)] = []


class Receiver(Answered, frozen=True, kw_only=True):
    name: str
    url: str
    form: Form
    secret: str | None
    models: list[str]
    created: datetime
    last_delivery: LastDelivery | None


class OnItsWay(Answered, frozen=True, kw_only=True):
    delivery_id: str


class DeadLetterReason(Answered, frozen=True, kw_only=True):
    reason: str
    count: int
    oldest: datetime
    newest: datetime
    example: str


class DeadLetters(Answered, frozen=True, kw_only=True):
    """`complete`: all of them were looked at."""

    count: int
    complete: bool
    reasons: list[DeadLetterReason]


class Redriven(Answered, frozen=True, kw_only=True):
    """Not `complete`: there are more, call again."""

    redriven: int
    complete: bool


def with_state(operation: Operation) -> Operation:
    return replace(operation, parameters=(*operation.parameters, STATE))


ALERTS: Operations = {
    ("GET", "/monitoring/alerts/{version_id}"): with_state(listing("The alerts of a version, newest first.", Alert)),
    ("GET", "/monitoring/alerts/{version_id}/silences"): listing("The silences of a version that hold.", Silence),
    ("POST", "/monitoring/alerts/{version_id}/silences"): Operation(
        summary="Tell nobody of a check, or of all, until a moment; replaces the check's last silence.",
        request=NewSilence,
        answer=Silence,
        status=201,
    ),
    ("DELETE", "/monitoring/alerts/{version_id}/silences/{id}"): Operation(summary="End a silence.", answer=Silence),
    ("GET", "/monitoring/receivers"): listing("Who is told of alerts (admin).", Receiver),
    ("POST", "/monitoring/receivers"): Operation(
        summary="Tell a webhook or an Alertmanager of alerts (admin).",
        request=NewReceiver,
        answer=Receiver,
        status=201,
        refusals=(409,),
    ),
    ("DELETE", "/monitoring/receivers/{name}"): Operation(summary="Tell it no more (admin).", answer=Receiver),
    ("POST", "/monitoring/receivers/{name}/test"): Operation(
        summary="Send it a test; its view tells how that ended (admin).", answer=OnItsWay, status=202
    ),
    ("GET", "/monitoring/dead_letters"): Operation(
        summary="Observations that could not be recorded, by reason (admin).", answer=DeadLetters
    ),
    ("POST", "/monitoring/dead_letters/redrive"): Operation(
        summary="Put them back on their queue, all or those of one reason (admin).",
        request=WantedLetters,
        optional=True,
        answer=Redriven,
        refusals=(503,),
    ),
}
