"""Signatures: what a model takes and gives, as the platform spells it (`DT_` names, `{"dims": [...]}`).

People write types in many ways; every spelling of one type is known here and an unknown one is an error.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from dewpoint.errors import InvalidInput

Shape = Sequence[int] | str | None

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
    """`dims` None is any shape, empty a scalar, -1 a free dimension."""

    name: str
    dtype: str
    dims: tuple[int, ...] | None = ()
    profile: str = "NONE"

    def to_json(self) -> dict[str, Any]:
        shape = {} if self.dims is None else {"shape": {"dims": list(self.dims)}}
        return {"name": self.name, "dtype": self.dtype, **shape, "profile": self.profile}

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> "Field":
        shape = raw.get("shape")
        dims = None if shape is None else tuple(shape["dims"])
        return cls(raw["name"], raw["dtype"], dims, raw.get("profile") or "NONE")

    def __str__(self) -> str:
        return f"{self.name}: {self.dtype.removeprefix('DT_').lower()} {shape_text(self.dims)}"


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
    """Raises InvalidInput for an unknown type, shape or profile."""
    return Field(name, parse_dtype(dtype), parse_shape(shape), parse_profile(profile))


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
