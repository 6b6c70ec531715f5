"""Which columns of a file a version's fields are in.

A scalar is the column of its name. A field with elements is `name_0`, `name_1`, … in row-major order, as the reference
system flattens it, or one column of lists where a format has them. A field of any shape is either. Inputs must be
there, outputs may be; what no field is called is told and left alone.
"""

import math
from collections import Counter
from collections.abc import Collection, Sequence

import msgspec

from functions.core.errors import InvalidRequest, Problem
from functions.core.leaves import Leaf
from functions.core.signature import shape_text
from functions.core.tensor import resolve
from functions.sonar.training.rejected import shown

SHOWN = 100  # columns that are told of


class Source(msgspec.Struct, frozen=True):
    """`positions` of a field's columns in the file; `shape` of a row, None where one column holds it as a list."""

    field: Leaf
    columns: tuple[str, ...]
    positions: tuple[int, ...]
    shape: tuple[int, ...] | None


class Layout(msgspec.Struct, frozen=True):
    sources: tuple[Source, ...]
    ignored: tuple[str, ...]
    absent: tuple[str, ...]


def lay_out(
    fields: Sequence[Leaf], columns: Sequence[str], required: Collection[str], lists: Collection[str] = ()
) -> Layout:
    """`lists` are the columns that hold lists. Raises InvalidRequest naming every column that is missing, or is a
    field's and stands twice, or does not make up its field."""
    problems: list[Problem] = []
    positions = {name: at for at, name in enumerate(columns)}
    sources, absent = [], []
    for field in fields:
        source = _source(field, positions, lists, problems)
        if source is not None:
            sources.append(source)
        elif field.name in required:
            problems.append(Problem(f"/{field.name}", _expected(field), f"only {_listed(columns)}"))
        else:
            absent.append(field.name)
    used = dict.fromkeys(name for source in sources for name in source.columns)
    often = Counter(columns)
    problems += [
        Problem(f"/{name}", "a column of that name once", f"{often[name]} of them") for name in used if often[name] > 1
    ]
    if problems:
        raise InvalidRequest.of(problems)
    ignored = [shown(name or "(no name)") for name in often if name not in used]
    return Layout(tuple(sources), tuple(ignored[:SHOWN]), tuple(absent))


def _source(field: Leaf, positions: dict[str, int], lists: Collection[str], problems: list[Problem]) -> Source | None:
    """None when no column is the field's."""
    if field.name in positions:
        single = field.dims is None or (-1 not in field.dims and math.prod(field.dims) == 1)
        if field.name in lists and field.dims != ():
            return Source(field, (field.name,), (positions[field.name],), None)
        if single and field.name not in lists:
            return Source(field, (field.name,), (positions[field.name],), field.dims or ())
    if field.dims == ():
        return None
    names: list[str] = []
    while f"{field.name}_{len(names)}" in positions:
        names.append(f"{field.name}_{len(names)}")
    if not names:
        return None
    shape = (len(names),) if field.dims is None else resolve(field.dims, len(names))
    if shape is None:
        problems.append(Problem(f"/{field.name}", _expected(field), f"{names[0]} … {names[-1]}"))
        shape = (len(names),)
    return Source(field, tuple(names), tuple(positions[name] for name in names), shape)


def _expected(field: Leaf) -> str:
    if field.dims == ():
        return "a column of that name"
    return f"columns {field.name}_0, {field.name}_1, … that make up {shape_text(field.dims)}"


def _listed(columns: Sequence[str]) -> str:
    named = ", ".join(map(shown, columns[:20]))
    return f"{named} and {len(columns) - 20} more" if len(columns) > 20 else named
