"""An example of a signature's inputs: 1 for a number, "foo" for text, true for a bool; a free dimension is 1."""

import numpy as np

from servable.contract import Field, Signature
from servable.dtypes import LAYOUTS, DType
from servable.tensors import Array


def example_inputs(signature: Signature) -> dict[str, Array]:
    return {field.name: _example(field) for field in signature.tensors.inputs}


def _example(field: Field) -> Array:
    shape = tuple(1 if size == -1 else size for size in field.dims or ())
    value = "foo" if field.dtype is DType.STRING else 1
    return np.full(shape, value, LAYOUTS[field.dtype].numpy)
