"""Parquet as data frames write it: typed, with gaps, with lists."""

import csv
import io
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.dtypes import DType
from functions.core.errors import InvalidRequest, Unavailable
from functions.core.signature import Profile
from functions.numerics.profiles.stored import to_bytes
from functions.sonar.training import parquet_rows
from functions.sonar.training.range_file import RangeFile
from functions.sonar.training.read_file import read_file
from tests.unit.sonar.training.files import field, parquet, read, signature, view

X_TO_Y = signature(field("x"))


@given(
    rows=st.lists(
        st.tuples(
            st.none() | st.floats(allow_nan=False),
            st.none() | st.integers(-(2**63), 2**63 - 1),
            st.none() | st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), min_size=1),
            st.none() | st.booleans(),
        ).filter(lambda row: any(value is not None for value in row)),
        min_size=1,
        max_size=30,
    )
)
def test_s02_the_same_table_has_the_same_profile_as_csv_and_as_parquet(rows: list[tuple[Any, ...]]) -> None:
    kinds = [pa.float64(), pa.int64(), pa.string(), pa.bool_()]
    names = ["x", "n", "t", "b"]
    of = signature(field("x"), field("n", DType.INT64), field("t", DType.STRING), field("b", DType.BOOL))
    columns = {
        name: pa.array(column, kind) for name, column, kind in zip(names, zip(*rows, strict=True), kinds, strict=True)
    }
    text = io.StringIO()
    csv.writer(text).writerows([names, *(["" if value is None else value for value in row] for row in rows)])
    both = [read(of, content) for content in (parquet(7, **columns), text.getvalue().encode())]
    assert [one.rejected.rows for one in both] == [0, 0]
    assert to_bytes(both[0].profiles) == to_bytes(both[1].profiles)


def test_s02_types_that_cannot_hold_the_field_are_refused_by_name() -> None:
    of = signature(field("x"), field("n", DType.INT32), field("t", DType.STRING), field("b", DType.BOOL))
    with pytest.raises(InvalidRequest) as refusal:
        read(of, parquet(x=["a"], n=[True], t=[1], b=["true"]))
    told = {problem.pointer: (problem.expected, problem.received) for problem in refusal.value.problems}
    assert told == {
        "/x": ("DT_DOUBLE", "string"),
        "/n": ("DT_INT32", "bool"),
        "/t": ("DT_STRING", "int64"),
        "/b": ("DT_BOOL", "string"),
    }


def test_s02_values_that_do_not_fit_cost_their_row() -> None:
    of = signature(field("n", DType.INT8), field("x", DType.FLOAT))
    profiles, rejected, _ = read(of, parquet(n=[1.0, 2.5, 300.0, None, np.nan], x=[1.0, 2.0, 3.0, 1e39, None]))
    assert (profiles.rows, rejected.rows) == (2, 3)
    told = {each.reason: [(e.place, e.received) for e in each.examples] for each in rejected.listed()}
    assert told == {
        "n: expected DT_INT8, a whole number from -128 to 127": [("row 2", "2.5"), ("row 3", "300.0")],
        "x: expected DT_FLOAT, a number": [("row 4", "1e+39")],
    }


def test_s07_vectors_are_lists_and_rows_of_another_shape_are_rejected() -> None:
    of = signature(field("v", DType.FLOAT, (2,)), field("m", DType.INT64, (2, 2)), field("free", dims=(-1,)))
    profiles, rejected, _ = read(
        of,
        parquet(
            v=[[1.0, 2.0], [3.0, 4.0], None, [5.0], [6.0, None]],
            m=[[[1, 2], [3, 4]]] * 5,
            free=[[1.0], [2.0, 3.0], [], None, None],
        ),
    )
    assert (profiles.rows, rejected.rows) == (3, 2)
    assert [each["quantile"]["max"] for each in view(profiles, "v")["elements"]] == [3, 4]
    assert view(profiles, "v")["common"] == {"count": 3, "missing": 1}
    assert [each["quantile"]["max"] for each in view(profiles, "m")["elements"]] == [1, 2, 3, 4]
    assert view(profiles, "free")["together"]
    reasons = {each.reason: each.examples[0].place for each in rejected.listed()}
    assert reasons == {"v: expected shape [2]": "row 4", "v: expected DT_FLOAT, a number": "row 5"}


