"""Entities in a table: the way in and out that all stores share, and what a refused condition means.

With a topic, every change is an event of the feed as well (journal.py).
"""

from collections.abc import Iterable
from typing import Any, Generic, TypeVar, cast

import msgspec
from pynamodb.exceptions import DoesNotExist
from pynamodb.expressions.condition import Condition
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from functions.adapters.dynamo.journal import Journal, Write
from functions.adapters.dynamo.refusal import refused
from functions.adapters.dynamo.tables import Row
from functions.core.errors import Conflict, NotFound, PayloadTooLarge, PreconditionFailed
from functions.core.feed import Change, Subject, Topic
from functions.core.models import Entity, encode_entity

ATTEMPTS = 20
LONGEST_KEY = 2048  # bytes
LARGEST_NUMBER = 10**38
LARGEST_DOCUMENT = 390 * 1024  # bytes; an item may have 400 KB, its key and attributes included
LONGEST_SHOWN = 200  # characters of a key in an error

E = TypeVar("E", bound=Entity)
R = TypeVar("R", bound=Row)


class Documents(Generic[E, R]):
    """The entities of one kind, by key. `noun` names the kind in errors."""

    def __init__(
        self, row: type[R], kind: type[E], noun: str, journal: Journal | None = None, topic: Topic | None = None
    ) -> None:
        self._row = row
        self._kind = kind
        self._noun = noun
        self._journal = journal
        self._topic = topic

    def create(self, *key: Any, entity: E, beside: Write | None = None, named: str = "", **attributes: Any) -> None:
        """`beside` adds what is to be written in the same transaction. Raises Conflict when the key is taken."""
        free = hash_attribute(self._row).does_not_exist()
        if not self.put(*key, entity=entity, condition=free, beside=beside, named=named, **attributes):
            raise Conflict(f"{self._noun} {spelled(key)} exists already")

    def read(self, hash_key: Any, range_key: Any = None) -> tuple[E, int]:
        """The entity and its revision. Raises NotFound."""
        key = (hash_key,) if range_key is None else (hash_key, range_key)
        try:
            require_possible(key)
            item = self._row.get(hash_key, range_key, consistent_read=True)
        except DoesNotExist:
            raise NotFound(f"there is no {self._noun} {spelled(key)}") from None
        return self.decode(item), int(item.revision)

    def find(self, *key: Any) -> E | None:
        try:
            return self.read(*key)[0]
        except NotFound:
            return None

    def many(self, keys: Iterable[Any]) -> list[E]:
        """Those that exist, in no order."""
        possible = [key for key in keys if is_possible(key)]
        return [self.decode(item) for item in self._row.batch_get(possible, consistent_read=True)]

    def all(self) -> list[E]:
        return [self.decode(item) for item in self._row.scan(consistent_read=True)]

    def write(self, *key: Any, entity: E, expected: int, beside: Write | None = None, **attributes: Any) -> None:
        """Replaces revision `expected` by the next. Raises PreconditionFailed when the stored one is another."""
        condition = self._row.revision == expected
        attributes["revision"] = expected + 1
        if not self.put(*key, entity=entity, condition=condition, beside=beside, **attributes):
            raise PreconditionFailed(f"{self._noun} {spelled(key)} was changed by somebody else")

    def put(
        self,
        *key: Any,
        entity: E,
        condition: Condition,
        beside: Write | None = None,
        named: str = "",
        **attributes: Any,
    ) -> bool:
        """Writes under `condition`; says whether it did. Only what has a topic is written with something beside it.

        `named` is what its event calls the entity, when that is not the key. Raises PayloadTooLarge for what no item
        can hold.
        """
        item = self._row(*key, document=self._encoded(entity, key), **attributes)
        if self._journal is None or self._topic is None:
            return not refused(lambda: item.save(condition))

        def save(transaction: TransactWrite) -> None:
            transaction.save(item, condition)
            if beside is not None:
                beside(transaction)

        return self._journal.commit(save, Change(self._topic.update, named or spelled(key), cast("Subject", entity)))

    def delete(self, *key: Any, named: str = "") -> None:
        """Raises NotFound."""
        item, name = self._row(*key, document=""), named or spelled(key)
        if not all(map(is_possible, key)) or not self._remove(item, hash_attribute(self._row).exists(), name):
            raise NotFound(f"there is no {self._noun} {spelled(key)}")

    def _remove(self, item: R, condition: Condition, name: str) -> bool:
        if self._journal is None or self._topic is None:
            return not refused(lambda: item.delete(condition))
        change = Change(self._topic.remove, name)
        return self._journal.commit(lambda transaction: transaction.delete(item, condition), change)

    def _encoded(self, entity: E, key: tuple[Any, ...]) -> str:
        document = encode_entity(entity)
        if (size := len(document.encode())) > LARGEST_DOCUMENT:
            what = f"{self._noun} {spelled(key)}"
            raise PayloadTooLarge(f"{what} takes {size} bytes, at most {LARGEST_DOCUMENT} can be kept")
        return document

    def decode(self, item: R) -> E:
        return msgspec.json.decode(item.document, type=self._kind)


def require_possible(key: tuple[Any, ...]) -> None:
    """Raises DoesNotExist for a key that DynamoDB would call invalid instead of absent."""
    if not all(map(is_possible, key)):
        raise DoesNotExist


def is_possible(part: Any) -> bool:
    """Can anything have this hash or range key?"""
    if isinstance(part, str):
        return 0 < len(part.encode()) <= LONGEST_KEY
    return abs(part) < LARGEST_NUMBER if isinstance(part, int) else True


def hash_attribute(row: type[Model]) -> Any:
    return getattr(row, str(row._hash_keyname))  # noqa: SLF001 - PynamoDB has no public name for it


def spelled(key: tuple[Any, ...]) -> str:
    text = ":".join(map(str, key))
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
