"""Tensors as callers of the protocol give them: read, or the reasons why not."""

import struct
from typing import Any

import pytest

from functions.core.budget import Budget
from functions.core.dtypes import DType
from functions.core.given import given_json, given_raw
from functions.core.plain import read_plain
from functions.core.signature import Field
from functions.core.tensor import MOST_HOLLOW, Tensor, is_hollow


def test_json_flat_or_nested_with_a_free_dimension() -> None:
    expected = Tensor(DType.INT16, (2, 2), struct.pack("<4h", 1, 2, 3, 4))
    for shape in ([2, 2], [-1, 2], [2, -1]):
        for data in ([1, 2, 3, 4], [[1, 2], [3, 4]]):
            assert given_json("t", "INT16", shape, data, "/i", Budget()).tensor == expected


def test_a_scalar_may_be_bare() -> None:
    assert (
        given_json("t", "INT8", [], 5, "/i", Budget()).tensor == given_json("t", "INT8", [], [5], "/i", Budget()).tensor
    )


def test_raw_bytes_are_taken_as_they_are() -> None:
    assert given_raw("t", "FP32", [-1, 2], b"\0" * 24, "/i", Budget()).tensor == Tensor(DType.FLOAT, (3, 2), b"\0" * 24)


@pytest.mark.parametrize(
    ("datatype", "shape", "data", "pointers"),
    [
        ("BF16", [1], [1], ["/i/datatype"]),
        ("INT8", [-2], [1], ["/i/shape"]),
        ("INT8", [2**63], [1], ["/i/shape"]),
        ("INT8", [1] * 17, [1], ["/i/shape"]),
        ("int8", [-1, -1], [1], ["/i/shape", "/i/datatype"]),
        ("INT8", [3], [1, 2], ["/i/data"]),
        ("INT8", [2], [1, 200], ["/i/data/1"]),
        ("INT8", [1, 2], [[1], [2]], ["/i/data"]),
        ("INT8", [2], None, ["/i/data"]),
        ("BYTES", [1], [b""], ["/i/data/0"]),
    ],
)
def test_json_that_cannot_be_read_says_why(datatype: str, shape: list[int], data: Any, pointers: list[str]) -> None:
    given = given_json("t", datatype, shape, data, "/i", Budget())
    assert given.tensor is None
    assert [problem.pointer for problem in given.problems] == pointers


@pytest.mark.parametrize(
    ("datatype", "shape", "raw"),
    [
        ("FP64", [1], b"\0" * 7),
        ("FP64", [2], b"\0" * 8),
        ("FP64", [-1, 3], b"\0" * 32),
        ("BYTES", [1], b"\x05\0\0\0abc"),
        ("BYTES", [1], b"\x01\0\0\0\xff"),
        ("BYTES", [2], b"\x01\0\0\0a"),
    ],
)
def test_raw_bytes_that_do_not_fill_the_shape_say_so(datatype: str, shape: list[int], raw: bytes) -> None:
    given = given_raw("t", datatype, shape, raw, "/i", Budget())
    assert given.tensor is None
    assert [problem.pointer for problem in given.problems] == ["/i/data"]


@pytest.mark.parametrize(
    ("shape", "hollow"),
    [
        ((MOST_HOLLOW, 0), False),
        ((MOST_HOLLOW + 1, 0), True),
        ((2**40, 2**40, 0, 3), True),
        ((0, 2000, 2000), False),
        ((2000, 2000), False),
        ((), False),
    ],
)
def test_g07_lists_without_elements_are_limited_in_number(shape: tuple[int, ...], hollow: bool) -> None:
    """No bytes bound them: a few that name such a shape must not become many lists."""
    given = given_raw("x", "FP32", shape, b"", "/x", Budget())
    assert is_hollow(shape) is hollow
    assert ("lists without elements" in str(given.problems)) is hollow


def test_g07_lists_without_elements_are_limited_in_plain_json() -> None:
    reading = read_plain([Field("v", DType.INT8)], {"v": [[]] * (MOST_HOLLOW + 1)})
    assert [(p.pointer, p.expected) for p in reading.problems] == [
        ("/v", f"at most {MOST_HOLLOW} lists without elements")
    ]
