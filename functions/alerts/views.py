"""How alerts, silences and receivers are shown: to callers of the API, and to receivers in our own form."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import msgspec

from functions.core.alerts import Alert, Silence, Told
from functions.core.receivers import Delivery, Outcome, Receiver

View = dict[str, Any]


def alert_view(alert: Alert, public_url: str, *, silenced: bool = False) -> View:
    """`check` is what the alert is grouped by and what a silence names."""
    return {
        "number": alert.number,
        "check": alert.key,
        "kind": str(alert.trouble),
        "state": str(alert.state),
        "silenced": silenced,
        "modelVersionId": alert.version_id,
        "modelName": alert.model_name,
        "modelVersion": alert.model_version,
        "applicationName": alert.application,
        "applicationStageId": alert.stage,
        "fieldName": alert.field or None,
        "checkName": alert.name or None,
        "metricSpecId": alert.metric_spec_id,
        "description": alert.description,
        "threshold": _value(alert.threshold),
        "value": _value(alert.value),
        "reason": alert.reason or None,
        "startsAt": moment(alert.started),
        "endsAt": None if alert.ended is None else moment(alert.ended),
        "ending": alert.ending or None,
        "firstSeen": moment(alert.first_seen),
        "lastSeen": moment(alert.last_seen),
        "failures": alert.failures,
        "requests": alert.requests,
        "exampleRequestIds": list(alert.examples),
        "row": alert.row,
        "announcedAt": None if alert.announced is None else moment(alert.announced),
        "link": link_to(alert, public_url) or None,
    }


def told_view(told: Told, public_url: str) -> View:
    return {"occasion": str(told.occasion), **alert_view(told.alert, public_url)}


def notice_view(delivery: Delivery, public_url: str) -> View:
    """The body of a webhook in our own form."""
    notice = delivery.notice
    return {
        "schema": 1,
        "deliveryId": delivery.id,
        "at": moment(notice.at),
        "modelVersionId": notice.version_id,
        "alerts": [told_view(told, public_url) for told in notice.told],
    }


def silence_view(silence: Silence) -> View:
    return {
        "id": silence.id,
        "check": silence.key or None,
        "until": moment(silence.until),
        "comment": silence.comment,
        "created": moment(silence.created),
    }


def receiver_view(receiver: Receiver, outcome: Outcome | None) -> View:
    last = outcome and {
        "at": moment(outcome.at.timestamp()),
        "deliveryId": outcome.delivery,
        "delivered": not outcome.reason,
        "reason": outcome.reason or None,
    }
    return {
        "name": receiver.name,
        "url": receiver.url,
        "form": str(receiver.form),
        "secret": receiver.secret or None,
        "models": list(receiver.models),
        "created": moment(receiver.created.timestamp()),
        "lastDelivery": last,
    }


def link_to(alert: Alert, public_url: str) -> str:
    """The version's monitoring page; empty where no address is known."""
    if not public_url:
        return ""
    return f"{public_url.rstrip('/')}/models/{quote(alert.model_name)}/{alert.model_version}/monitoring"


def moment(seconds: float) -> str:
    """ISO 8601 (RFC 3339) in UTC, to the millisecond."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _value(text: str) -> Any:
    """A check's value, which is kept as JSON; as text where it was too long to keep whole."""
    if not text:
        return None
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text
