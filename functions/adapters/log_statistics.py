"""Which rows of a file can match comparisons with numbers, by what its footer says of each row group.

Polars passes over the statistics of floats, since they say nothing of NaN, and of lists. Here a NaN matches no
comparison but `!=`, for which nothing is left out; and where no element of a vector is large enough, the one that is
asked for is not.
"""

import io
import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from functions.adapters.s3 import is_missing
from functions.core.checks import Operator
from functions.core.ledger import Segment
from functions.core.request_log import Comparison, Of, Wanted

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from pyarrow.parquet import FileMetaData

TAIL = 256 * 1024  # bytes; holds the footer of a full file with a hundred columns
WORTH = 65_536  # rows; of a smaller file the footer costs as much as its columns
THREADS = 16
MAY_HOLD: dict[Operator, Callable[[float, float, float], bool]] = {
    Operator.GREATER: lambda _, greatest, value: greatest > value,
    Operator.GREATER_EQ: lambda _, greatest, value: greatest >= value,
    Operator.LESS: lambda least, _, value: least < value,
    Operator.LESS_EQ: lambda least, _, value: least <= value,
    Operator.EQ: lambda least, greatest, value: least <= value <= greatest,
}
Stretch = tuple[int, int]  # the place of the first row, and how many rows
Tails = Callable[[str], bytes]  # the last TAIL bytes of a file, by its key; raises FileNotFoundError


def s3_tails(client: "S3Client", bucket: str) -> Tails:
    def tail(key: str) -> bytes:
        try:
            return client.get_object(Bucket=bucket, Key=key, Range=f"bytes=-{TAIL}")["Body"].read()
        except (ClientError, BotoCoreError) as error:
            gone = isinstance(error, ClientError) and is_missing(error)
            raise FileNotFoundError(key) if gone else OSError(str(error)) from error

    return tail


def folder_tails(root: str) -> Tails:
    def tail(key: str) -> bytes:
        with (Path(root) / key).open("rb") as file:
            file.seek(max(0, file.seek(0, io.SEEK_END) - TAIL))
            return file.read()

    return tail


def stretches(tails: Tails, segments: Sequence[Segment], wanted: Wanted) -> dict[str, list[Stretch]]:
    """By key, the parts that can hold a wanted row, of those files where it is worth to know. Raises OSError."""
    comparisons = [one for one in wanted.comparisons if one.of in (Of.INPUT, Of.OUTPUT) and _is_bounded(one)]
    large = [segment.key for segment in segments if comparisons and segment.rows >= WORTH]
    if not large:
        return {}
    with ThreadPoolExecutor(THREADS, thread_name_prefix="footer") as pool:
        found = list(pool.map(tails, large))
    return {key: list(_stretches(tail, comparisons)) for key, tail in zip(large, found, strict=True) if _is_whole(tail)}


def _is_bounded(comparison: Comparison) -> bool:
    is_number = isinstance(comparison.value, int | float) and not isinstance(comparison.value, bool)
    return is_number and comparison.operator in MAY_HOLD


def _is_whole(tail: bytes) -> bool:
    """Does it hold the footer? Its length stands before the last four bytes (the Parquet format)."""
    return len(tail) > int.from_bytes(tail[-8:-4], "little") + 8


def _stretches(tail: bytes, comparisons: Sequence[Comparison]) -> Iterator[Stretch]:
    """Row groups that follow one another are one stretch."""
    from pyarrow.parquet import read_metadata

    footer = read_metadata(io.BytesIO(tail))
    columns = {footer.schema.column(at).path.split(".")[0]: at for at in range(footer.num_columns)}
    begin = place = 0
    for group in range(footer.num_row_groups):
        rows = footer.row_group(group).num_rows
        if not all(_may_hold(footer, group, columns, one) for one in comparisons):
            if place > begin:
                yield begin, place - begin
            begin = place + rows
        place += rows
    if place > begin:
        yield begin, place - begin


def _may_hold(footer: "FileMetaData", group: int, columns: dict[str, int], comparison: Comparison) -> bool:
    side = "in" if comparison.of is Of.INPUT else "out"
    at = columns.get(f"{side}_{comparison.name}")
    told = None if at is None else footer.row_group(group).column(at).statistics
    if told is None or not told.has_min_max or any(math.isnan(bound) for bound in (told.min, told.max)):
        return True
    return MAY_HOLD[comparison.operator](told.min, told.max, float(comparison.value))
