"""Signatures: what a model takes and gives, as the platform spells it (`DT_` names, `{"dims": [...]}`).

People write types in many ways; every spelling of one type is known here and an unknown one is an error.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dewpoint.errors import InvalidInput

Shape = Sequence[int] | str | None
MAP = "DT_MAP"

DTYPES = "DOUBLE FLOAT HALF INT8 INT16 INT32 INT64 UINT8 UINT16 UINT32 UINT64 BOOL STRING".split()
ALIASES = {
    "float": "DOUBLE",  # Python's float, as in the reference system
    "int": "INT64",
    "str": "STRING",
    "bytes": "STRING",
    "object": "STRING",
    "boolean": "BOOL",
    "float16": "HALF",
    "float32": "FLOAT",
    "float64": "DOUBLE",
    "fp16": "HALF",
    "fp32": "FLOAT",
    "fp64": "DOUBLE",
}
PROFILES = "NONE CATEGORICAL NOMINAL ORDINAL NUMERICAL CONTINUOUS INTERVAL RATIO IMAGE VIDEO AUDIO TEXT".split()


@dataclass(frozen=True)
class Field:
    """`dims` None is any shape, empty a scalar, -1 a free dimension. A map has `subfields`, and DT_MAP for a type;
    without dimensions it is one object, with them it is lists of objects."""

    name: str
    dtype: str
    dims: tuple[int, ...] | None = ()
    profile: str = "NONE"
    subfields: tuple["Field", ...] = ()

    def to_json(self) -> dict[str, Any]:
        shape = {} if self.dims is None else {"shape": {"dims": list(self.dims)}}
        kind = {"subfields": [each.to_json() for each in self.subfields]} if self.subfields else {"dtype": self.dtype}
        return {"name": self.name, **kind, **shape, "profile": self.profile}

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> "Field":
        subfields = tuple(map(cls.from_json, raw.get("subfields") or ()))
        shape = raw.get("shape") or ({"dims": []} if subfields else None)
        dims = None if shape is None else tuple(shape["dims"])
        return cls(raw["name"], MAP if subfields else raw["dtype"], dims, raw.get("profile") or "NONE", subfields)

    def __str__(self) -> str:
        inside = f" {{{', '.join(map(str, self.subfields))}}}" if self.subfields else ""
        return f"{self.name}: {self.dtype.removeprefix('DT_').lower()} {shape_text(self.dims)}{inside}"


@dataclass(frozen=True)
class Signature:
    name: str
    inputs: tuple[Field, ...]
    outputs: tuple[Field, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "signatureName": self.name,
            "inputs": [field.to_json() for field in self.inputs],
            "outputs": [field.to_json() for field in self.outputs],
        }

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> "Signature":
        return cls(
            raw.get("signatureName") or "",
            tuple(map(Field.from_json, raw.get("inputs") or ())),
            tuple(map(Field.from_json, raw.get("outputs") or ())),
        )


@dataclass(frozen=True)
class SignatureBuilder:
    """Signatures in Python.

    >>> SignatureBuilder("infer").input("x", float).output("y", "int64", profile="categorical").build().outputs[0].dtype
    'DT_INT64'

    A mapping in place of a type makes a map of fields, which have a type, or a type, a shape and a profile.

    >>> str(SignatureBuilder().input("orders", {"price": float, "tags": (str, [-1])}, [-1]).inputs[0])
    'orders: map [-1] {price: double scalar, tags: string [-1]}'
    """

    name: str = "predict"
    inputs: tuple[Field, ...] = ()
    outputs: tuple[Field, ...] = ()

    def input(self, name: str, dtype: object, shape: Shape = "scalar", profile: str = "none") -> "SignatureBuilder":
        """A builder with one more input. Raises InvalidInput for an unknown type, shape or profile."""
        return replace(self, inputs=(*self.inputs, make_field(name, dtype, shape, profile)))

    def output(self, name: str, dtype: object, shape: Shape = "scalar", profile: str = "none") -> "SignatureBuilder":
        """A builder with one more output. Raises InvalidInput for an unknown type, shape or profile."""
        return replace(self, outputs=(*self.outputs, make_field(name, dtype, shape, profile)))

    def build(self) -> Signature:
        """Raises InvalidInput when a side is empty or a name stands twice."""
        for side, fields in (("inputs", self.inputs), ("outputs", self.outputs)):
            names = [field.name for field in fields]
            if not names:
                raise InvalidInput(f"signature {self.name!r} has no {side}")
            if len(set(names)) < len(names):
                raise InvalidInput(f"signature {self.name!r} names one of its {side} twice: {', '.join(names)}")
        return Signature(self.name, self.inputs, self.outputs)


def make_field(name: str, dtype: object, shape: Shape, profile: str) -> Field:
    """A tensor, or a map for a mapping in place of the type. Raises InvalidInput for what is unknown."""
    if isinstance(dtype, Mapping):
        return make_map(name, [_make_subfield(str(key), value) for key, value in dtype.items()], shape, profile)
    return Field(name, parse_dtype(dtype), parse_shape(shape), parse_profile(profile))


def make_map(name: str, subfields: Sequence[Field], shape: Shape = "scalar", profile: str = "none") -> Field:
    """Raises InvalidInput for a map without fields, fields of one name, and in a list of maps fields of any shape."""
    dims = parse_shape(shape) or ()
    names = [field.name for field in subfields]
    if not names:
        raise InvalidInput(f"map {name!r} has no fields")
    if len(set(names)) < len(names):
        raise InvalidInput(f"map {name!r} names one of its fields twice: {', '.join(names)}")
    shapeless = [path for field in subfields for path in _any_shaped(field)] if dims else []
    if shapeless:
        raise InvalidInput(f"field {name}/{shapeless[0]} needs a shape, because the map around it is a list")
    return Field(name, MAP, dims, parse_profile(profile), tuple(subfields))


def _make_subfield(name: str, value: object) -> Field:
    parts = value if isinstance(value, tuple) else (value,)
    if not 1 <= len(parts) <= 3:
        raise InvalidInput(f"field {name!r} is a type, or a type, a shape and a profile, not {value!r}")
    return make_field(name, parts[0], parts[1] if len(parts) > 1 else "scalar", parts[2] if len(parts) > 2 else "none")


def _any_shaped(field: Field) -> list[str]:
    if not field.subfields:
        return [field.name] if field.dims is None else []
    return [f"{field.name}/{path}" for each in field.subfields for path in _any_shaped(each)]


def parse_dtype(dtype: object) -> str:
    """`DT_DOUBLE` for "double", "DT_DOUBLE", "float64", "FP64", float, numpy.float64 … Raises InvalidInput."""
    name = dtype.__name__ if isinstance(dtype, type) else str(dtype).strip()
    upper = name.upper()
    if upper.startswith("DT_"):
        known = upper.removeprefix("DT_") if upper.removeprefix("DT_") in DTYPES else None
    else:
        known = ALIASES.get(name.lower()) or (upper if upper in DTYPES else None)
    if known is None:
        raise InvalidInput(f"unknown type {name!r}; known are {', '.join(d.lower() for d in DTYPES)}")
    return f"DT_{known}"


def parse_shape(shape: Shape) -> tuple[int, ...] | None:
    """None for "any", () for "scalar", the sizes of a list. Raises InvalidInput."""
    if shape is None or (isinstance(shape, str) and shape.lower() == "any"):
        return None
    if isinstance(shape, str):
        if shape.lower() == "scalar":
            return ()
    elif all(type(size) is int and (size == -1 or size > 0) for size in shape):
        return tuple(shape)
    raise InvalidInput(f"unknown shape {shape!r}; write scalar, any, or a list of sizes where -1 is a free one")


def parse_profile(profile: str) -> str:
    """The profile in capitals. Raises InvalidInput."""
    known = profile.strip().upper()
    if known not in PROFILES:
        raise InvalidInput(f"unknown profile {profile!r}; known are {', '.join(p.lower() for p in PROFILES)}")
    return known


def shape_text(dims: tuple[int, ...] | None) -> str:
    if dims is None:
        return "any shape"
    return str(list(dims)) if dims else "scalar"