def test_s06_images_are_lists_of_lists() -> None:
    of = signature(field("image", DType.UINT8, (4, 4), profile=Profile.IMAGE))
    profiles, _, _ = read(of, parquet(image=[[[10] * 4] * 4, [[20] * 4] * 4]))
    statistics = view(profiles, "image")["statistics"]
    assert statistics["brightness"]["quantile"]["max"] == pytest.approx(20)
    assert statistics["height"]["quantile"]["max"] == 4


def test_s06_images_of_any_size_keep_their_shape() -> None:
    of = signature(field("image", DType.UINT8, (-1, -1), profile=Profile.IMAGE), field("m", dims=(2, -1)))
    square = [[1.0, 2.0], [3.0, 4.0]]
    profiles, rejected, _ = read(
        of, parquet(image=[[[10] * 3] * 2, [[20] * 5] * 4, [[1], [2, 3]]], m=[square, [[1.0] * 3] * 2, square])
    )
    statistics = view(profiles, "image")["statistics"]
    assert [statistics[name]["quantile"]["max"] for name in ("height", "width", "brightness")] == [4, 5, 20]
    assert (profiles.rows, rejected.listed()[0].examples[0].place) == (2, "row 3")
    assert view(profiles, "m")["together"]


def test_s02_encoded_text_decimals_and_other_columns() -> None:
    of = signature(field("t", DType.STRING), field("x"))
    text = pa.array(["a", "b", None, "a"]).dictionary_encode()
    money = pa.array([1, 2, None, 4], pa.int64()).cast(pa.decimal128(21, 2))
    profiles, _, layout = read(of, parquet(t=text, x=money, when=pa.array([0] * 4, pa.timestamp("us"))))
    assert {each["value"] for each in view(profiles, "t")["frequencies"]} == {"a", "b"}
    assert view(profiles, "x")["quantile"]["max"] == 4
    assert (layout.ignored, layout.absent) == (("when",), ("y",))


def test_s07_lists_of_any_length_keep_their_own_type() -> None:
    of = signature(field("v", DType.UINT64, (-1,)), field("d", dims=(-1,)), field("t", DType.STRING, (-1,)))
    largest = pa.array([[2**64 - 1, 1], [2], []], pa.list_(pa.uint64()))
    money = pa.array([[1, 2], [], [3]], pa.list_(pa.int64())).cast(pa.list_(pa.decimal128(21, 2)))
    profiles, rejected, _ = read(of, parquet(v=largest, d=money, t=[["a"], ["b", "c"], []]))
    assert (profiles.rows, rejected.rows) == (3, 0)
    assert view(profiles, "v")["elements"][0]["quantile"]["max"] == 2**64 - 1
    assert view(profiles, "d")["elements"][0]["quantile"]["max"] == 3


def test_s01_a_connection_that_breaks_is_no_damaged_file() -> None:
    content = parquet(x=np.arange(10_000.0))

    def broken(start: int, length: int) -> bytes:
        if start < 40_000:
            raise ConnectionResetError("by peer")
        return content[start : start + length]

    with pytest.raises(Unavailable, match="by peer"):
        read_file(X_TO_Y, RangeFile(broken, len(content)), len(content), lambda _: None)


@pytest.mark.parametrize("damage", [lambda file: file[:40], lambda file: b"PAR1" + bytes(100)])
def test_s02_a_damaged_file_is_refused(damage: Any) -> None:
    with pytest.raises(InvalidRequest, match="expected a Parquet file"):
        read(X_TO_Y, damage(parquet(x=[1.0])))


def test_s02_batches_are_bounded_by_bytes_whatever_the_row_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_rows, "BATCH_BYTES", 8_000)
    told: list[float] = []
    profiles, _, _ = read(X_TO_Y, parquet(100_000, x=np.arange(10_000.0)), told.append)
    assert profiles.rows == 10_000
    assert len(told) >= 10
    assert told == sorted(told)
    assert told[-1] == 1.0
