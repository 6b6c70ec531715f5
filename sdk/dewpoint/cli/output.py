"""What the command prints. Answers go to standard output and nothing else does; everything else goes to standard error.

Text that comes from models (logs, messages, names) is printed without control characters: it cannot steer a terminal.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Any, TypeVar

import yaml
from rich.console import Console
from rich.table import Table
from rich.text import Text

Thing = TypeVar("Thing")

WIDE = 200  # columns where there is no terminal to fit into
GOOD = {"Released", "Serving", "Ready", "Active", "Success"}
BAD = {"Failed", "NotServing", "Dropped", "Failure"}


class Format(StrEnum):
    json = "json"
    table = "table"
    yaml = "yaml"


class Column:
    """A heading, and how a cell is read from a thing."""

    def __init__(self, heading: str, read: Callable[[Any], object]) -> None:
        self.heading = heading
        self.read = read


class Output:
    """`asked` is the format the user asked for, None when none."""

    def __init__(self, asked: Format | None) -> None:
        self.asked = asked
        plain = Console()
        self.out = plain if plain.is_terminal else Console(width=WIDE)
        self.err = Console(stderr=True)

    def table(self, things: Sequence[Thing], columns: Sequence[Column], raw: Callable[[Thing], Any]) -> None:
        """A list: a table, or the documents of the API."""
        if self._machine_readable([raw(thing) for thing in things], Format.table):
            return
        if not things:
            self.note("nothing there")
            return
        table = Table(*(column.heading for column in columns), box=None, pad_edge=False, header_style="bold")
        for thing in things:
            table.add_row(*(styled(column.read(thing)) for column in columns))
        self.out.print(table)

    def document(self, document: Any, otherwise: Format = Format.yaml) -> None:
        """One thing: as JSON or YAML. A table of it is its YAML."""
        if not self._machine_readable(document, otherwise):
            self.line(as_yaml(document).rstrip("\n"))

    def line(self, text: str) -> None:
        """A line of an answer."""
        self.out.print(Text(printable(text)), soft_wrap=True)

    def note(self, text: str, style: str = "dim") -> None:
        """A line beside the answer."""
        self.err.print(Text(printable(text), style), soft_wrap=True)

    def _machine_readable(self, document: Any, otherwise: Format) -> bool:
        chosen = self.asked or otherwise
        if chosen is Format.json:
            print(json.dumps(document, indent=2, ensure_ascii=False))
        elif chosen is Format.yaml:
            print(as_yaml(document), end="")
        return chosen is not Format.table


def as_yaml(document: Any) -> str:
    return str(yaml.safe_dump(document, sort_keys=False, allow_unicode=True))


def styled(value: object) -> Text:
    text = printable("-" if value in (None, "") else str(value))
    return Text(text, "green" if text in GOOD else "red" if text in BAD else "")


def printable(text: str) -> str:
    """`text` without what a terminal would obey; line ends and tabs stay."""
    return "".join(char if char.isprintable() or char in "\n\t" else "�" for char in text)


def joined(names: Iterable[str]) -> str:
    return ", ".join(names)
