"""Applications in DynamoDB. The entity's revision is the item's."""

from functions.adapters.dynamo.counters import DynamoCounters
from functions.adapters.dynamo.documents import Documents
from functions.adapters.dynamo.journal import Journal
from functions.adapters.dynamo.tables import ApplicationRow, bind
from functions.core.errors import PreconditionFailed
from functions.core.feed import APPLICATIONS
from functions.core.models import Application


class DynamoApplicationStore:
    def __init__(self, prefix: str) -> None:
        row = bind(ApplicationRow, prefix)
        self._documents = Documents(row, Application, "application", Journal(prefix), APPLICATIONS)
        self._counters = DynamoCounters(prefix)

    def next_id(self) -> int:
        return self._counters.next("application-ids")

    def create(self, application: Application) -> None:
        self._documents.create(application.name, entity=application, revision=application.revision)

    def get(self, name: str) -> Application:
        return self._documents.read(name)[0]

    def find(self, name: str) -> Application | None:
        return self._documents.find(name)

    def list(self) -> list[Application]:
        return sorted(self._documents.all(), key=lambda application: application.name)

    def update(self, application: Application, expected_revision: int) -> None:
        """The entity's own revision must be the next one: `expected_revision` + 1."""
        try:
            self._documents.write(application.name, entity=application, expected=expected_revision)
        except PreconditionFailed:
            self._documents.read(application.name)
            raise

    def delete(self, name: str) -> None:
        self._documents.delete(name)
