"""CSV as people and programs write it: nothing is lost without a word."""

import csv
import gzip
import io
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from functions.core.dtypes import DType
from functions.core.errors import InvalidRequest
from functions.sonar.training import csv_rows
from functions.sonar.training.csv_rows import CsvFile
from functions.sonar.training.rejected import Rejected
from tests.unit.sonar.training.files import field, range_file, read, signature, view

X_TO_Y = signature(field("x"))
# no NUL: Python's csv before 3.13 writes it and does not say how; no lone surrogate: that is no text
TEXTS = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=12)


def rows_of(content: bytes) -> tuple[list[str], list[list[str]], list[str], Rejected]:
    rejected = Rejected()
    table = CsvFile(io.BufferedReader(range_file(content)), rejected)
    cells, places = [], []
    for rows in table.chunks():
        cells += rows.cells
        places += rows.places
    return table.columns, cells, places, rejected


# with "\n" between rows Python's writer leaves a "\r" without quotes unless it quotes everything
STYLES = [("\r\n", csv.QUOTE_MINIMAL), ("\n", csv.QUOTE_ALL), ("\r\n", csv.QUOTE_ALL)]


@given(
    rows=st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(TEXTS, min_size=width, max_size=width), min_size=1)),
    style=st.sampled_from(STYLES),
    mark=st.sampled_from(["", "\ufeff"]),
)
@example(rows=[['a,"b"\r\nc', "", " d "]], style=STYLES[0], mark="\ufeff")
@example(rows=[["\r", "\n\n", '"']], style=STYLES[1], mark="")
def test_s02_what_pythons_writer_wrote_is_read_back(rows: list[list[str]], style: tuple[str, Any], mark: str) -> None:
    ending, quoting = style
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=ending, quoting=quoting)
    header = [f"c{at}" for at in range(len(rows[0]))]
    writer.writerows([header, *rows])
    columns, cells, places, rejected = rows_of((mark + text.getvalue()).encode())
    assert columns == header
    assert cells == rows
    assert rejected.rows == 0
    known = csv.reader(io.StringIO(text.getvalue(), newline=""))
    ends = [known.line_num for _ in known]
    assert places == [f"line {before + 1}" for before in ends[:-1]]


def test_s02_quotes_commas_line_ends_and_a_byte_order_mark() -> None:
    text = signature(field("x"), field("note", DType.STRING))
    content = '\ufeffnote,x\r\n"a, ""b""\r\nc",1\r\n5" pipe,2\r\n'.encode()
    profiles, rejected, _ = read(text, content)
    assert (profiles.rows, rejected.rows) == (2, 0)
    counted = {each["value"] for each in view(profiles, "note")["frequencies"]}
    assert counted == {'a, "b"\r\nc', '5" pipe'}
    assert view(profiles, "x")["quantile"]["max"] == 2


def test_s02_an_empty_value_is_missing() -> None:
    both = signature(field("x"), field("colour", DType.STRING), field("n", DType.INT64))
    profiles, rejected, _ = read(both, b"x,colour,n\n1,red,5\n,,\nnan,blue,7.0\n")
    assert rejected.rows == 0
    commons = {name: view(profiles, name)["common"] for name in ("x", "colour", "n")}
    assert [common["missing"] for common in commons.values()] == [1, 1, 1]
    assert commons["x"]["nan"] == 1
    assert view(profiles, "n")["quantile"]["max"] == 7


def test_s02_words_for_no_value_are_missing_but_not_among_strings() -> None:
    words = ["NA", "N/A", "null", "None", "\\N", "<NA>", "#N/A"]
    of = signature(field("x"), field("n", DType.INT8), field("b", DType.BOOL), field("s", DType.STRING))
    rows = [f"{word},{word},{word},{word}" for word in (*words, "NaN")]
    profiles, rejected, _ = read(of, "\n".join(["x,n,b,s", "1,2,true,s", *rows]).encode())
    assert (profiles.rows, rejected.rows) == (9, 0)
    assert [view(profiles, name)["common"]["missing"] for name in "xnbs"] == [7, 8, 8, 0]
    assert view(profiles, "x")["common"]["nan"] == 1  # of floats it is a value


def test_s02_columns_that_are_no_fields_may_be_called_alike() -> None:
    profiles, rejected, layout = read(X_TO_Y, b"x,,,\xff,\xff\n1,,,,\n")
    assert (profiles.rows, layout.ignored, rejected.listed()) == (1, ("(no name)", "\\udcff"), ())


