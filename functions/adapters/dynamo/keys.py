"""API keys in DynamoDB: one item by the key's digest, and one that reserves its name, written together."""

from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from functions.adapters.dynamo.documents import Documents
from functions.adapters.dynamo.refusal import is_refused
from functions.adapters.dynamo.tables import KeyRow, bind, connection
from functions.core.api_keys import ApiKey
from functions.core.errors import Conflict, NotFound
from functions.core.models import encode_entity

RESERVED = "name:"  # digests are hexadecimal, so a reservation is never mistaken for one


class DynamoKeyStore:
    def __init__(self, prefix: str) -> None:
        self._row = bind(KeyRow, prefix)
        self._documents = Documents(self._row, ApiKey, "API key")

    def put(self, key: ApiKey) -> None:
        free = self._row.digest.does_not_exist()
        try:
            with TransactWrite(connection=connection()) as transaction:
                transaction.save(self._row(RESERVED + key.name, document=""), condition=free)
                transaction.save(self._row(key.digest, document=encode_entity(key)), condition=free)
        except TransactWriteError as error:
            if is_refused(error):
                raise Conflict(f"API key {key.name} exists already") from None
            raise

    def find(self, digest: str) -> ApiKey | None:
        return None if digest.startswith(RESERVED) else self._documents.find(digest)

    def list(self) -> list[ApiKey]:
        rows = self._row.scan(~self._row.digest.startswith(RESERVED), consistent_read=True)
        return sorted((self._documents.decode(row) for row in rows), key=lambda key: key.name)

    def delete(self, digest: str) -> None:
        """The name is free again only with its own key: it may be somebody else's by now."""
        key, _ = self._documents.read(digest)
        try:
            with TransactWrite(connection=connection()) as transaction:
                transaction.delete(self._row(RESERVED + key.name, document=""))
                transaction.delete(self._row(digest, document=""), condition=self._row.digest.exists())
        except TransactWriteError as error:
            if is_refused(error):
                raise NotFound(f"there is no API key {key.name}") from None
            raise
