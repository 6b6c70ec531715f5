"""Signatures: what a model takes and gives, and the algebra that joins signatures of variants and stages.

The JSON form is the reference system's (`modelSignature`): camelCase, `DT_` names, `{"dims": [...]}`. A shape that is
absent means "any", empty dims mean a scalar, -1 is a free dimension.
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
    """`shape` None accepts any shape."""

    name: str
    dtype: DType
    shape: Shape | None = None
    profile: Profile = Profile.NONE

    @property
    def dims(self) -> tuple[int, ...] | None:
        return None if self.shape is None else self.shape.dims


class Signature(msgspec.Struct, frozen=True, rename="camel"):
    signature_name: str
    inputs: tuple[Field, ...]
    outputs: tuple[Field, ...]


NAME = re.compile(r"[A-Za-z_][\w.\-]*")


def parse_signature(document: Any, pointer: str = "") -> Signature:
    """The signature that a JSON document describes. Raises InvalidRequest with every problem found."""
    problems: list[Problem] = []
    if not isinstance(document, dict):
        raise InvalidRequest.of([Problem(pointer, "a signature object", _said(document))])
    name = document.get("signatureName")
    if not isinstance(name, str) or not name.strip():
        problems.append(Problem(f"{pointer}/signatureName", "a non-empty string", _said(name)))
    sides = [_parse_side(document.get(side), f"{pointer}/{side}", problems) for side in ("inputs", "outputs")]
    if problems:
        raise InvalidRequest.of(problems)
    return Signature(str(name), *sides)


def _parse_side(fields: Any, pointer: str, problems: list[Problem]) -> tuple[Field, ...]:
    if not isinstance(fields, list) or not fields:
        problems.append(Problem(pointer, "a list with at least one field", _said(fields)))
        return ()
    parsed = [_parse_field(field, f"{pointer}/{at}", problems) for at, field in enumerate(fields)]
    names = [field.name for field in parsed if field]
    for at, name in enumerate(names):
        if name in names[:at]:
            problems.append(Problem(f"{pointer}/{at}/name", "a name used once", f"{name!r} again"))
    return tuple(field for field in parsed if field)


def _parse_field(document: Any, pointer: str, problems: list[Problem]) -> Field | None:
    if not isinstance(document, dict):
        problems.append(Problem(pointer, "a field object", _said(document)))
        return None
    before = len(problems)
    name = document.get("name")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        problems.append(Problem(f"{pointer}/name", f"a name like {NAME.pattern}", _said(name)))
    dtype = dtype_named(str(document.get("dtype")))
    if dtype is None:
        known = ", ".join(d.value for d in DType)
        problems.append(Problem(f"{pointer}/dtype", f"one of {known}", _said(document.get("dtype"))))
    shape = _parse_shape(document.get("shape"), f"{pointer}/shape", problems)
    profile = str(document.get("profile") or "NONE").upper()
    if profile not in Profile.__members__:
        problems.append(Problem(f"{pointer}/profile", f"one of {', '.join(Profile)}", _said(document["profile"])))
    if len(problems) > before or dtype is None:
        return None
    return Field(str(name), dtype, shape, Profile(profile))


def _parse_shape(document: Any, pointer: str, problems: list[Problem]) -> Shape | None:
    if document is None:
        return None
    dims = document.get("dims") if isinstance(document, dict) else document
    if not isinstance(dims, list) or any(type(d) is not int or (d != -1 and d < 1) for d in dims):
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
    given = {field.name: field for field in first.outputs}
    problems: list[Problem] = []
    for field in following.inputs:
        if field.name not in given:
            problems.append(
                Problem(f"/inputs/{field.name}", "an output of the stage before", f"only {', '.join(given)}")
            )
        else:
            _merge_field(given[field.name], field, f"/inputs/{field.name}", problems)
    if problems:
        raise InvalidRequest.of(problems)
    return Signature(f"{first.signature_name}>{following.signature_name}", first.inputs, following.outputs)


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
        problems.append(Problem(f"{pointer}/dtype", first.dtype.value, second.dtype.value))
    if first.shape is None or second.shape is None:
        shape = first.shape or second.shape
    else:
        shape = _merge_shape(first.shape, second.shape, f"{pointer}/shape", problems)
    profile = first.profile if first.profile is not Profile.NONE else second.profile
    return Field(first.name, first.dtype, shape, profile)


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
