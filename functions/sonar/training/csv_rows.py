"""CSV (RFC 4180) as rows with their lines: quotes, line ends and commas inside of them, a byte order mark.

Python's own parser reads it, strictly: it knows on which line every row began. Rows come in chunks that are bounded by
rows, cells and characters, whatever the file: memory does not grow with it.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import IO, NamedTuple, overload

from functions.core.errors import InvalidRequest, Problem
from functions.sonar.training.begun import Mark
from functions.sonar.training.rejected import Rejected, shown

ROWS = 1 << 16
CELLS = 1 << 19
CHARACTERS = 1 << 23
BLOCK = 1 << 20  # characters whose lines are handed to the parser at once
LONGEST_LINE = 1 << 24  # bytes
LONGEST_FIELD = 1 << 20  # characters
BOM = b"\xef\xbb\xbf"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}

csv.field_size_limit(LONGEST_FIELD)


class Places(Sequence[str]):
    """Where rows stand, in words: they are asked for only where something is wrong."""

    def __init__(self, word: str, numbers: Sequence[int]) -> None:
        self._word = word
        self._numbers = numbers

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> "Places": ...
    def __getitem__(self, at: int | slice) -> "str | Places":
        if isinstance(at, slice):
            return Places(self._word, self._numbers[at])
        return f"{self._word} {self._numbers[at]}"

    def __len__(self) -> int:
        return len(self._numbers)


class Rows(NamedTuple):
    """Rows of the header's width, each a list of texts, and where they began."""

    cells: list[list[str]]
    places: Places