def test_s02_rejected_rows_are_counted_by_reason_and_shown_with_their_line() -> None:
    small = signature(field("x"), field("n", DType.INT8))
    lines = ["x,n", "1,1", "abc,2", "3", '"4', '5",x', "6,300", "7,1.5", "1e999,1", "8,8", "9,9,9"]
    _, rejected, _ = read(small, "\n".join(lines).encode())
    listed = {each.reason: (each.count, [(e.place, e.received) for e in each.examples]) for each in rejected.listed()}
    assert listed == {
        "x: expected DT_DOUBLE, a number": (3, [("line 3", "abc"), ("line 5", "4\n5"), ("line 9", "1e999")]),
        "n: expected DT_INT8, a whole number from -128 to 127": (
            3,
            [("line 5", "x"), ("line 7", "300"), ("line 8", "1.5")],
        ),
        "expected 2 values, one per column": (2, [("line 4", "1 values: 3"), ("line 11", "3 values: 9,9,9")]),
    }
    assert rejected.rows == 7


def test_s02_what_is_not_utf_8_costs_its_row_alone() -> None:
    profiles, rejected, _ = read(signature(field("t", DType.STRING)), b"t\ngood\nb\xffd\nfine\n")
    assert profiles.rows == 2
    (told,) = rejected.listed()
    assert (told.reason, told.examples[0].place) == ("expected text in UTF-8", "line 3")


def test_s02_only_so_many_reasons_and_examples_are_kept_and_all_are_counted() -> None:
    wide = signature(*(field(f"x{n}") for n in range(60)))
    header = ",".join(f"x{n}" for n in range(60))
    bad = ",".join("?" * 60)
    good = ",".join("1" * 60)
    _, rejected, _ = read(wide, "\n".join([header, good, *[bad] * 10]).encode())
    listed = rejected.listed()
    assert rejected.rows == 10
    assert sum(each.count for each in listed) == 600
    assert len(listed) == 51
    assert {len(each.examples) for each in listed} == {5}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "/: expected a line that names the columns, received an empty file"),
        (b"\n\n", "received an empty file"),
        ("x,y\n1,2\n".encode("utf-16"), "expected text in UTF-8, received UTF-16"),
        (b"a,b\n1,2\n", "/x: expected a column of that name, received only a, b"),
        (b"x,x,y\n1,2,3\n", "/x: expected a column of that name once, received 2 of them"),
        (b"x;y\n1;2\n", "expected columns separated by commas, received x;y, separated by semicolons"),
        (b"x\ty\n1\t2\n", "separated by tabs"),
        ("x,y\n1,2\n".encode("utf-16-le"), "expected text in UTF-8, received UTF-16, or what is no text"),
        (gzip.compress(b"x\n1\n", mtime=0), "/: expected CSV or Parquet as it is, received gzip"),
        (b"PK\x03\x04", "received a zip archive or a spreadsheet"),
        (b"PARE....PARE", "received Parquet with an encrypted footer"),
        (b"x,y\n1,2,\n3,4,\n", "received 2 others: expected 2 values, one per column, received '3 values: 1,2,'"),
        (b'x\n1\n"2\n3\n4\n', "/line 3: expected quotes that are closed, received none until line 5"),
        (b"x\n", "expected at least one row that fits the signature, received none"),
        (b"x\na\nb\n", "received 2 others: x: expected DT_DOUBLE, a number, received 'a'"),
    ],
)
def test_s02_a_file_of_no_use_is_refused_with_the_reason(content: bytes, told: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        read(X_TO_Y, content)
    assert told in refusal.value.detail


def test_s02_a_line_without_an_end_is_refused_before_it_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_rows, "LONGEST_LINE", 100)
    with pytest.raises(InvalidRequest, match="expected lines of at most 100 bytes"):
        read(X_TO_Y, b"x\n" + b"1" * 1000)


def test_s02_columns_stand_in_any_order_and_strangers_are_told() -> None:
    profiles, _, layout = read(signature(field("a"), field("b")), b",b,stranger,a,y\n0,2,s,1,9\n")
    assert view(profiles, "a")["quantile"]["max"] == 1
    assert (layout.ignored, layout.absent) == (("(no name)", "stranger"), ())
    assert view(profiles, "y")["quantile"]["max"] == 9


