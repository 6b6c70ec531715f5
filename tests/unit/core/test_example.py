"""M16: an example of what a signature takes, by the reference system's rules."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.dtypes import DType
from functions.core.errors import PayloadTooLarge
from functions.core.example import count_elements, example_inputs
from functions.core.plain import read_plain
from functions.core.signature import Field, Shape, Signature
from tests.unit.core.nested import sides

FIELDS = st.builds(
    Field,
    name=st.text(min_size=1, max_size=5),
    dtype=st.sampled_from(DType),
    shape=st.none() | st.builds(Shape, st.lists(st.sampled_from([-1, 1, 2, 3]), max_size=4).map(tuple)),
)


def signature(*fields: Field) -> Signature:
    return Signature("predict", fields, (Field("y", DType.INT64, Shape()),))


@pytest.mark.parametrize(
    ("dtype", "dims", "value"),
    [
        (DType.DOUBLE, (), 1),
        (DType.UINT8, (), 1),
        (DType.STRING, (), "foo"),
        (DType.BOOL, (), True),
        (DType.FLOAT, (-1, 2), [[1, 1]]),
        (DType.STRING, (2, -1), [["foo"], ["foo"]]),
        (DType.INT32, None, 1),
    ],
)
def test_one_foo_true_and_a_free_dimension_is_one(dtype: DType, dims: tuple[int, ...] | None, value: Any) -> None:
    field = Field("x", dtype, None if dims is None else Shape(dims))
    example = example_inputs(signature(field))["x"]
    assert example == value
    assert (type(example) is bool) == (value is True)


@given(st.lists(FIELDS, min_size=1, max_size=4, unique_by=lambda field: field.name))
def test_an_example_fits_its_signature(fields: list[Field]) -> None:
    inputs = example_inputs(signature(*fields))
    reading = read_plain(fields, inputs)
    assert (reading.problems, reading.strangers) == ([], [])
    assert sum(len(tensor.elements()) for tensor in reading.tensors.values()) == count_elements(signature(*fields))


@given(sides())
def test_g06_an_example_nests_like_its_signature(fields: tuple[Field, ...]) -> None:
    reading = read_plain(fields, example_inputs(signature(*fields)))
    assert (reading.problems, reading.strangers) == ([], [])
    assert sum(len(tensor.elements()) for tensor in reading.tensors.values()) == count_elements(signature(*fields))


def test_g06_a_list_of_maps_is_shown_with_one_map() -> None:
    inside = (Field("n", DType.INT8, Shape((2,))), Field("s", DType.STRING, Shape()))
    fields = Field("one", subfields=inside), Field("many", None, Shape((-1,)), subfields=inside)
    value = {"n": [1, 1], "s": "foo"}
    assert example_inputs(signature(*fields)) == {"one": value, "many": [value]}


def test_an_example_that_nobody_could_read_is_refused_before_it_is_made() -> None:
    with pytest.raises(PayloadTooLarge, match="2250000000000 elements"):
        example_inputs(signature(Field("x", DType.DOUBLE, Shape((-1, 1_500_000, 1_500_000)))))
