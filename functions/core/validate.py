"""Does a set of named tensors fit a signature? Every problem at once, each with a JSON pointer.

One set of rules for inputs and outputs, for plain JSON and for the protocol's tensors.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from functions.core import dtypes
from functions.core.errors import Problem
from functions.core.signature import Field, shape_text
from functions.core.tensor import MAX_DEPTH, NotATensor, Tensor, describe, flatten, from_json, resolve


def check_tensors(fields: Sequence[Field], tensors: Mapping[str, Tensor], pointer: str = "") -> list[Problem]:
    """Problems of `tensors` against `fields`: missing, of another type, of another shape, of another length."""
    problems = []
    for field in fields:
        tensor = tensors.get(field.name)
        where = f"{pointer}/{escape(field.name)}"
        if tensor is None:
            problems.append(missing(field, where))
        else:
            problems.extend(check_tensor(field, tensor, where))
    return problems


def check_tensor(field: Field, tensor: Tensor, pointer: str) -> list[Problem]:
    """Problems of one tensor: its type, its shape, and whether its data fill the shape."""
    problems = []
    if tensor.dtype is not field.dtype:
        problems.append(
            Problem(f"{pointer}/datatype", field.dtype.datatype, f"{tensor.dtype.datatype}"),
        )
    problems.extend(check_shape(field, tensor.shape, f"{pointer}/shape"))
    try:
        dtypes.check_text(tensor.dtype, tensor.data)
        elements = dtypes.count(tensor.dtype, tensor.data)
    except ValueError as error:
        return [*problems, Problem(f"{pointer}/data", f"{tensor.dtype.datatype} data", str(error))]
    if resolve(tensor.shape, elements) is None:
        problems.append(Problem(f"{pointer}/data", f"elements for {shape_text(tensor.shape)}", f"{elements} elements"))
    return problems


def check_shape(field: Field, shape: Sequence[int], pointer: str) -> list[Problem]:
    """Rank first, then each dimension; a free dimension (-1) accepts any size, and any shape any sane rank."""
    dims = field.dims
    if dims is None:
        return [Problem(pointer, f"at most {MAX_DEPTH} dimensions", f"{len(shape)}")] if len(shape) > MAX_DEPTH else []
    fits = len(dims) == len(shape) and all(want in (-1, have) for want, have in zip(dims, shape, strict=True))
    return [] if fits else [Problem(pointer, shape_text(dims), shape_text(shape))]


def read_plain(fields: Sequence[Field], body: Any) -> tuple[dict[str, Tensor], list[Problem], list[str]]:
    """Tensors of a plain JSON object, one key per field; with the problems and the keys nobody asked for."""
    if not isinstance(body, dict):
        return {}, [Problem("", "a JSON object with one key per input", describe(body))], []
    tensors: dict[str, Tensor] = {}
    problems: list[Problem] = []
    for field in fields:
        pointer = f"/{escape(field.name)}"
        if field.name not in body:
            problems.append(missing(field, pointer))
            continue
        try:
            tensors[field.name] = read_value(field, body[field.name], pointer)
        except NotATensor as error:
            problems.extend(error.problems)
    known = {field.name for field in fields}
    return tensors, problems, [key for key in body if key not in known]


def read_value(field: Field, value: Any, pointer: str) -> Tensor:
    """The tensor of one plain JSON value, its shape checked before its elements. Raises NotATensor."""
    shape, _ = flatten(value, pointer)
    problems = check_shape(field, shape, pointer)
    if problems:
        raise NotATensor([Problem(pointer, f"{field.dtype.value}, {problems[0].expected}", problems[0].received)])
    return from_json(field.dtype, value, pointer)


def missing(field: Field, pointer: str) -> Problem:
    return Problem(pointer, f"{field.dtype.value}, {shape_text(field.dims)}", "nothing: the field is missing")


def escape(name: str) -> str:
    """A name as a JSON pointer token (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")
