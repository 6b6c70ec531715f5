"""The contract of a Model document: `{name, inputs: {field: {shape, type, profile}}, outputs: {…}}`.

A field with `fields` in place of a type is a map of them.
"""

from typing import Any

from dewpoint.documents.reader import Reader, said
from dewpoint.signatures import MAP, Field, Signature, make_map, parse_dtype, parse_profile, parse_shape


def read_contract(reader: Reader) -> Signature:
    """The signature a contract describes; faults are left with `reader`."""
    name = reader.text("name") or "predict"
    sides = [_read_side(reader, side) for side in ("inputs", "outputs")]
    reader.close()
    return Signature(name, *sides)


def _read_side(reader: Reader, side: str) -> tuple[Field, ...]:
    fields = reader.section(side, required=True)
    if fields is None:
        return ()
    read = tuple(_read_field(name, fields.at(value, name)) for name, value in fields.entries())
    if not read:
        fields.fault((), "expected at least one field")
    return read


def _read_field(name: str, reader: Reader) -> Field:
    inside = reader.section("fields", "subfields")
    if inside is not None:
        return _read_map(name, reader, inside)
    dtype = reader.text("type", required=True)
    shape = reader.value("shape")
    profile = reader.text("profile") or "none"
    reader.close()
    return Field(
        name,
        (reader.attempt(("type",), lambda: parse_dtype(dtype)) if dtype else None) or "DT_STRING",
        _read_shape(reader, shape),
        reader.attempt(("profile",), lambda: parse_profile(profile)) or "NONE",
    )


def _read_map(name: str, reader: Reader, inside: Reader) -> Field:
    if reader.text("type").lower().removeprefix("dt_") not in ("", "map"):
        reader.fault(("type",), "expected map, or nothing, beside fields")
    shape = reader.value("shape")
    profile = reader.text("profile") or "none"
    subfields = [_read_field(key, inside.at(value, key)) for key, value in inside.entries()]
    reader.close()
    dims = _read_shape(reader, shape) or ()
    made = reader.attempt((), lambda: make_map(name, subfields, dims, profile))
    return made or Field(name, MAP, dims)


def _read_shape(reader: Reader, shape: Any) -> tuple[int, ...] | None:
    if shape is None:  # as in the reference system: what says nothing promises nothing
        return None
    if not isinstance(shape, str | list):
        reader.fault(("shape",), f"expected scalar, any, or a list of sizes, received {said(shape)}")
        return None
    return reader.attempt(("shape",), lambda: parse_shape(shape))
