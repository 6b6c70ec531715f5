"""Servables in DynamoDB, under optimistic locking: events about one servable may be handled at the same moment."""

from collections.abc import Iterable

from functions.adapters.dynamo.documents import ATTEMPTS, Documents
from functions.adapters.dynamo.journal import Journal
from functions.adapters.dynamo.tables import ServableRow, bind
from functions.core.errors import NotFound, PreconditionFailed, Unavailable
from functions.core.feed import SERVABLES
from functions.core.models import Servable
from functions.core.ports import ServableChange


class DynamoServableStore:
    def __init__(self, prefix: str) -> None:
        self._documents = Documents(bind(ServableRow, prefix), Servable, "servable", Journal(prefix), SERVABLES)

    def create(self, servable: Servable) -> None:
        self._documents.create(servable.name, entity=servable)

    def get(self, name: str) -> Servable:
        return self._documents.read(name)[0]

    def get_many(self, names: Iterable[str]) -> dict[str, Servable]:
        return {servable.name: servable for servable in self._documents.many(set(names))}

    def list(self) -> list[Servable]:
        return sorted(self._documents.all(), key=lambda servable: servable.name)

    def update(self, name: str, change: ServableChange) -> Servable | None:
        for _ in range(ATTEMPTS):
            try:
                current, revision = self._documents.read(name)
                changed = change(current)
                if changed != current:
                    self._documents.write(name, entity=changed, expected=revision)
            except PreconditionFailed:
                continue
            except NotFound:
                return None
            return changed
        raise Unavailable(f"servable {name} is being changed by too many at once")

    def delete(self, name: str) -> None:
        self._documents.delete(name)