def test_s02_a_header_of_any_size_leaves_a_record_of_a_bounded_one() -> None:
    strangers = [f"{n}{'z' * 1000}" for n in range(500)]
    _, _, layout = read(X_TO_Y, f"x,{','.join(strangers)}\n1{',' * 500}\n".encode())
    assert len(layout.ignored) == 100
    assert max(map(len, layout.ignored)) == 80


def test_s02_an_output_may_be_left_out() -> None:
    profiles, _, layout = read(X_TO_Y, b"x\n1\n")
    assert layout.absent == ("y",)
    assert list(profiles.fields) == ["x"]


def test_s07_vectors_are_flattened_columns() -> None:
    of = signature(field("v", dims=(3,)), field("n", DType.INT64, dims=(2, 2)))
    header = b"v_2,v_0,v_1,n_0,n_1,n_2,n_3\n"
    profiles, rejected, _ = read(of, header + b"3,1,2,1,2,3,4\n30,10,20,5,6,7,8\n,,,1,1,1,1\n1,,2,1,1,1,1\n")
    assert (profiles.rows, rejected.rows) == (3, 1)
    assert [each["quantile"]["max"] for each in view(profiles, "v")["elements"]] == [10, 20, 30]
    assert view(profiles, "v")["common"] == {"count": 3, "missing": 1}
    assert [each["quantile"]["max"] for each in view(profiles, "n")["elements"]] == [5, 6, 7, 8]
    assert rejected.listed()[0].reason == "v: expected a value for each element, or for none"


def test_s02_too_few_elements_are_told_by_name() -> None:
    with pytest.raises(InvalidRequest) as refusal:
        read(signature(field("v", dims=(4,))), b"v_0,v_1\n1,2\n")
    told = "/v: expected columns v_0, v_1, … that make up shape [4], received v_0 … v_1"
    assert told in refusal.value.detail


def test_rows_of_a_batched_signature_are_rows_of_the_file() -> None:
    batched = signature(field("x", dims=(-1,)), field("v", dims=(-1, 2)), outputs=(field("y", dims=(-1,)),))
    profiles, _, _ = read(batched, b"x,v_0,v_1,y\n1,2,3,4\n5,6,7,8\n")
    assert profiles.rows == 2
    assert view(profiles, "x")["kind"] == "numeric"
    assert [each["quantile"]["max"] for each in view(profiles, "v")["elements"]] == [6, 7]


def test_s02_numbers_are_rounded_to_the_fields_own_type() -> None:
    """A prediction's float32 0.1 is a little above the double 0.1, and inside the range of training all the same."""
    profiles, rejected, _ = read(signature(field("x", DType.FLOAT)), b"x\n0.1\n1e39\n")
    assert view(profiles, "x")["quantile"]["max"] > 0.1
    assert rejected.rows == 1


@pytest.mark.parametrize(
    ("dtype", "good", "bad"),
    [
        (DType.BOOL, ["true", "False", "1", "0", " TRUE ", "None"], ["yes", "2", "1.0"]),
        (DType.UINT64, ["18446744073709551615", "0", "7.0"], ["-1", "18446744073709551616", "-1.0"]),
        (DType.INT64, ["-9223372036854775808", "+5", "1e3", "nan"], ["9223372036854775808", "1_000", "inf"]),
        (DType.HALF, ["65504", "-inf", "NaN", "1e-9"], ["65520", "1e5", "0x10"]),
        (DType.DOUBLE, [".5", "5.", "Infinity", " 1 ", "NA", "null"], ["1,5", "-", "nothing"]),
    ],
)
def test_s02_each_type_takes_what_is_its_own(dtype: DType, good: list[str], bad: list[str]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([["x"], *([value] for value in good + bad)])
    profiles, rejected, _ = read(signature(field("x", dtype)), text.getvalue().encode())
    assert (profiles.rows, rejected.rows) == (len(good), len(bad))
    received = [example.received for each in rejected.listed() for example in each.examples]
    assert received == bad[:5]


def test_progress_is_told_up_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_rows, "ROWS", 1000)
    content = b"x\n" + b"1\n" * 5_000
    told: list[float] = []
    profiles, _, _ = read(X_TO_Y, content, told.append)
    assert profiles.rows == 5_000
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(told) >= 4
