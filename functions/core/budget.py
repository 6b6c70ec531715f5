"""How many values one request may bring, because a value costs many times its bytes once it is an object of its own.

That is every element in JSON or in a protocol message's typed contents, and every text. Numbers in raw bytes stay
bytes; the size of the message bounds them. Tensors have a limit of their own: each costs as much as many elements.
"""

import re

from functions.core.errors import PayloadTooLarge

DEFAULT = 10_000_000
BESIDES = 10_000  # values of a document that are no elements: names, shapes, parameters
MOST_TENSORS = 10_000
STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)


class Budget:
    """What is left of `limit` elements while a request is read."""

    def __init__(self, limit: int = DEFAULT) -> None:
        self.limit = limit
        self._taken = 0

    def take(self, elements: int) -> None:
        """Raises PayloadTooLarge when the request brings more than the limit."""
        self._taken += elements
        if self._taken > self.limit:
            raise PayloadTooLarge(f"the inputs hold {self._taken} elements or more; at most {self.limit} are accepted")

    def check_tensors(self, kind: str, count: int) -> None:
        """Raises PayloadTooLarge for more tensors, or names of them, than one request may bring."""
        if count > MOST_TENSORS:
            raise PayloadTooLarge(f"{count} {kind} came; at most {MOST_TENSORS} are accepted")

    def check_document(self, raw: bytes) -> None:
        """Refuses a JSON text that must exceed the limit, before anything is made of it. Raises PayloadTooLarge.

        Commas outside of strings are one less than a document's values (scalars and what is empty), however nested.
        """
        most = self.limit + BESIDES
        if len(raw) // 2 < most or raw.count(b",") < most:
            return
        values = STRING.sub(b"", raw).count(b",") + 1
        if values > most:
            raise PayloadTooLarge(f"the body holds {values} values; at most {self.limit} elements are accepted")
