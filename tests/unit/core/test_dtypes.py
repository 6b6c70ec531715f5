"""Element types: names, bytes, and what is refused."""

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.dtypes import DType, check_text, count, decode, dtype_named, encode, join_bytes, pack, split_bytes
from tests.unit.core.tensors import elements

INTEGERS = [dtype for dtype in DType if "INT" in dtype.name]


@pytest.mark.parametrize("dtype", DType)
def test_every_name_of_a_type_finds_it(dtype: DType) -> None:
    assert {dtype_named(name) for name in (dtype.value, dtype.datatype, dtype.datatype.lower())} == {dtype}


def test_aliases_are_python_s_names_and_strangers_have_no_type() -> None:
    assert dtype_named("float") is dtype_named("float64") is DType.DOUBLE
    assert dtype_named("DT_FLOAT") is DType.FLOAT
    assert dtype_named("int") is DType.INT64
    assert dtype_named("complex") is None


@given(data=st.data(), dtype=st.sampled_from(DType))
def test_what_is_encoded_is_decoded(data: st.DataObject, dtype: DType) -> None:
    values = data.draw(st.lists(elements(dtype), max_size=5))
    raw = encode(dtype, values)
    assert decode(dtype, raw) == values
    assert count(dtype, raw) == len(values)


@pytest.mark.parametrize(
    ("dtype", "values", "raw"),
    [
        (DType.DOUBLE, [1.0], struct.pack("<d", 1)),
        (DType.FLOAT, [1, 0.5], struct.pack("<2f", 1, 0.5)),
        (DType.HALF, [1.0], b"\x00\x3c"),
        (DType.INT16, [-2], b"\xfe\xff"),
        (DType.UINT64, [2**64 - 1], b"\xff" * 8),
        (DType.BOOL, [True, False], b"\x01\x00"),
        (DType.STRING, ["ü", ""], b"\x02\0\0\0\xc3\xbc\0\0\0\0"),
    ],
)
def test_the_bytes_are_the_protocols(dtype: DType, values: list[object], raw: bytes) -> None:
    assert encode(dtype, values) == raw


@pytest.mark.parametrize("dtype", INTEGERS)
def test_g05_integers_out_of_range_are_refused(dtype: DType) -> None:
    bits = dtype.layout.size * 8
    low, high = (0, 2**bits - 1) if dtype.name.startswith("U") else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    assert decode(dtype, encode(dtype, [low, high])) == [low, high]
    for value in (low - 1, high + 1):
        with pytest.raises(OverflowError):
            encode(dtype, [value])


@pytest.mark.parametrize(("dtype", "value"), [(DType.FLOAT, 1e39), (DType.HALF, 70000.0), (DType.DOUBLE, 10**400)])
def test_numbers_out_of_range_are_refused_and_infinity_is_not(dtype: DType, value: float) -> None:
    with pytest.raises(OverflowError):
        encode(dtype, [1.0, value])
    assert decode(dtype, encode(dtype, [math.inf, "-Infinity"])) == [math.inf, -math.inf]


@pytest.mark.parametrize(("dtype", "value"), [(DType.HALF, 65520), (DType.FLOAT, 2**128), (DType.DOUBLE, 2 * 10**308)])
def test_g05_integers_too_large_for_a_float_are_out_of_range_however_they_come(dtype: DType, value: int) -> None:
    for way in (encode, pack):
        assert way(dtype, [value // 10]) == encode(dtype, [float(value // 10)])
        with pytest.raises(OverflowError):
            way(dtype, [1.0, value])


@pytest.mark.parametrize(
    ("dtype", "value"),
    [
        (DType.INT8, True),
        (DType.INT8, 1.0),
        (DType.INT8, "1"),
        (DType.BOOL, 1),
        (DType.DOUBLE, True),
        (DType.DOUBLE, "one"),
        (DType.STRING, 1),
        (DType.STRING, "\ud800"),
        (DType.DOUBLE, None),
        (DType.DOUBLE, [1.0]),
    ],
)
def test_g05_elements_of_another_kind_are_refused(dtype: DType, value: object) -> None:
    with pytest.raises(TypeError):
        encode(dtype, [value])


def test_nan_has_its_spelling() -> None:
    assert all(math.isnan(value) for value in decode(DType.HALF, encode(DType.HALF, ["NaN", math.nan])))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("dtype", "raw"),
    [(DType.DOUBLE, b"\0" * 7), (DType.HALF, b"\0"), (DType.STRING, b"\x02\0\0"), (DType.STRING, b"\x02\0\0\0a")],
)
def test_bytes_that_are_not_whole_elements_are_refused(dtype: DType, raw: bytes) -> None:
    for function in (count, decode):
        with pytest.raises(ValueError, match=r"bytes|BYTES"):
            function(dtype, raw)


def test_strings_must_be_utf8_and_other_types_are_not_looked_at() -> None:
    with pytest.raises(ValueError, match="utf-8"):
        check_text(DType.STRING, join_bytes([b"ok", b"\xff"]))
    check_text(DType.UINT8, b"\xff")


@given(items=st.lists(st.binary(max_size=5)))
def test_items_are_split_as_they_were_joined(items: list[bytes]) -> None:
    assert split_bytes(join_bytes(items)) == items
