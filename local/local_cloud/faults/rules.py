"""What a fault is, and which calls it meets."""

import json
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass
class Fault:
    """Calls of `service` that name `resource` (a table, a queue, part of either), all or only `operations`.

    Each waits `delay` seconds; with an `error` (AWS's code) it is then refused, else it is carried out.
    """

    service: str
    resource: str = ""
    operations: tuple[str, ...] = ()
    error: str = ""
    status: int = 400
    delay: float = 0.0
    hits: int = 0

    def meets(self, service: str, operation: str, request: Any) -> bool:
        named = any(self.resource in text for text in texts(request))
        return service == self.service and named and (not self.operations or operation in self.operations)


class Faults:
    """The rules there are; the first that meets a call counts."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, document: Mapping[str, Any]) -> None:
        """Raises TypeError for a field that no fault has."""
        rule = Fault(**{**document, "operations": tuple(document.get("operations", ()))})
        with self._lock:
            self._rules.append(rule)

    def clear(self) -> None:
        with self._lock:
            self._rules.clear()

    def listed(self) -> str:
        return json.dumps([asdict(rule) for rule in self._rules])

    def meet(self, service: str, operation: str, request: Any) -> Fault | None:
        """The rule that a call meets, after its delay."""
        with self._lock:
            rule = next((rule for rule in self._rules if rule.meets(service, operation, request)), None)
            if rule is None:
                return None
            rule.hits += 1
        time.sleep(rule.delay)
        return rule


def texts(value: Any) -> Iterable[str]:
    """All strings of a request, also the names of its fields."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from texts(key)
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
