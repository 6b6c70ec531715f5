"""A file larger than the function's memory: what is held does not grow with it."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

ROOT = Path(__file__).resolve().parents[4]
MIB = 1024**2
# Reads a file in a process of its own, and says how much that process grew at most, after it had read a small one.
MEASURE = """
import json, os, resource, sys
sys.path.insert(0, sys.argv[1])
from functions.core.dtypes import DType
from functions.core.signature import Field, Shape, Signature
from functions.sonar.training.range_file import RangeFile
from functions.sonar.training.read_file import read_file

names = sys.argv[3].split(",")
of = Signature("predict", tuple(Field(name, DType.DOUBLE, Shape(())) for name in names), (Field("y", DType.DOUBLE),))

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

def read(path):
    size, handle = os.stat(path).st_size, os.open(path, os.O_RDONLY)
    largest = 0
    def read_range(start, length):
        nonlocal largest
        largest = max(largest, length)
        return os.pread(handle, length, start)
    done = read_file(of, RangeFile(read_range, size), size, lambda _: None)
    return done.profiles.rows, largest

read(sys.argv[4])
before = peak()
rows, largest = read(sys.argv[2])
print(json.dumps({"rows": rows, "largest": largest, "grown": peak() - before}))
"""


def measure(large: Path, small: Path, names: str) -> dict[str, int]:
    command = [sys.executable, "-c", MEASURE, str(ROOT), str(large), names, str(small)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=250)
    assert done.returncode == 0, done.stderr
    found: dict[str, int] = json.loads(done.stdout)
    return found


@pytest.mark.slow
def test_s01_a_csv_of_any_size_is_read_in_the_memory_of_a_chunk(tmp_path: Path) -> None:
    rows = b"".join(b"%d.25,%d,%d.125\n" % (n, n * 7, -n) for n in range(10_000_000, 10_100_000))
    small, large = tmp_path / "small.csv", tmp_path / "large.csv"
    small.write_bytes(b"a,b,c\n" + rows * 4)
    with large.open("wb") as file:
        file.write(b"a,b,c\n")
        for _ in range(20):
            file.write(rows)
    found = measure(large, small, "a,b,c")
    assert large.stat().st_size > 60 * MIB
    assert found["rows"] == 2_000_000
    assert found["largest"] <= 4 * MIB
    assert found["grown"] < 24 * MIB


@pytest.mark.slow
def test_s01_one_row_group_of_any_size_is_read_in_the_memory_of_a_batch(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    small, large = tmp_path / "small.parquet", tmp_path / "large.parquet"
    for path, rows in ((small, 400_000), (large, 5_000_000)):
        table = pa.table({"a": random.normal(size=rows), "b": random.normal(size=rows)})
        pq.write_table(table, path, row_group_size=rows, use_dictionary=False)
    found = measure(large, small, "a,b")
    assert large.stat().st_size > 70 * MIB
    assert found["rows"] == 5_000_000
    assert found["largest"] <= 8 * MIB
    assert found["grown"] < 40 * MIB
