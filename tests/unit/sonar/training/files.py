"""Files of training data for tests, read as the function reads them."""

import io
from collections.abc import Callable
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from functions.core.dtypes import DType
from functions.core.signature import Field, Profile, Shape, Signature
from functions.numerics.profiles.stored import Profiles
from functions.sonar.training.layout import Layout
from functions.sonar.training.range_file import RangeFile
from functions.sonar.training.read_file import read_file
from functions.sonar.training.rejected import Rejected


def field(name: str, dtype: DType = DType.DOUBLE, dims: tuple[int, ...] | None = (), **more: Any) -> Field:
    return Field(name, dtype, None if dims is None else Shape(dims), more.get("profile", Profile.NONE))


def signature(*inputs: Field, outputs: tuple[Field, ...] = (field("y"),)) -> Signature:
    return Signature("predict", inputs, outputs)


class Whole(NamedTuple):
    """A file that was read to its end."""

    profiles: Profiles
    rejected: Rejected
    layout: Layout


def read(of: Signature, content: bytes, progress: Callable[[float], None] = lambda _: None) -> Whole:
    found = read_file(of, range_file(content), len(content), progress)
    assert found.rest is None
    return Whole(found.profiles, found.rejected, found.layout)


def range_file(content: bytes) -> RangeFile:
    return RangeFile(lambda start, length: content[start : start + length], len(content))


def parquet(row_group_size: int = 1000, **columns: Any) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out, row_group_size=row_group_size)
    return out.getvalue()


def view(profiles: Profiles, name: str) -> dict[str, Any]:
    return profiles.fields[name].view()
