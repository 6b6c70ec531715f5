"""Tensors as a caller gives them in the Open Inference Protocol: read, or the reasons why they cannot be.

Reading never raises, because a caller wants to hear everything that is wrong with all inputs at once: a datatype may be
any value, and a shape that is no sequence of sizes too (msgspec.UNSET for what is missing).
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from functions.core import dtypes
from functions.core.budget import Budget
from functions.core.describe import describe
from functions.core.dtypes import BY_DATATYPE, DType
from functions.core.errors import Problem
from functions.core.flatten import NotATensor, encode_elements, flatten, flatten_numbers
from functions.core.place import place
from functions.core.signature import LARGEST_SIZE, MAX_DEPTH, shape_text
from functions.core.tensor import MOST_HOLLOW, Tensor, is_hollow, resolve


class Given(msgspec.Struct, frozen=True):
    """A named tensor; `tensor` is None when it cannot be read, and `problems` say why. What was said of it can be held
    against a signature all the same: `dtype` and `shape`, in which -1 may stand, None where they make no sense."""

    name: str
    tensor: Tensor | None = None
    problems: tuple[Problem, ...] = ()
    dtype: DType | None = None
    shape: tuple[int, ...] | None = None


def given_raw(name: str, datatype: Any, shape: Any, raw: bytes, pointer: str, budget: Budget) -> Given:
    """From the protocol's raw bytes. A single -1 in `shape` is worked out from the number of elements.

    Raises PayloadTooLarge for more texts than `budget` has left.
    """

    def read(dtype: DType) -> Tensor:
        try:
            elements = dtypes.count(dtype, raw)
            if dtype is DType.STRING:
                budget.take(elements)
            dtypes.check_text(dtype, raw)
        except ValueError as error:
            raise NotATensor([Problem(f"{pointer}/data", f"{datatype} data", str(error))]) from None
        return Tensor(dtype, _resolved(shape, elements, pointer), raw)

    return _given(name, datatype, shape, pointer, read)


def given_json(
    name: str,
    datatype: Any,
    shape: Any,
    data: Any,
    pointer: str,
    budget: Budget,
    *,
    are_numbers: bool = False,
) -> Given:
    """From JSON: a flat list, or lists nested as `shape` says, or a bare value for a scalar.

    With `are_numbers` the elements are known to be numbers, all equally deep.
    Raises PayloadTooLarge for more elements than `budget` has left.
    """
    where = f"{pointer}/data"

    def read(dtype: DType) -> Tensor:
        found, flat = flatten_numbers(data, where) if are_numbers else flatten(data, where)
        budget.take(len(flat))
        resolved = _resolved(shape, len(flat), pointer)
        if len(found) > 1 and found != resolved:
            raise NotATensor([Problem(where, f"a flat list or lists of {shape_text(resolved)}", shape_text(found))])
        return Tensor(dtype, resolved, encode_elements(dtype, flat, found, place(where), are_numbers=are_numbers))

    return _given(name, datatype, shape, pointer, read)


def refused(name: str, datatype: Any, shape: Any, pointer: str, *problems: Problem) -> Given:
    """One whose data cannot be read, because of `problems` or of what its caller says of it."""
    dtype = BY_DATATYPE.get(datatype) if isinstance(datatype, str) else None
    wrong = _check_shape(shape, f"{pointer}/shape")
    sizes = None if wrong else tuple(shape)
    if dtype is None:
        wrong.append(Problem(f"{pointer}/datatype", f"one of {', '.join(BY_DATATYPE)}", _said(datatype)))
    return Given(name, None, (*wrong, *problems), dtype, sizes)


def _given(name: str, datatype: Any, shape: Any, pointer: str, read: Callable[[DType], Tensor]) -> Given:
    dtype = BY_DATATYPE.get(datatype) if isinstance(datatype, str) else None
    if dtype is None or _check_shape(shape, pointer):
        return refused(name, datatype, shape, pointer)
    try:
        return Given(name, read(dtype))
    except NotATensor as error:
        return refused(name, datatype, shape, pointer, *error.problems)


def _check_shape(shape: Any, pointer: str) -> list[Problem]:
    if not isinstance(shape, Sequence) or isinstance(shape, str):
        return [Problem(pointer, "a list of sizes", _said(shape))]
    if len(shape) > MAX_DEPTH:
        return [Problem(pointer, f"at most {MAX_DEPTH} dimensions", f"{len(shape)}")]
    if strange := [size for size in shape if type(size) is not int or abs(size) > LARGEST_SIZE]:
        return [Problem(pointer, "sizes from 0 to 2^63-1, or -1 for free", describe(strange[0]))]
    if any(size < -1 for size in shape) or list(shape).count(-1) > 1:
        return [Problem(pointer, "sizes from 0 to 2^63-1, at most one of them -1 for free", shape_text(shape))]
    if is_hollow(shape):
        return [Problem(pointer, f"at most {MOST_HOLLOW} lists without elements", shape_text(shape))]
    return []


def _said(value: Any) -> str:
    return "nothing: it is missing" if value is msgspec.UNSET else describe(value)


def _resolved(shape: Sequence[int], elements: int, pointer: str) -> tuple[int, ...]:
    resolved = resolve(shape, elements)
    if resolved is None:
        raise NotATensor([Problem(f"{pointer}/data", f"elements for {shape_text(shape)}", f"{elements} elements")])
    return resolved
