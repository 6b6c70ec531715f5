"""Arrays survive the wire, both ways it may be written; bytes that do not fit are refused."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from servable.dtypes import LAYOUTS, DType
from servable.errors import InvalidInput
from servable.pb import open_inference_pb2 as pb
from servable.tensors import Array, from_contents, from_raw, to_contents, to_raw

SHAPES = arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)


def of_dtype(dtype: DType) -> st.SearchStrategy[Any]:
    if dtype is DType.STRING:
        return arrays.arrays(
            object, SHAPES, elements=st.text(st.characters(exclude_categories=["Cs"])), fill=st.nothing()
        )
    return arrays.arrays(LAYOUTS[dtype].numpy, SHAPES)


def same(one: Array, other: Array) -> bool:
    if one.dtype == object:
        return one.shape == other.shape and one.tolist() == other.tolist()
    return one.shape == other.shape and one.dtype == other.dtype and one.tobytes() == other.tobytes()


@pytest.mark.parametrize("dtype", list(DType))
@given(data=st.data())
def test_raw_round_trip(dtype: DType, data: st.DataObject) -> None:
    array = data.draw(of_dtype(dtype))
    assert same(from_raw(dtype, array.shape, to_raw(dtype, array)), array)


@pytest.mark.parametrize("dtype", [dtype for dtype in DType if dtype is not DType.HALF])
@given(data=st.data())
def test_typed_round_trip(dtype: DType, data: st.DataObject) -> None:
    array = data.draw(of_dtype(dtype))
    sent = pb.InferTensorContents.FromString(to_contents(dtype, array).SerializeToString())
    back = from_contents(dtype, array.shape, sent)
    if array.dtype.kind == "f":
        np.testing.assert_array_equal(back, array)  # protobuf may change the bits of a NaN, not that it is one
    else:
        assert same(back, array)


def test_numbers_are_read_without_a_copy() -> None:
    raw = np.arange(6, dtype="<f8").tobytes()
    assert np.shares_memory(from_raw(DType.DOUBLE, (2, 3), raw), np.frombuffer(raw, np.uint8))


def test_columns_of_a_table_are_written_in_row_major_order() -> None:
    assert to_raw(DType.INT8, np.array([[1, 2], [3, 4]], "i1").T) == bytes([1, 3, 2, 4])


def test_big_endian_arrays_are_written_little_endian() -> None:
    assert to_raw(DType.INT16, np.array([1], ">i2")) == b"\x01\x00"


def test_half_precision_has_no_typed_list() -> None:
    with pytest.raises(InvalidInput, match="FP16"):
        from_contents(DType.HALF, (1,), pb.InferTensorContents(fp32_contents=[1.0]))


@pytest.mark.parametrize(
    ("dtype", "shape", "raw", "said"),
    [
        (DType.DOUBLE, (2,), b"\0" * 15, "expected 16 bytes"),
        (DType.DOUBLE, (2,), b"\0" * 24, "received 24"),
        (DType.INT8, (-1,), b"", "sizes of 0 and more"),
        (DType.INT8, (2**40, 2**40), b"\0", "expected 1208925819614629174706176 bytes"),
        (DType.STRING, (1,), b"\x05\0\0\0abc", "end inside an element"),
        (DType.STRING, (1,), b"\x05\0", "end inside the length"),
        (DType.STRING, (1,), b"\xff\xff\xff\xff", "end inside an element"),
        (DType.STRING, (2,), b"\x01\0\0\0a", "expected 2 elements, received 1"),
        (DType.STRING, (1,), b"\x01\0\0\0a" * 3, "received more"),
        (DType.STRING, (1,), b"\x01\0\0\0\xff", "UTF-8"),
    ],
)
def test_bytes_that_do_not_fit(dtype: DType, shape: tuple[int, ...], raw: bytes, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        from_raw(dtype, shape, raw)


@pytest.mark.parametrize(
    ("dtype", "contents", "said"),
    [
        (DType.INT8, pb.InferTensorContents(int_contents=[128]), "between -128 and 127"),
        (DType.UINT16, pb.InferTensorContents(uint_contents=[70000]), "between 0 and 65535"),
        (DType.DOUBLE, pb.InferTensorContents(fp32_contents=[1]), "expected fp64_contents"),
        (DType.DOUBLE, pb.InferTensorContents(fp64_contents=[1, 2]), "expected 1 elements, received 2"),
        (DType.STRING, pb.InferTensorContents(bytes_contents=[b"\xff"]), "UTF-8"),
    ],
)
def test_lists_that_do_not_fit(dtype: DType, contents: pb.InferTensorContents, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        from_contents(dtype, (1,), contents)


@given(st.sampled_from(list(DType)), st.lists(st.integers(-2, 6), max_size=3), st.binary(max_size=64))
def test_no_bytes_do_anything_but_fit_or_be_refused(dtype: DType, shape: list[int], raw: bytes) -> None:
    try:
        array = from_raw(dtype, tuple(shape), raw)
    except InvalidInput:
        return
    assert array.shape == tuple(shape)
