"""CSV (RFC 4180) as rows with their lines: quotes, line ends and commas inside of them, a byte order mark.

Python's own parser reads it, strictly: it knows on which line every row began. Rows come in chunks that are bounded by
rows, cells and characters, whatever the file: memory does not grow with it.
"""

import csv
import io
from collections.abc import Iterator
from typing import IO, NamedTuple

from functions.core.errors import InvalidRequest, Problem
from functions.sonar.training.rejected import Rejected

ROWS = 1 << 16
CELLS = 1 << 19
CHARACTERS = 1 << 23
LONGEST_LINE = 1 << 24  # characters
LONGEST_FIELD = 1 << 20
UTF_16 = (b"\xff\xfe", b"\xfe\xff")

csv.field_size_limit(LONGEST_FIELD)


class Rows(NamedTuple):
    """Rows of the header's width, each a list of texts, and where they began."""

    cells: list[list[str]]
    places: list[str]


class CsvFile:
    """`columns` are the header's. Raises InvalidRequest for a file without one."""

    def __init__(self, stream: IO[bytes], rejected: Rejected) -> None:
        buffered = stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(stream)  # type: ignore[type-var]
        if buffered.peek(2)[:2] in UTF_16:
            raise _unreadable("/", "text in UTF-8", "UTF-16")
        # what is no UTF-8 comes as lone surrogates, so that only its row is lost
        self._lines = _Lines(io.TextIOWrapper(buffered, "utf-8-sig", "surrogateescape", newline=""))
        self._reader = csv.reader(self._lines, strict=True)
        self._rejected = rejected
        header = next(filter(None, self._records()), None)
        if header is None:
            raise _unreadable("/", "a line that names the columns", "an empty file")
        self.columns = [name.strip() for name in header]

    def chunks(self) -> Iterator[Rows]:
        """The rows, those left out that are no rows of this file: they are noted."""
        most = max(1, min(ROWS, CELLS // len(self.columns)))
        rows, begun = Rows([], []), self._lines.characters
        for record in self._records():
            if not record:
                continue  # a blank line is no row
            rows.cells.append(record)
            rows.places.append(f"line {self._begins}")
            if len(rows.cells) == most or self._lines.characters - begun >= CHARACTERS:
                yield self._of_width(rows)
                rows, begun = Rows([], []), self._lines.characters
        if rows.cells:
            yield self._of_width(rows)

    def _records(self) -> Iterator[list[str]]:
        while True:
            self._begins, self._lines.is_damaged = self._lines.number + 1, False
            try:
                record = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                self._reject(str(error))
                continue
            if self._lines.is_damaged:
                self._leave_out("expected text in UTF-8", ",".join(record))
                continue
            yield record

    def _reject(self, error: str) -> None:
        """A fault inside one line costs that row. One that runs on may have swallowed any number of rows."""
        if self._lines.number > self._begins:
            raise _unreadable(
                f"/line {self._begins}", "quotes that are closed", f"none until line {self._lines.number}"
            )
        self._leave_out(f"not CSV: {error}", self._lines.last)

    def _leave_out(self, reason: str, received: str) -> None:
        self._rejected.rows += 1
        self._rejected.note(reason, [f"line {self._begins}"], [received])

    def _of_width(self, rows: Rows) -> Rows:
        width = len(self.columns)
        wrong = [at for at, record in enumerate(rows.cells) if len(record) != width]
        if not wrong:
            return rows
        self._rejected.rows += len(wrong)
        received = (f"{len(rows.cells[at])} values: {','.join(rows.cells[at])}" for at in wrong)
        self._rejected.note(f"expected {width} values, one per column", [rows.places[at] for at in wrong], received)
        left_out = set(wrong)
        stay = [at for at in range(len(rows.cells)) if at not in left_out]
        return Rows([rows.cells[at] for at in stay], [rows.places[at] for at in stay])


class _Lines:
    """Lines with their ends, counted from 1."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.number = 0
        self.characters = 0
        self.last = ""
        self.is_damaged = False

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._text.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        self.number += 1
        self.characters += len(line)
        self.last = line
        if len(line) == LONGEST_LINE:
            raise _unreadable(f"/line {self.number}", f"lines of less than {LONGEST_LINE} characters", "a longer one")
        if not line.isascii() and not _is_text(line):
            self.is_damaged = True
        return line


def _is_text(line: str) -> bool:
    try:
        line.encode()
    except UnicodeEncodeError:
        return False
    return True


def _unreadable(pointer: str, expected: str, received: str) -> InvalidRequest:
    return InvalidRequest.of([Problem(pointer, expected, received)])
