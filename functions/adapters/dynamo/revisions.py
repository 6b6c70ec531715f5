"""What applications were asked to be, in DynamoDB: by the application's id, because names are given again."""

from collections.abc import Sequence

import msgspec
from pynamodb.transactions import TransactWrite

from functions.adapters.dynamo.tables import RevisionRow, bind
from functions.core.models import encode_entity
from functions.core.revisions import Revision


class DynamoRevisions:
    def __init__(self, prefix: str) -> None:
        self._row = bind(RevisionRow, prefix)

    def record(self, transaction: TransactWrite, revision: Revision) -> None:
        """Written when the transaction is."""
        row = self._row(revision.application_id, revision.number, document=encode_entity(revision))
        transaction.save(row)

    def of(self, application_id: int) -> Sequence[Revision]:
        """Oldest first."""
        rows = self._row.query(application_id, consistent_read=True)
        return [msgspec.json.decode(row.document, type=Revision) for row in rows]

    def forget(self, revisions: Sequence[Revision]) -> None:
        for revision in revisions:
            self._row(revision.application_id, revision.number, document="").delete()
