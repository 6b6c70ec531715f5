"""JSON Schemas of a signature's values: what plain JSON may stand for a field.

Lists are bounded where the signature fixes a dimension, numbers by what their type holds. Two rules are beyond JSON
Schema and are checked by the gateway alone: lists of one level have one length, and 1.0 is no integer.
"""

import struct
from collections.abc import Collection, Iterable
from typing import Any

from functions.core.dtypes import NON_FINITE, DType, Kind, Layout
from functions.core.leaves import SEPARATOR, Leaf
from functions.core.signature import Field

Schema = dict[str, Any]

LARGEST_FLOATS = {"e": "7bff", "f": "7f7fffff", "d": "7fefffffffffffff"}  # the bits of the largest finite number


def object_schema(
    fields: Iterable[Field], *, closed: bool, promised: Collection[str] | None = None, path: str = ""
) -> Schema:
    """An object with one property per field; `closed`: and no other. Those are required of which a leaf is among
    `promised` (None: all are), whose names begin with `path`."""
    properties, required = {}, []
    for field in fields:
        name = f"{path}{field.name}"
        properties[field.name] = field_schema(field, closed=closed, promised=promised, path=name)
        if promised is None or any(leaf == name or leaf.startswith(f"{name}{SEPARATOR}") for leaf in promised):
            required.append(field.name)
    schema: Schema = {"type": "object", "required": required, "properties": properties}
    return schema | {"additionalProperties": False} if closed else schema


def field_schema(
    field: Field, *, closed: bool = False, promised: Collection[str] | None = None, path: str = ""
) -> Schema:
    """That of a tensor, or nested lists around the object that a map is; `path` is the field's own."""
    if field.dtype is not None:
        return tensor_schema(field.dtype, field.dims)
    inside = object_schema(field.subfields, closed=closed, promised=promised, path=f"{path}{SEPARATOR}")
    return _lists(inside, field.dims or ())


def tensor_schema(dtype: DType, dims: tuple[int, ...] | None) -> Schema:
    """Nested lists around the type's element; a reference to the recursive schema when any shape will do."""
    return reference(any_name(dtype)) if dims is None else _lists(reference(dtype.value), dims)


def components(tensors: Iterable[Leaf]) -> dict[str, Schema]:
    """The schemas that those of `tensors` refer to, by name."""
    found = {}
    for leaf in tensors:
        found[leaf.dtype.value] = element_schema(leaf.dtype)
        if leaf.dims is None:
            name = any_name(leaf.dtype)
            nested = {"type": "array", "items": reference(name)}
            found[name] = {"anyOf": [reference(leaf.dtype.value), nested]}
    return found


def element_schema(dtype: DType) -> Schema:
    """One element: its JSON type and its range; floats may be spelled where JSON has no number for them."""
    layout = dtype.layout
    if layout.kind is Kind.FLOAT:
        (largest,) = struct.unpack(f">{layout.code}", bytes.fromhex(LARGEST_FLOATS[layout.code]))
        number = {"type": "number", "minimum": -largest, "maximum": largest}
        return {"oneOf": [number, {"type": "string", "enum": list(NON_FINITE)}]}
    if layout.kind is Kind.INTEGER:
        smallest, greatest = integer_range(layout)
        return {"type": "integer", "minimum": smallest, "maximum": greatest}
    return {"type": layout.kind.value}


def integer_range(layout: Layout) -> tuple[int, int]:
    bits = 8 * layout.size
    return (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if layout.code.islower() else (0, 2**bits - 1)


def any_name(dtype: DType) -> str:
    return f"{dtype.value}_any_shape"


def reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _lists(schema: Schema, dims: Iterable[int]) -> Schema:
    for size in reversed(tuple(dims)):
        bounds = {} if size == -1 else {"minItems": size, "maxItems": size}
        schema = {"type": "array", "items": schema} | bounds
    return schema
