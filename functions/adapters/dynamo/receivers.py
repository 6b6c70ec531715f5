"""Receivers in DynamoDB, and in the same items how the last delivery to each ended."""

import msgspec

from functions.adapters.dynamo.alert_tables import ReceiverRow
from functions.adapters.dynamo.documents import Documents
from functions.adapters.dynamo.refusal import refused
from functions.adapters.dynamo.table import bind
from functions.core.models import encode_entity
from functions.core.receivers import Outcome, Receiver


class DynamoReceiverStore:
    def __init__(self, prefix: str) -> None:
        self._documents = Documents(bind(ReceiverRow, prefix), Receiver, "receiver")

    def create(self, receiver: Receiver) -> None:
        self._documents.create(receiver.name, entity=receiver)

    def get(self, name: str) -> Receiver:
        return self._documents.read(name)[0]

    def list(self) -> list[Receiver]:
        return sorted(self._documents.all(), key=lambda receiver: receiver.name)

    def delete(self, name: str) -> None:
        self._documents.delete(name)


class DynamoOutcomeStore:
    def __init__(self, prefix: str) -> None:
        self._row = bind(ReceiverRow, prefix)

    def note(self, receiver: str, outcome: Outcome) -> None:
        """One that was deleted meanwhile stays so."""
        told = self._row.outcome.set(encode_entity(outcome))
        refused(lambda: self._row(receiver).update([told], self._row.name.exists()))

    def all(self) -> dict[str, Outcome]:
        found = self._row.scan(consistent_read=True)
        return {item.name: msgspec.json.decode(item.outcome, type=Outcome) for item in found if item.outcome}
