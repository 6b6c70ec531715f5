"""Model versions in DynamoDB: table models (hash name, range version), with the index by-id."""

import time
from collections.abc import Callable

from functions.adapters.dynamo.counters import DynamoCounters
from functions.adapters.dynamo.documents import Documents, is_possible
from functions.adapters.dynamo.journal import Journal
from functions.adapters.dynamo.tables import VersionRow, bind
from functions.core.errors import NotFound
from functions.core.feed import MODELS
from functions.core.models import ModelVersion

INDEX_LAG = (0.0, 0.1, 0.3)  # seconds between looks; an index has what is new in far less than one


class DynamoModelStore:
    def __init__(self, prefix: str, pause: Callable[[float], None] = time.sleep) -> None:
        self._pause = pause
        self._row = bind(VersionRow, prefix)
        self._documents = Documents(self._row, ModelVersion, "model version", Journal(prefix), MODELS)
        self._counters = DynamoCounters(prefix)

    def next_id(self) -> int:
        return self._counters.next("version-ids")

    def model_id(self, name: str) -> int:
        known = self._counters.find(f"model-id:{name}")
        return known or self._counters.settle(f"model-id:{name}", self._counters.next("model-ids"))

    def next_version(self, name: str) -> int:
        return self._counters.next(f"versions:{name}")

    def create(self, version: ModelVersion) -> None:
        key = (version.name, version.version)
        self._documents.create(*key, entity=version, id=version.id, status=version.status.value)

    def get(self, name: str, version: int) -> ModelVersion:
        return self._documents.read(name, version)[0]

    def by_id(self, version_id: int) -> ModelVersion:
        """An index lags behind its table: it says which version is meant, and the table how that one is. What was made
        this moment may not be in it yet."""
        for moment in INDEX_LAG if is_possible(version_id) else ():
            self._pause(moment)
            for found in self._row.by_id.query(version_id):
                same = self._row.version == found.version
                for item in self._row.query(found.name, same, consistent_read=True):
                    return self._documents.decode(item)
        raise NotFound(f"there is no model version with id {version_id}")

    def list(self, name: str | None = None) -> list[ModelVersion]:
        if name is None:
            versions = self._documents.all()
        else:
            versions = [self._documents.decode(item) for item in self._row.query(name, consistent_read=True)]
        return sorted(versions, key=lambda version: version.id)

    def update(self, version: ModelVersion, expected_status: str) -> bool:
        key = (version.name, version.version)
        condition = self._row.status == expected_status
        return self._documents.put(
            *key, entity=version, condition=condition, id=version.id, status=version.status.value
        )

    def delete(self, name: str, version: int) -> None:
        self._documents.delete(name, version)
