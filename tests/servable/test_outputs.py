"""What a model returns becomes what the signature promises, or is said not to."""

from typing import Any

import numpy as np
import pytest

from servable.errors import WrongOutput
from servable.outputs import take_outputs
from tests.servable.folders import field, signature


def taken(value: Any, dtype: str, dims: tuple[int, ...] | None = None) -> Any:
    return take_outputs({"y": value}, signature([field("x")], [field("y", dtype, dims)]))["y"]


@pytest.mark.parametrize(
    ("value", "dtype", "numpy"),
    [
        (1, "DT_INT32", "i4"),
        (255, "DT_UINT8", "u1"),
        (0.1, "DT_FLOAT", "f4"),
        ([0.1, 0.2], "DT_HALF", "f2"),
        (3, "DT_DOUBLE", "f8"),
        (3, "DT_FLOAT", "f4"),
        (np.int64(7), "DT_INT8", "i1"),
        (np.array([1, 2]), "DT_INT16", "i2"),
        (np.float32(0.5), "DT_DOUBLE", "f8"),
        (np.uint8(9), "DT_INT64", "i8"),
        (np.array([True]), "DT_INT8", "i1"),
        ([], "DT_INT64", "i8"),
        (float("nan"), "DT_FLOAT", "f4"),
        (np.bool_(1), "DT_BOOL", "?"),
    ],
)
def test_casts_that_lose_nothing(value: Any, dtype: str, numpy: str) -> None:
    array = taken(value, dtype)
    assert array.dtype == np.dtype(numpy)
    np.testing.assert_array_equal(array, np.asarray(value).astype(numpy))


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (0.5, "DT_INT64"),
        (1.0, "DT_INT64"),
        (300, "DT_UINT8"),
        (-1, "DT_UINT64"),
        (2**63, "DT_INT64"),
        (np.float64(0.1), "DT_FLOAT"),
        (np.array([0.1]), "DT_HALF"),
        ([np.float64(0.1)], "DT_FLOAT"),
        (1e300, "DT_FLOAT"),
        (1, "DT_BOOL"),
        ("1", "DT_INT64"),
        (1, "DT_STRING"),
        ([None], "DT_DOUBLE"),
        (1 + 2j, "DT_DOUBLE"),
    ],
)
def test_casts_that_would_lose_something(value: Any, dtype: str) -> None:
    with pytest.raises(WrongOutput, match="output 'y'"):
        taken(value, dtype)


@pytest.mark.parametrize("value", ["ann", np.str_("ann"), np.array("ann"), np.array("ann", object), b"ann"])
def test_text(value: Any) -> None:
    text = taken(value, "DT_STRING", ())[()]
    assert text in ("ann", b"ann")


@pytest.mark.parametrize("value", [np.array([5]), np.array([[5]]), [5], 5])
def test_a_single_element_is_a_scalar(value: Any) -> None:
    assert taken(value, "DT_INT64", ()).shape == ()


@pytest.mark.parametrize(("value", "dims"), [([1, 2], ()), ([1, 2], (3,)), ([1, 2], (-1, 2)), (1, (-1,))])
def test_a_wrong_shape(value: Any, dims: tuple[int, ...]) -> None:
    with pytest.raises(WrongOutput, match=r"output 'y': expected shape"):
        taken(value, "DT_INT64", dims)


def test_a_ragged_list() -> None:
    with pytest.raises(WrongOutput, match="output 'y': not a rectangular array"):
        taken([[1], [1, 2]], "DT_INT64")


def test_a_missing_output() -> None:
    with pytest.raises(WrongOutput, match="no output 'y', only: z"):
        take_outputs({"z": 1}, signature([field("x")], [field("y")]))


def test_what_is_not_a_mapping() -> None:
    with pytest.raises(WrongOutput, match="returned list"):
        take_outputs([1], signature([field("x")], [field("y")]))


def test_what_the_signature_does_not_name_is_left_out() -> None:
    assert list(take_outputs({"y": 1.0, "z": 1}, signature([field("x")], [field("y")]))) == ["y"]