class CsvFile:
    """`columns` are the header's. Raises InvalidRequest for a file without one."""

    def __init__(self, stream: IO[bytes], rejected: Rejected, begin: Mark | None = None) -> None:
        """Rows come from `begin` on."""
        self._rejected = Rejected() if begin else rejected
        self._follow(_Lines(stream))
        header = next((record for record, _ in self._records() if record), None)
        if header is None:
            raise _unreadable("/", "a line that names the columns", "an empty file")
        self.columns = [name.strip() for name in header]
        _require_text(header)
        if begin:
            self._rejected = rejected
            stream.seek(begin.at)
            self._follow(_Lines(stream, begin))

    def chunks(self) -> Iterator[Rows]:
        """The rows, those left out that are no rows of this file: they are noted."""
        most = max(1, min(ROWS, CELLS // len(self.columns)))
        cells, numbers, begun = list[list[str]](), list[int](), self._lines.characters
        for record, number in self._records():
            if not record:
                continue  # a blank line is no row
            cells.append(record)
            numbers.append(number)
            if len(cells) == most or self._lines.characters - begun >= CHARACTERS:
                yield self._sound(cells, numbers)
                cells, numbers, begun = [], [], self._lines.characters
        if cells:
            yield self._sound(cells, numbers)

    def mark(self) -> Mark:
        """Behind the rows that have come."""
        return self._lines.mark(self._lines.before + self._reader.line_num)

    def _follow(self, lines: "_Lines") -> None:
        self._lines = lines
        self._reader = csv.reader(chain.from_iterable(lines.blocks()), strict=True)

    def _records(self) -> Iterator[tuple[list[str], int]]:
        """Records with the number of the line on which each begins."""
        reader, skipped = self._reader, self._lines.before
        while True:
            before = skipped + reader.line_num
            try:
                for record in reader:
                    yield record, before + 1
                    before = skipped + reader.line_num
            except csv.Error as error:
                self._reject(str(error), before + 1, skipped + reader.line_num)
            else:
                return

    def _reject(self, error: str, begins: int, ends: int) -> None:
        """A fault inside one line costs that row. One that runs on may have swallowed any number of rows."""
        if ends > begins:
            raise _unreadable(f"/line {begins}", "quotes that are closed", f"none until line {ends} ({error})")
        self._leave_out(f"not CSV: {error}", [begins], [self._lines.line(begins)])

    def _leave_out(self, reason: str, numbers: list[int], received: list[str]) -> None:
        self._rejected.rows += len(numbers)
        self._rejected.note(reason, Places("line", numbers), received)

    def _sound(self, cells: list[list[str]], numbers: list[int]) -> Rows:
        """Those with a value for each column, all of them text."""
        width = len(self.columns)
        wrong = [at for at, record in enumerate(cells) if len(record) != width]
        if wrong:
            received = [f"{len(cells[at])} values: {','.join(cells[at])}" for at in wrong]
            self._leave_out(f"expected {width} values, one per column", [numbers[at] for at in wrong], received)
            cells, numbers = _without(cells, wrong), _without(numbers, wrong)
        if self._lines.is_damaged:
            wrong = [at for at, record in enumerate(cells) if not _is_text(",".join(record))]
            received = [",".join(cells[at]) for at in wrong]
            self._leave_out("expected text in UTF-8", [numbers[at] for at in wrong], received)
            cells, numbers = _without(cells, wrong), _without(numbers, wrong)
        return Rows(cells, Places("line", numbers))


class _Lines:
    """The lines of a file with their ends, many at a time. What is no UTF-8 comes as lone surrogates, so that only its
    row is lost; `is_damaged` once there was any. `before` are the lines in front of where it begins."""

    def __init__(self, stream: IO[bytes], begin: Mark | None = None) -> None:
        guarded = io.BufferedReader(_LineGuard(stream), BLOCK)
        head = b"" if begin else guarded.peek(len(BOM))
        if head[:2] in UTF_16:
            raise _unreadable("/", "text in UTF-8", "UTF-16")
        has_mark = head.startswith(BOM)
        self._text = io.TextIOWrapper(guarded, "utf-8-sig" if has_mark else "utf-8", "surrogateescape", newline="")
        self._block: list[str] = []
        self._bytes = 0  # of the block
        self._at = begin.at if begin else len(BOM) * has_mark
        self.before = begin.lines if begin else 0
        self._first = self.before + 1
        self.characters = 0
        self.is_damaged = False

    def blocks(self) -> Iterator[list[str]]:
        while block := self._text.readlines(BLOCK):
            self._first += len(self._block)
            self._at += self._bytes
            self._block = block
            text = "".join(block)
            self._bytes = _bytes_of(text)
            self.characters += len(text)
            if not self.is_damaged and not text.isascii() and not _is_text(text):
                self.is_damaged = True
            yield block

    def mark(self, number: int) -> Mark:
        """Behind a line of the last block."""
        return Mark(self._at + _bytes_of("".join(self._block[: number + 1 - self._first])), number)

    def line(self, number: int) -> str:
        """A line of the last block."""
        at = number - self._first
        return self._block[at] if 0 <= at < len(self._block) else ""


class _LineGuard(io.RawIOBase):
    """Refuses a file with a line that memory may not hold, before it does."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__()
        self._stream = stream
        self._since = 0  # bytes after the last line end

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        end = max(data.rfind(b"\n"), data.rfind(b"\r"))
        self._since = len(data) - end - 1 if end >= 0 else self._since + len(data)
        if self._since > LONGEST_LINE:
            raise _unreadable("/", f"lines of at most {LONGEST_LINE} bytes", "a longer one")
        return len(data)


def _require_text(header: list[str]) -> None:
    """Raises InvalidRequest for what is no CSV but can be taken for one."""
    if any("\0" in name for name in header):
        raise _unreadable("/", "text in UTF-8", "UTF-16, or what is no text")
    other = next((name for mark, name in OTHER_SEPARATORS.items() if len(header) == 1 and mark in header[0]), None)
    if other:
        raise _unreadable("/", "columns separated by commas", f"{shown(header[0])}, separated by {other}")


def _without(things: list, wrong: list[int]) -> list:  # type: ignore[type-arg]
    left_out = set(wrong)
    return [thing for at, thing in enumerate(things) if at not in left_out]


def _bytes_of(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogateescape"))


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _unreadable(pointer: str, expected: str, received: str) -> InvalidRequest:
    return InvalidRequest.of([Problem(pointer, expected, received)])
