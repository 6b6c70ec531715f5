"""Applications in DynamoDB, and beside them what they were asked to be. The entity's revision is the item's."""

from collections.abc import Sequence

from functions.adapters.dynamo.counters import DynamoCounters
from functions.adapters.dynamo.documents import Documents
from functions.adapters.dynamo.journal import Journal, Write
from functions.adapters.dynamo.revisions import DynamoRevisions
from functions.adapters.dynamo.tables import ApplicationRow, bind
from functions.core.errors import PreconditionFailed
from functions.core.feed import APPLICATIONS
from functions.core.models import Application
from functions.core.revisions import KEPT_REVISIONS, Revision, recorded


class DynamoApplicationStore:
    def __init__(self, prefix: str) -> None:
        row = bind(ApplicationRow, prefix)
        self._documents = Documents(row, Application, "application", Journal(prefix), APPLICATIONS)
        self._revisions = DynamoRevisions(prefix)
        self._counters = DynamoCounters(prefix)

    def next_id(self) -> int:
        return self._counters.next("application-ids")

    def create(self, application: Application) -> None:
        first = recorded(application, application.created)
        self._documents.create(
            application.name,
            entity=application,
            beside=lambda transaction: self._revisions.record(transaction, first),
            revision=application.revision,
        )

    def get(self, name: str) -> Application:
        return self._documents.read(name)[0]

    def find(self, name: str) -> Application | None:
        return self._documents.find(name)

    def list(self) -> list[Application]:
        return sorted(self._documents.all(), key=lambda application: application.name)

    def update(self, application: Application, expected_revision: int) -> None:
        """The entity's own revision must be the next one: `expected_revision` + 1."""
        self._write(application, expected_revision)

    def revise(self, application: Application, expected_revision: int, revision: Revision) -> None:
        """Those beyond the newest KEPT_REVISIONS go afterwards; one that stays by accident goes the next time."""
        self._write(application, expected_revision, lambda transaction: self._revisions.record(transaction, revision))
        self._revisions.forget(self._revisions.of(application.id)[:-KEPT_REVISIONS])

    def revisions(self, application_id: int) -> Sequence[Revision]:
        return self._revisions.of(application_id)

    def delete(self, name: str, expected_revision: int | None = None) -> None:
        application = self.get(name)
        self._documents.delete(name, expected=expected_revision)
        self._revisions.forget(self._revisions.of(application.id))

    def _write(self, application: Application, expected: int, beside: Write | None = None) -> None:
        try:
            self._documents.write(application.name, entity=application, expected=expected, beside=beside)
        except PreconditionFailed:
            self._documents.read(application.name)
            raise
