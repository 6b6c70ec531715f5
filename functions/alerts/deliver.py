"""One notice to one receiver, in the form that it takes. What fails raises, and the queue tries again."""

from typing import Any

import msgspec

from functions.alerts.alertmanager import alerts_url, to_alertmanager
from functions.alerts.ports import Ports
from functions.alerts.sign import HEADER, signature
from functions.alerts.views import View, notice_view, told_view
from functions.core.errors import DewpointError, NotFound
from functions.core.receivers import TOPIC, Delivery, Form, Outcome, Receiver

DELIVERY = "dewpoint-delivery"
LONGEST_REASON = 300  # characters


def deliver(ports: Ports, delivery: Delivery) -> None:
    """A receiver that was deleted meanwhile is told nothing. Whatever it raises is noted."""
    if delivery.receiver == TOPIC:
        _publish(ports, delivery)
        return
    try:
        receiver = ports.receivers.get(delivery.receiver)
    except NotFound:
        return
    try:
        _post(ports, receiver, delivery)
    except Exception as error:
        told = (error.detail or error.title) if isinstance(error, DewpointError) else ""
        _note(ports, delivery, told or f"it could not be sent: {type(error).__name__}")
        raise
    _note(ports, delivery, "")


def _publish(ports: Ports, delivery: Delivery) -> None:
    """Each alert by itself: subscriptions choose by its attributes. Its delivery id tells repetitions apart."""
    for told in delivery.notice.told:
        alert = told.alert
        attributes = {
            "occasion": str(told.occasion),
            "state": str(alert.state),
            "kind": str(alert.trouble),
            "modelName": alert.model_name,
            "modelVersionId": str(alert.version_id),
            "applicationName": alert.application or "",
            "deliveryId": f"{delivery.id}-{alert.number}",
        }
        body = {"deliveryId": attributes["deliveryId"], **told_view(told, ports.rules.public_url)}
        ports.topic.publish(_json(body).decode(), {name: value for name, value in attributes.items() if value})


def _post(ports: Ports, receiver: Receiver, delivery: Delivery) -> None:
    """Signed at the moment of sending, so that a repetition is no replay."""
    url, public = receiver.url, ports.rules.public_url
    if receiver.form is Form.ALERTMANAGER:
        url = alerts_url(url)
        body = _json(to_alertmanager(delivery.notice, public))
    else:
        body = _json(notice_view(delivery, public))
    headers = {"content-type": "application/json", "user-agent": "dewpoint", DELIVERY: delivery.id}
    if receiver.secret:
        secret = ports.secrets.read(receiver.secret)
        headers[HEADER] = signature(secret, body, int(ports.clock.now().timestamp()))
    ports.poster.post(url, body, headers)


def _note(ports: Ports, delivery: Delivery, reason: str) -> None:
    outcome = Outcome(at=ports.clock.now(), delivery=delivery.id, reason=reason[:LONGEST_REASON])
    ports.outcomes.note(delivery.receiver, outcome)


def _json(value: View | list[Any]) -> bytes:
    return msgspec.json.encode(value)
