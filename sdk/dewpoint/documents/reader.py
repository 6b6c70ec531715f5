"""Reading a document field by field: every fault is collected, so that one run tells them all.

A `Reader` stands on one mapping. What is never asked for is unknown and is named, with the nearest known key.
"""

import difflib
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from dewpoint.documents.source import Path_, Source
from dewpoint.errors import InvalidInput

Thing = TypeVar("Thing")


class Reader:
    """Keys may be written with - or _ between words; every reader of a document adds to the same `faults`."""

    def __init__(self, source: Source, faults: list[str], data: Any, path: Path_ = ()) -> None:
        self.source = source
        self.faults = faults
        self.path = path
        if not isinstance(data, dict):
            self.fault((), f"expected a mapping, received {said(data)}")
            data = {}
        self._given = {str(key): value for key, value in data.items()}
        self._names = {key.replace("_", "-"): key for key in self._given}
        self._data = {name: self._given[key] for name, key in self._names.items()}
        self._asked: list[str] = []

    def fault(self, path: Path_, sentence: str) -> None:
        self.faults.append(f"{self.source.place((*self.path, *path))}: {sentence}")

    def has(self, *names: str) -> bool:
        return any(self._data.get(name) is not None for name in names)

    def value(self, *names: str, required: bool = False) -> Any:
        """The value under one of `names`, which mean the same; None when there is none."""
        self._asked.extend(names)
        present = [name for name in names if self._data.get(name) is not None]
        if len(present) > 1:
            self.fault((self._names[present[1]],), f"says the same as {present[0]}; keep one of them")
        if not present and required:
            self.fault((), f"{names[0]} is missing")
        return self._data[present[0]] if present else None

    def text(self, *names: str, required: bool = False) -> str:
        """A text; empty when there is none."""
        value = self.value(*names, required=required)
        if value is None:
            return ""
        if not isinstance(value, str) or not value.strip():
            self.fault((self._written(names),), f"expected a text, received {said(value)}")
            return ""
        return value.strip()

    def number(self, *names: str, least: int, most: int | None = None) -> int | None:
        """A whole number within bounds; None when there is none."""
        value = self.value(*names)
        if value is None:
            return None
        if type(value) is not int or value < least or (most is not None and value > most):
            upper = f" to {most}" if most is not None else " or more"
            self.fault((self._written(names),), f"expected a whole number, {least}{upper}, received {said(value)}")
            return None
        return value

    def texts(self, name: str) -> dict[str, str]:
        """A mapping to texts; numbers and truth values become the text they are written as."""
        return dict(self._texts(name))

    def items(self, name: str, *, required: bool = False) -> list[tuple[int, Any]]:
        """A list, with positions."""
        value = self.value(name, required=required)
        if value is None:
            return []
        if not isinstance(value, list) or not value:
            self.fault((self._written((name,)),), f"expected a list with something in it, received {said(value)}")
            return []
        return list(enumerate(value))

    def section(self, *names: str, required: bool = False) -> "Reader | None":
        """A reader of the mapping under one of `names`."""
        value = self.value(*names, required=required)
        return None if value is None else self.at(value, self._written(names))

    def at(self, value: Any, *steps: str | int) -> "Reader":
        """A reader of a mapping further down."""
        return Reader(self.source, self.faults, value, (*self.path, *steps))

    def entries(self) -> Iterator[tuple[str, Any]]:
        """All keys, as they are written, with their values: for mappings whose keys are names."""
        self._asked.extend(self._names)
        yield from self._given.items()

    def attempt(self, path: Path_, parse: Callable[[], Thing]) -> Thing | None:
        """What `parse` gives; its InvalidInput becomes a fault."""
        try:
            return parse()
        except InvalidInput as error:
            self.fault(path, str(error))
            return None

    def close(self) -> None:
        """Names the keys that nobody asked for, and those that say the same in two spellings."""
        for written in self._given.keys() - set(self._names.values()):
            self.fault((written,), f"says the same as {self._names[written.replace('_', '-')]}; keep one of them")
        for name, written in self._names.items():
            if name not in self._asked:
                close = difflib.get_close_matches(name, self._asked, n=1)
                hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(dict.fromkeys(self._asked))}"
                self.fault((written,), f"unknown key; {hint}")

    def _texts(self, name: str) -> Iterator[tuple[str, str]]:
        section = self.section(name)
        for key, value in section.entries() if section else ():
            if isinstance(value, dict | list) or value is None:
                self.fault((self._written((name,)), key), f"expected a text, received {said(value)}")
            else:
                yield key, as_text(value)

    def _written(self, names: tuple[str, ...]) -> str:
        return next((self._names[name] for name in names if self._data.get(name) is not None), names[0])


def as_text(value: Any) -> str:
    """A scalar as YAML writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def said(value: Any) -> str:
    """A value as a short text."""
    if value is None:
        return "nothing"
    if isinstance(value, dict | list):
        return f"a {'mapping' if isinstance(value, dict) else 'list'} of {len(value)}"
    return repr(value)[:80]
