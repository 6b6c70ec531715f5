"""A file that is read by one worker after the other is read as by one."""

from itertools import count

import numpy as np
import pytest

from functions.core.dtypes import DType
from functions.core.signature import Signature
from functions.sonar.training import csv_rows, parquet_rows
from functions.sonar.training.begun import from_bytes, to_bytes
from functions.sonar.training.read_file import Read, read_file
from tests.unit.sonar.training.files import Whole, field, parquet, range_file, read, signature

OF = signature(field("x"), field("t", DType.STRING))


def read_in_turns(of: Signature, content: bytes) -> tuple[Read, int]:
    """Each worker reads one chunk; and how many workers it took."""
    begun = None
    for turn in count(1):
        found = read_file(of, range_file(content), len(content), lambda _: True, begun)
        if found.rest is None:
            return found, turn
        begun = from_bytes(to_bytes(found.so_far(found.rest)))
    raise AssertionError


def told(found: Read | Whole) -> object:
    reasons = sorted(found.rejected.listed(), key=lambda each: each.reason)
    return found.profiles.view(), found.rejected.rows, reasons, found.layout


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("block", [4, 16, 1 << 20])
def test_s01_a_csv_goes_on_at_its_next_row(
    monkeypatch: pytest.MonkeyPatch, mark: bytes, end: bytes, block: int
) -> None:
    monkeypatch.setattr(csv_rows, "ROWS", 3)
    monkeypatch.setattr(csv_rows, "BLOCK", block)
    rows = [
        b"1,plain",
        b'2,"two\nlines, quoted"',
        "3,größer 日本".encode(),
        b"bad,row",
        b"4,\xff",
        b"",
        b"5",
        b'6,"a"b',
        b"7,end",
    ]
    content = mark + end.join([b"x,t", *rows * 4, b""])
    whole, (found, turns) = read(OF, content), read_in_turns(OF, content)
    assert told(found) == told(whole)
    assert (found.profiles.rows, found.rejected.rows) == (16, 16)
    assert turns > 8


@pytest.mark.parametrize("group", [1, 7, 1000])
def test_s01_parquet_goes_on_at_its_next_row(monkeypatch: pytest.MonkeyPatch, group: int) -> None:
    monkeypatch.setattr(parquet_rows, "ROWS", 5)
    x = np.arange(100.0)
    x[::9] = 1e39
    of = signature(field("x", DType.FLOAT))
    content = parquet(group, x=x)
    whole, (found, turns) = read(of, content), read_in_turns(of, content)
    assert told(found) == told(whole)
    assert (found.profiles.rows, found.rejected.rows) == (88, 12)
    assert turns > 20
