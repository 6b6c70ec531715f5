"""Hypothesis strategies for tensors and JSON values of every element type."""

import math
from typing import Any

from hypothesis import strategies as st

from functions.core.dtypes import DType, Kind, encode
from functions.core.tensor import Tensor

WIDTH = {DType.HALF: 16, DType.FLOAT: 32, DType.DOUBLE: 64}
SHAPES = st.lists(st.integers(0, 3), max_size=4)
# Without the characters that UTF-8 cannot say
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)


def elements(dtype: DType) -> st.SearchStrategy[Any]:
    """Elements as `decode` gives them; NaN is left out, because it equals nothing."""
    layout = dtype.layout
    if layout.kind is Kind.FLOAT:
        return st.floats(allow_nan=False, width=WIDTH[dtype])  # type: ignore[arg-type]
    if layout.kind is Kind.INTEGER:
        bits, signed = layout.size * 8, layout.code.islower()
        return st.integers(-(2 ** (bits - 1)) if signed else 0, 2 ** (bits - signed) - 1)
    return st.booleans() if layout.kind is Kind.BOOLEAN else TEXT


@st.composite
def tensors(draw: st.DrawFn) -> Tensor:
    dtype = draw(st.sampled_from(DType))
    shape = tuple(draw(SHAPES))
    size = math.prod(shape)
    return Tensor(dtype, shape, encode(dtype, draw(st.lists(elements(dtype), min_size=size, max_size=size))))


def spelled(value: Any) -> Any:
    """A plain JSON value as an answer has it: what is not finite by its name."""
    if isinstance(value, dict):
        return {key: spelled(each) for key, each in value.items()}
    if isinstance(value, list):
        return [spelled(each) for each in value]
    if isinstance(value, float) and math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value
