"""A file of training data as the profile of its rows, read from one end to the other in chunks."""

import gc
import io
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from functions.core.errors import InvalidRequest, Problem
from functions.core.leaves import Leaf, leaves
from functions.core.signature import Signature
from functions.numerics.profiles.stored import Profiles, merge_profiles, profile_rows
from functions.sonar.table import row_fields
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

Progress = Callable[[float], None]


class Read(NamedTuple):
    profiles: Profiles
    rejected: Rejected
    layout: Layout


def read_file(signature: Signature, file: RangeFile, size: int, progress: Progress) -> Read:
    """`progress` is told the share that was read, after each chunk, and may raise.

    Raises InvalidRequest for a file that is of no use, with the reason; what reading `file` raises.
    """
    rejected = Rejected()
    fields, required = row_fields(signature), {leaf.name for leaf in leaves(signature.inputs)}
    layout, chunks = _open(fields, required, file, size, rejected)
    parts: list[Profiles] = []
    for rows, columns, share in chunks:
        if rows:
            parts.append(profile_rows(fields, columns))
        if len(parts) == TOGETHER:
            parts = [merge_profiles(parts)]
        progress(min(1.0, share))
    profiles = merge_profiles(parts)
    if not profiles.rows:
        raise InvalidRequest.of([Problem("/", "at least one row that fits the signature", _nothing(rejected))])
    return Read(profiles, rejected, layout)


def _open(
    fields: Sequence[Leaf], required: set[str], file: RangeFile, size: int, rejected: Rejected
) -> tuple[Layout, Iterator[tuple[int, Columns, float]]]:
    """What is in the file, and its chunks: rows, columns, and the share of the file that is read with them."""
    head = file.read(8)
    file.seek(0)
    foreign = next((name for magic, name in FOREIGN.items() if head.startswith(magic)), None)
    if foreign:
        raise InvalidRequest.of([Problem("/", "CSV or Parquet as it is", foreign)])
    if head.startswith(MAGIC):
        parquet = ParquetFile(file, rejected)
        layout = lay_out(fields, parquet.columns, required, parquet.lists)
        return layout, _parquet_chunks(parquet, layout)
    table = CsvFile(io.BufferedReader(file, RANGE), rejected)
    layout = lay_out(fields, table.columns, required)
    return layout, ((rows, columns, file.tell() / size) for rows, columns in _csv_chunks(table, layout, rejected))


def _csv_chunks(table: CsvFile, layout: Layout, rejected: Rejected) -> Iterator[tuple[int, Columns]]:
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
        yield found


def _parquet_chunks(parquet: ParquetFile, layout: Layout) -> Iterator[tuple[int, Columns, float]]:
    seen, rejected_before = 0, parquet.rejected.rows
    for batch in parquet.batches(layout):
        seen = batch.rows + seen + parquet.rejected.rows - rejected_before
        rejected_before = parquet.rejected.rows
        yield batch.rows, batch.columns, seen / max(1, parquet.rows)


def _nothing(rejected: Rejected) -> str:
    if not rejected.rows:
        return "none"
    first = rejected.listed()[0]
    return f"{rejected.rows} others: {first.reason}, received {first.examples[0].received!r}"
