"""An example of what a signature takes: 1 for a number, "foo" for text, true for a bool; a free dimension is 1.

The reference system's rules, so that an example made there is the example made here.
"""

import math
from typing import Any

from functions.core.dtypes import Kind
from functions.core.errors import PayloadTooLarge
from functions.core.leaves import Leaf, leaves
from functions.core.signature import Field, Signature

LARGEST = 1_000_000  # elements
VALUES: dict[Kind, Any] = {Kind.FLOAT: 1.0, Kind.INTEGER: 1, Kind.BOOLEAN: True, Kind.STRING: "foo"}


def example_inputs(signature: Signature) -> dict[str, Any]:
    """One JSON value per input, of the input's shape. Raises PayloadTooLarge above `LARGEST` elements."""
    size = count_elements(signature)
    if size > LARGEST:
        raise PayloadTooLarge(f"an example of these inputs has {size} elements, at most {LARGEST} are written out")
    return {field.name: example_value(field) for field in signature.inputs}


def count_elements(signature: Signature) -> int:
    """How many elements an example has."""
    return sum(math.prod(example_shape(leaf)) for leaf in leaves(signature.inputs))


def example_shape(field: Field | Leaf) -> tuple[int, ...]:
    """The field's shape with every free dimension 1; any shape is shown as a scalar."""
    return tuple(1 if size == -1 else size for size in field.dims or ())


def example_element(leaf: Leaf) -> Any:
    return VALUES[leaf.dtype.layout.kind]


def example_value(field: Field) -> Any:
    """Nested lists of one value; of one object where the field is a map."""
    if field.dtype is None:
        value: Any = {subfield.name: example_value(subfield) for subfield in field.subfields}
    else:
        value = VALUES[field.dtype.layout.kind]
    for size in reversed(example_shape(field)):
        value = [value] * size
    return value
