"""Tensors against a signature: every problem at once, each pointed at."""

from typing import Any

import pytest

from functions.core.dtypes import DType, encode, join_bytes
from functions.core.leaves import leaves
from functions.core.place import escape
from functions.core.plain import read_plain
from functions.core.signature import MAX_DEPTH, Field, Shape
from functions.core.tensor import Tensor
from functions.core.validate import check_shape, check_tensor, check_tensors


def field(name: str, dtype: DType = DType.DOUBLE, dims: tuple[int, ...] | None = ()) -> Field:
    return Field(name, dtype, None if dims is None else Shape(dims))


def tensor(dtype: DType, shape: tuple[int, ...], *values: Any) -> Tensor:
    return Tensor(dtype, shape, encode(dtype, values))


def test_what_fits_has_no_problems() -> None:
    fields = [field("a"), field("b", DType.INT8, (-1, 2)), field("c", DType.STRING, None)]
    given = {
        "a": tensor(DType.DOUBLE, (), 1.0),
        "b": tensor(DType.INT8, (2, 2), 1, 2, 3, 4),
        "c": tensor(DType.STRING, (1, 1), "x"),
    }
    assert check_tensors(fields, given) == []


def test_g08_all_problems_are_found_at_once() -> None:
    fields = [field("a"), field("b", DType.INT8, (2,)), field("c/d")]
    given = {"b": tensor(DType.DOUBLE, (2, 1), 1.0, 2.0)}
    assert [p.pointer for p in check_tensors(fields, given, "/in")] == [
        "/in/a",
        "/in/b/datatype",
        "/in/b/shape",
        "/in/c~1d",
    ]


@pytest.mark.parametrize(
    ("dims", "shape", "fits"),
    [
        ((), (), True),
        ((), (1,), False),
        ((1,), (), False),
        ((-1,), (0,), True),
        ((-1, 8), (3, 8), True),
        ((-1, 8), (3, 7), False),
        ((-1, 8), (3, 8, 1), False),
        ((2, 3), (2,), False),
        (None, (5, 5, 5), True),
        (None, (1,) * MAX_DEPTH, True),
        (None, (1,) * (MAX_DEPTH + 1), False),
    ],
)
def test_g07_rank_and_sizes_are_checked(dims: tuple[int, ...] | None, shape: tuple[int, ...], fits: bool) -> None:
    assert (check_shape(leaves([field("f", dims=dims)])[0], shape, "/f") == []) is fits


@pytest.mark.parametrize(
    ("dtype", "shape", "raw"),
    [
        (DType.DOUBLE, (2,), b"\0" * 8),
        (DType.DOUBLE, (1,), b"\0" * 9),
        (DType.STRING, (1,), b"\x09\0\0\0a"),
        (DType.STRING, (1,), join_bytes([b"\xff"])),
    ],
)
def test_data_must_fill_the_shape_and_be_what_they_say(dtype: DType, shape: tuple[int, ...], raw: bytes) -> None:
    problems = check_tensor(leaves([field("f", dtype, None)])[0], Tensor(dtype, shape, raw), "/f")
    assert [problem.pointer for problem in problems] == ["/f/data"]


def test_plain_json_gives_tensors_problems_and_strangers() -> None:
    fields = [field("a"), field("b", DType.INT8, (2,)), field("c")]
    reading = read_plain(fields, {"a": 1, "b": [1, 2, 3], "zzz": 0, "": 1})
    assert reading.tensors == {"a": tensor(DType.DOUBLE, (), 1)}
    assert [(p.pointer, p.received) for p in reading.problems] == [
        ("/b", "shape [3]"),
        ("/c", "nothing: the field is missing"),
    ]
    assert reading.strangers == ["zzz", ""]


@pytest.mark.parametrize("body", [None, [], "text", 5])
def test_a_body_that_is_no_object_is_one_problem(body: Any) -> None:
    assert [problem.pointer for problem in read_plain([field("a")], body).problems] == [""]


def test_names_are_escaped_in_pointers() -> None:
    assert escape("a/b~c") == "a~1b~0c"
