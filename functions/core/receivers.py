"""Receivers: who is told of alerts, and in which form."""

import enum
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from functions.core.alerts import Notice
from functions.core.messages import Message
from functions.core.models import Entity

TOPIC = ""  # stands for the platform's own topic, where a delivery names its receiver


class Form(enum.StrEnum):
    """Our own JSON, or the list that Alertmanager's API takes."""

    DEWPOINT = "dewpoint"
    ALERTMANAGER = "alertmanager"


class Outcome(Entity, frozen=True, kw_only=True):
    """How the last delivery ended; `reason` is empty when it arrived."""

    at: datetime
    delivery: str
    reason: str = ""


class Receiver(Entity, frozen=True, kw_only=True):
    """`secret` names the secret that signs what is sent; nothing is signed without. `models` are those whose alerts it
    is told of, all when there are none."""

    name: str
    url: str
    form: Form = Form.DEWPOINT
    secret: str = ""
    models: tuple[str, ...] = ()
    created: datetime


class Delivery(Message, frozen=True, kw_only=True):
    """One notice on its way to one receiver."""

    receiver: str
    notice: Notice

    @property
    def id(self) -> str:
        """The same however often it is tried: a receiver may go by it."""
        return f"{self.notice.id}-{self.receiver}" if self.receiver else self.notice.id


class ReceiverStore(Protocol):
    def create(self, receiver: Receiver) -> None:
        """Raises Conflict when the name is taken."""

    def get(self, name: str) -> Receiver:
        """Raises NotFound."""

    def list(self) -> list[Receiver]: ...
    def delete(self, name: str) -> None:
        """Raises NotFound."""


class OutcomeStore(Protocol):
    """How the last delivery to each receiver ended."""

    def note(self, receiver: str, outcome: Outcome) -> None: ...
    def all(self) -> dict[str, Outcome]: ...


class DeliveryQueue(Protocol):
    def put(self, deliveries: Sequence[Delivery]) -> None:
        """Raises Unavailable when not all were taken."""


class Poster(Protocol):
    def post(self, url: str, body: bytes, headers: dict[str, str]) -> None:
        """Raises Unavailable for whatever is no answer of 2xx, InvalidRequest for an address where nothing may go."""


class AlertTopic(Protocol):
    def publish(self, body: str, attributes: dict[str, str]) -> None: ...


class SigningSecrets(Protocol):
    def read(self, name: str) -> bytes:
        """Raises NotFound."""
