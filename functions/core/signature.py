"""Signatures: what a model takes and gives, and the algebra that joins signatures of variants and stages.

The JSON form is the reference system's (`modelSignature`): camelCase, `DT_` names, `{"dims": [...]}`. A shape that is
absent means "any", empty dims mean a scalar, -1 is a free dimension. A field with `subfields` in place of a type is a
map: one object, or nested lists of objects of its shape. What travels are its leaves (leaves.py).
"""

import enum
import re
from collections.abc import Sequence
from typing import Any

import msgspec

from functions.core.dtypes import DType, dtype_named
from functions.core.errors import InvalidRequest, Problem


class Profile(enum.StrEnum):
    """What a person says a field means; monitoring follows it."""

    NONE = "NONE"
    CATEGORICAL = "CATEGORICAL"
    NOMINAL = "NOMINAL"
    ORDINAL = "ORDINAL"
    NUMERICAL = "NUMERICAL"
    CONTINUOUS = "CONTINUOUS"
    INTERVAL = "INTERVAL"
    RATIO = "RATIO"
    IMAGE = "IMAGE"
    VIDEO = "VIDEO"
    AUDIO = "AUDIO"
    TEXT = "TEXT"


class Shape(msgspec.Struct, frozen=True):
    dims: tuple[int, ...] = ()


class Field(msgspec.Struct, frozen=True, omit_defaults=True):
    """A tensor with a `dtype`, or a map with `subfields`. `shape` None is any shape of a tensor, and one map."""

    name: str
    dtype: DType | None = None
    shape: Shape | None = None
    profile: Profile = Profile.NONE
    subfields: tuple["Field", ...] = ()

    @property
    def dims(self) -> tuple[int, ...] | None:
        return None if self.shape is None else self.shape.dims


class Signature(msgspec.Struct, frozen=True, rename="camel"):
    signature_name: str
    inputs: tuple[Field, ...]
    outputs: tuple[Field, ...]


NAME = re.compile(r"[A-Za-z_][\w.\-]*")
MAX_DEPTH = 16  # dimensions of a tensor, and of the lists that stand for it in JSON
MAX_MAPS = 8  # maps inside one another
LARGEST_SIZE = 2**63 - 1  # a dimension is an int64 on the wire
MAP = "DT_MAP"  # may be said beside subfields; the reference system, which has one or the other, leaves it out
DTYPES = ", ".join(DType)


def parse_signature(document: Any, pointer: str = "") -> Signature:
    """The signature that a JSON document describes. Raises InvalidRequest with every problem found."""
    problems: list[Problem] = []
    if not isinstance(document, dict):
        raise InvalidRequest.of([Problem(pointer, "a signature object", _said(document))])
    name = document.get("signatureName")
    if not isinstance(name, str) or not name.strip():
        problems.append(Problem(f"{pointer}/signatureName", "a non-empty string", _said(name)))
    sides = [_parse_fields(document.get(side), f"{pointer}/{side}", (), problems) for side in ("inputs", "outputs")]
    if problems:
        raise InvalidRequest.of(problems)
    return Signature(str(name), *sides)


# The maps around a field, outermost first: their shapes, as far as they could be read
Around = tuple[Shape, ...]


def _parse_fields(fields: Any, pointer: str, around: Around, problems: list[Problem]) -> tuple[Field, ...]:
    if not isinstance(fields, list) or not fields:
        problems.append(Problem(pointer, "a list with at least one field", _said(fields)))
        return ()
    parsed = [_parse_field(field, f"{pointer}/{at}", around, problems) for at, field in enumerate(fields)]
    names = [field.name for field in parsed if field]
    for at, name in enumerate(names):
        if name in names[:at]:
            problems.append(Problem(f"{pointer}/{at}/name", "a name used once", f"{name!r} again"))
    return tuple(field for field in parsed if field)


def _parse_field(document: Any, pointer: str, around: Around, problems: list[Problem]) -> Field | None:
    if not isinstance(document, dict):
        problems.append(Problem(pointer, "a field object", _said(document)))
        return None
    before = len(problems)
    name = document.get("name")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        problems.append(Problem(f"{pointer}/name", f"a name like {NAME.pattern}", _said(name)))
    shape = _parse_shape(document.get("shape"), f"{pointer}/shape", problems)
    profile = str(document.get("profile") or "NONE").upper()
    if profile not in Profile.__members__:
        problems.append(Problem(f"{pointer}/profile", f"one of {', '.join(Profile)}", _said(document["profile"])))
    dtype: DType | None = None
    subfields: tuple[Field, ...] = ()
    inside = document.get("subfields")
    if inside or (inside is not None and document.get("dtype") is None):
        subfields = _parse_map(document, shape, pointer, around, problems)
    else:
        dtype = _parse_dtype(document.get("dtype"), f"{pointer}/dtype", name, problems)
        _check_rank(shape, pointer, around, problems)
    if len(problems) > before:
        return None
    return Field(str(name), dtype, shape, Profile(profile), subfields)


def _parse_map(
    document: Any, shape: Shape | None, pointer: str, around: Around, problems: list[Problem]
) -> tuple[Field, ...]:
    said = document.get("dtype")
    if said is not None and str(said).upper().removeprefix("DT_") != "MAP":
        problems.append(Problem(f"{pointer}/dtype", f"{MAP} or nothing beside subfields", _said(said)))
    if len(around) == MAX_MAPS:
        problems.append(Problem(f"{pointer}/subfields", f"at most {MAX_MAPS} maps inside one another", "more"))
        return ()
    return _parse_fields(document["subfields"], f"{pointer}/subfields", (*around, shape or Shape()), problems)


