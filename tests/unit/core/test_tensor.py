"""Tensors from JSON values and back."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.describe import describe
from functions.core.dtypes import DType, Kind, encode
from functions.core.flatten import NotATensor
from functions.core.signature import MAX_DEPTH
from functions.core.tensor import Tensor, from_json, nest, resolve, to_json
from tests.unit.core.tensors import SHAPES, tensors


@given(tensor=tensors())
def test_json_keeps_dtype_elements_and_every_shape_that_has_elements(tensor: Tensor) -> None:
    back = from_json(tensor.dtype, to_json(tensor), "")
    assert back.data == tensor.data
    # [] says nothing of the sizes behind a size of 0
    assert back.shape == tensor.shape or 0 in tensor.shape


@given(shape=SHAPES)
def test_nesting_has_the_lengths_of_the_shape(shape: list[int]) -> None:
    def check(value: Any, sizes: list[int]) -> int:
        if not sizes:
            return 1
        assert len(value) == sizes[0]
        return sum(check(row, sizes[1:]) for row in value)

    size = math.prod(shape)
    assert check(nest(list(range(size)), shape), shape) == size


def test_scalars_are_bare_and_numbers_stay_numbers() -> None:
    assert to_json(from_json(DType.INT8, -5, "")) == -5
    assert to_json(from_json(DType.DOUBLE, 5, "")) == 5.0
    assert to_json(from_json(DType.STRING, [["a"]], "")) == [["a"]]


def test_what_json_cannot_say_is_spelled() -> None:
    raw = encode(DType.FLOAT, [math.nan, math.inf, -math.inf, 1.0])
    assert to_json(Tensor(DType.FLOAT, (4,), raw)) == ["NaN", "Infinity", "-Infinity", 1.0]


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        ([1, "a", 3], "/v/1"),
        ([[1, 2], [3, None]], "/v/1/1"),
        ([1, [2]], "/v/1"),
        ([[1], 2], "/v/1"),
        ([[1], [2, 3]], "/v/1"),
        ({"a": 1}, "/v"),
    ],
)
def test_what_is_no_tensor_is_pointed_at(value: Any, pointer: str) -> None:
    with pytest.raises(NotATensor) as caught:
        from_json(DType.DOUBLE, value, "/v")
    assert [problem.pointer for problem in caught.value.problems] == [pointer]


def test_every_bad_element_is_named_up_to_a_limit() -> None:
    with pytest.raises(NotATensor) as caught:
        from_json(DType.INT8, [500, 1, -500] * 20, "")
    received = [(problem.pointer, problem.received) for problem in caught.value.problems]
    assert received[:2] == [("/0", "integer 500, out of range"), ("/2", "integer -500, out of range")]
    assert len(received) == 20


def test_depth_is_limited() -> None:
    value: Any = 1
    for _ in range(MAX_DEPTH):
        value = [value]
    assert len(from_json(DType.INT8, value, "").shape) == MAX_DEPTH
    with pytest.raises(NotATensor, match="at most"):
        from_json(DType.INT8, [value], "")


@given(sizes=st.lists(st.integers(1, 5), min_size=1, max_size=4), at=st.integers(0, 3))
def test_g07_the_free_dimension_is_worked_out_from_the_elements(sizes: list[int], at: int) -> None:
    at %= len(sizes)
    asked = [-1 if index == at else size for index, size in enumerate(sizes)]
    assert resolve(asked, math.prod(sizes)) == tuple(sizes)


@pytest.mark.parametrize(
    ("shape", "elements", "resolved"),
    [
        ([-1, 3, 2], 6, (1, 3, 2)),
        ([-1, 3, 3], 10, None),
        ([-1, -1], 4, None),
        ([2, 2], 5, None),
        ([], 1, ()),
        ([], 2, None),
        ([-1], 0, (0,)),
        ([-1, 0], 0, None),
        ([0, 5], 0, (0, 5)),
    ],
)
def test_g07_shapes_resolve_or_not(shape: list[int], elements: int, resolved: tuple[int, ...] | None) -> None:
    assert resolve(shape, elements) == resolved


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, "null"),
        (True, "boolean true"),
        (7, "integer 7"),
        ("a", "string 'a'"),
        ([1, 2], "a list of 2"),
        ({"a": 1}, "an object of 1"),
        ("x" * 500, f"string '{'x' * 59}…"),
    ],
)
def test_values_are_described_shortly(value: Any, told: str) -> None:
    assert describe(value) == told


def test_kinds_are_told_in_the_expectation() -> None:
    with pytest.raises(NotATensor) as caught:
        from_json(DType.BOOL, 1, "/b")
    assert caught.value.problems[0].expected == f"DT_BOOL ({Kind.BOOLEAN.value})"


def test_g05_finite_numbers_are_not_spelled_even_when_their_sum_is_not_finite() -> None:
    largest = [1.7e308, 1.7e308, -1.0]
    assert to_json(Tensor(DType.DOUBLE, (3,), encode(DType.DOUBLE, largest))) == largest
