"""A file of training data as the profile of its rows, read from one end to the other in chunks."""

import gc
import io
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from functions.core.errors import InvalidRequest, Problem
from functions.core.leaves import Leaf, leaves
from functions.core.signature import Signature
from functions.numerics.profiles.stored import Profiles, from_bytes, merge_profiles, profile_rows, to_bytes
from functions.sonar.table import row_fields
from functions.sonar.training.begun import Begun, Mark
from functions.sonar.training.columns import Columns, to_columns
from functions.sonar.training.csv_rows import CsvFile
from functions.sonar.training.layout import Layout, lay_out
from functions.sonar.training.parquet_rows import MAGIC, ParquetFile
from functions.sonar.training.range_file import RangeFile
from functions.sonar.training.rejected import Rejected

RANGE = 1 << 22  # bytes of one request for a CSV
TOGETHER = 16  # profiles of chunks that are merged at once
FOREIGN = {
    b"\x1f\x8b": "gzip",
    b"PK\x03\x04": "a zip archive or a spreadsheet",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "Zstandard",
    b"PARE": "Parquet with an encrypted footer",
    b"ORC": "ORC",
    b"Obj\x01": "Avro",
    b"ARROW1": "Arrow",
}

Progress = Callable[[float], bool | None]


class Read(NamedTuple):
    """Up to `rest`, where that is not the end."""

    profiles: Profiles
    rejected: Rejected
    layout: Layout
    rest: Mark | None = None

    def so_far(self, rest: Mark) -> Begun:
        listed = self.rejected.listed()
        stored = to_bytes(self.profiles)
        return Begun(mark=rest, profiles=stored, rejected=self.rejected.rows, rejections=listed)


class Chunk(NamedTuple):
    """`share` of the file is read with it, up to `mark`."""

    rows: int
    columns: Columns
    share: float
    mark: Callable[[], Mark]


def read_file(signature: Signature, file: RangeFile, size: int, progress: Progress, begun: Begun | None = None) -> Read:
    """`progress` is told the share that was read, after each chunk. It may raise, or answer True to stop there: what
    was read is then `begun`, and goes on another time to the same result.

    Raises InvalidRequest for a file that is of no use, with the reason; what reading `file` raises.
    """
    rejected = Rejected(begun.rejected, begun.rejections) if begun else Rejected()
    parts = [from_bytes(begun.profiles)] if begun else []
    fields, required = row_fields(signature), {leaf.name for leaf in leaves(signature.inputs)}
    layout, chunks = _open(fields, required, file, size, rejected, begun.mark if begun else None)
    for chunk in chunks:
        if chunk.rows:
            parts.append(profile_rows(fields, chunk.columns))
        if len(parts) == TOGETHER:
            parts = [merge_profiles(parts)]
        if progress(min(1.0, chunk.share)):
            return Read(merge_profiles(parts), rejected, layout, chunk.mark())
    profiles = merge_profiles(parts)
    if not profiles.rows:
        raise InvalidRequest.of([Problem("/", "at least one row that fits the signature", _nothing(rejected))])
    return Read(profiles, rejected, layout)


def _open(
    fields: Sequence[Leaf], required: set[str], file: RangeFile, size: int, rejected: Rejected, begin: Mark | None
) -> tuple[Layout, Iterator[Chunk]]:
    """What is in the file, and its chunks."""
    head = file.read(8)
    file.seek(0)
    foreign = next((name for magic, name in FOREIGN.items() if head.startswith(magic)), None)
    if foreign:
        raise InvalidRequest.of([Problem("/", "CSV or Parquet as it is", foreign)])
    if head.startswith(MAGIC):
        parquet = ParquetFile(file, rejected)
        layout = lay_out(fields, parquet.columns, required, parquet.lists)
        return layout, _parquet_chunks(parquet, layout, begin)
    table = CsvFile(io.BufferedReader(file, RANGE), rejected, begin)
    layout = lay_out(fields, table.columns, required)
    return layout, _csv_chunks(table, layout, rejected, lambda: file.tell() / size)


def _csv_chunks(table: CsvFile, layout: Layout, rejected: Rejected, share: Callable[[], float]) -> Iterator[Chunk]:
    """With the collector at rest while there are rows: it would look through all of them again and again, and none is
    garbage. Reading takes half the time without."""
    chunks = table.chunks()
    while True:
        gc.disable()
        try:
            rows = next(chunks, None)
            found = to_columns(layout, rows, rejected) if rows else None
        finally:
            gc.enable()
        if found is None:
            return
        del rows
        yield Chunk(*found, share(), table.mark)


def _parquet_chunks(parquet: ParquetFile, layout: Layout, begin: Mark | None) -> Iterator[Chunk]:
    for batch in parquet.batches(layout, begin.at if begin else 0):
        yield Chunk(batch.rows, batch.columns, parquet.seen / max(1, parquet.rows), lambda: Mark(parquet.seen))


def _nothing(rejected: Rejected) -> str:
    if not rejected.rows:
        return "none"
    first = rejected.listed()[0]
    return f"{rejected.rows} others: {first.reason}, received {first.examples[0].received!r}"