def _parse_dtype(said: Any, pointer: str, name: Any, problems: list[Problem]) -> DType | None:
    dtype = dtype_named(str(said))
    if dtype is None:
        expected = f"one of {DTYPES}, or subfields, for field {name!r}"
        problems.append(Problem(pointer, expected, _said(said)))
    return dtype


def _check_rank(shape: Shape | None, pointer: str, around: Around, problems: list[Problem]) -> None:
    """Fields of a list of maps are stacked along its dimensions, so their own must be known."""
    outer = sum(len(each.dims) for each in around)
    if shape is None and outer:
        problems.append(Problem(f"{pointer}/shape", "a shape, because the map around it is a list", "any shape"))
    elif shape is not None and len(shape.dims) + outer > MAX_DEPTH:
        expected = f"at most {MAX_DEPTH} dimensions, with those of the maps around it"
        problems.append(Problem(f"{pointer}/shape", expected, f"{len(shape.dims) + outer}"))


def _parse_shape(document: Any, pointer: str, problems: list[Problem]) -> Shape | None:
    if document is None:
        return None
    dims = document.get("dims") if isinstance(document, dict) else document
    if not isinstance(dims, list) or any(type(d) is not int or not (d == -1 or 1 <= d <= LARGEST_SIZE) for d in dims):
        problems.append(Problem(pointer, 'null or {"dims": [...]} with -1 or positive integers', _said(document)))
        return None
    return Shape(tuple(dims))


def merge(first: Signature, second: Signature) -> Signature:
    """The signature of a stage whose variants have `first` and `second`: fields joined by name, never by position.

    Raises InvalidRequest naming each field that both have and that do not fit together.
    """
    problems: list[Problem] = []
    inputs = _merge_fields(first.inputs, second.inputs, "/inputs", problems)
    outputs = _merge_fields(first.outputs, second.outputs, "/outputs", problems)
    if problems:
        raise InvalidRequest.of(problems)
    names = (first.signature_name, second.signature_name)
    return Signature(names[0] if names[0] == names[1] else "&".join(names), inputs, outputs)


def append(first: Signature, following: Signature) -> Signature:
    """The signature of stage `first` followed by `following`: inputs of the one, outputs of the other.

    Raises InvalidRequest naming each input of `following` that `first` does not give, or gives differently.
    """
    problems: list[Problem] = []
    _check_flow(first.outputs, following.inputs, "/inputs", problems)
    if problems:
        raise InvalidRequest.of(problems)
    return Signature(f"{first.signature_name}>{following.signature_name}", first.inputs, following.outputs)


def _check_flow(given: Sequence[Field], wanted: Sequence[Field], pointer: str, problems: list[Problem]) -> None:
    """Everything wanted is given, down to the fields of maps."""
    by_name = {field.name: field for field in given}
    for field in wanted:
        where, found = f"{pointer}/{field.name}", by_name.get(field.name)
        if found is None:
            problems.append(Problem(where, "an output of the stage before", f"only {', '.join(by_name)}"))
            continue
        before = len(problems)
        _merge_field(found, field, where, problems)
        if field.subfields and len(problems) == before:
            _check_flow(found.subfields, field.subfields, where, problems)


def _merge_fields(
    first: Sequence[Field], second: Sequence[Field], pointer: str, problems: list[Problem]
) -> tuple[Field, ...]:
    others = {field.name: field for field in second}
    merged = []
    for field in first:
        other = others.pop(field.name, None)
        merged.append(field if other is None else _merge_field(field, other, f"{pointer}/{field.name}", problems))
    return (*merged, *others.values())


def _merge_field(first: Field, second: Field, pointer: str, problems: list[Problem]) -> Field:
    if first.dtype is not second.dtype:
        problems.append(Problem(f"{pointer}/dtype", first.dtype or MAP, second.dtype or MAP))
    one_map = Shape() if first.subfields or second.subfields else None
    shapes = first.shape or one_map, second.shape or one_map
    if shapes[0] is None or shapes[1] is None:
        shape = shapes[0] or shapes[1]
    else:
        shape = _merge_shape(shapes[0], shapes[1], f"{pointer}/shape", problems)
    profile = first.profile if first.profile is not Profile.NONE else second.profile
    subfields = first.subfields
    if first.subfields and second.subfields:
        subfields = _merge_fields(first.subfields, second.subfields, pointer, problems)
    return Field(first.name, first.dtype, shape, profile, subfields)


def _merge_shape(first: Shape, second: Shape, pointer: str, problems: list[Problem]) -> Shape:
    pairs = list(zip(first.dims, second.dims, strict=False))
    if len(first.dims) != len(second.dims) or any(a != b and -1 not in (a, b) for a, b in pairs):
        problems.append(Problem(pointer, shape_text(first.dims), shape_text(second.dims)))
    return Shape(tuple(max(a, b) for a, b in pairs))


def shape_text(dims: Sequence[int] | None) -> str:
    """A shape as people write it: any, scalar, [-1, 8, 8]."""
    if dims is None:
        return "any shape"
    return f"shape [{', '.join(map(str, dims))}]" if dims else "a scalar"


def _said(value: Any) -> str:
    return "nothing" if value is None else repr(value)[:80]
