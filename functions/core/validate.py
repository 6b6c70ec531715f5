"""Does a set of named tensors fit a signature? Every problem at once, each with a JSON pointer.

One set of rules for inputs and outputs; plain JSON has its own way in (plain.py), to the same tensors.
"""

from collections.abc import Mapping, Sequence

from functions.core import dtypes
from functions.core.dtypes import DType
from functions.core.errors import Problem
from functions.core.leaves import Leaf, find_misfits, leaves
from functions.core.place import escape
from functions.core.signature import MAX_DEPTH, Field, shape_text
from functions.core.tensor import Tensor, resolve


def check_tensors(fields: Sequence[Field], tensors: Mapping[str, Tensor], pointer: str = "") -> list[Problem]:
    """Problems of `tensors`, by the names of leaves, against `fields`: missing, of another type, shape or length."""
    problems = []
    expected = leaves(fields)
    for leaf in expected:
        tensor = tensors.get(leaf.name)
        where = f"{pointer}/{escape(leaf.name)}"
        problems.extend([missing(leaf, where)] if tensor is None else check_tensor(leaf, tensor, where))
    return problems or check_maps(expected, tensors, pointer)


def check_tensor(leaf: Leaf, tensor: Tensor, pointer: str) -> list[Problem]:
    """Problems of one tensor: its type, its shape, and whether its data fill the shape."""
    problems = check_kind(leaf, tensor.dtype, tensor.shape, pointer)
    try:
        dtypes.check_text(tensor.dtype, tensor.data)
        elements = dtypes.count(tensor.dtype, tensor.data)
    except ValueError as error:
        return [*problems, Problem(f"{pointer}/data", f"{tensor.dtype.datatype} data", str(error))]
    if resolve(tensor.shape, elements) is None:
        problems.append(Problem(f"{pointer}/data", f"elements for {shape_text(tensor.shape)}", f"{elements} elements"))
    return problems


def check_kind(leaf: Leaf, dtype: DType | None, shape: Sequence[int] | None, pointer: str) -> list[Problem]:
    """Problems of a type and a shape, None for one that is not known."""
    problems = []
    if dtype is not None and dtype is not leaf.dtype:
        problems.append(Problem(f"{pointer}/datatype", leaf.dtype.datatype, dtype.datatype))
    return problems if shape is None else [*problems, *check_shape(leaf, shape, f"{pointer}/shape")]


def check_shape(leaf: Leaf, shape: Sequence[int], pointer: str) -> list[Problem]:
    """Rank first, then each dimension; a free dimension (-1) accepts any size, and any shape any sane rank.

    A size of -1, which its caller left to be worked out, is no problem.
    """
    dims = leaf.dims
    if dims is None:
        return [Problem(pointer, f"at most {MAX_DEPTH} dimensions", f"{len(shape)}")] if len(shape) > MAX_DEPTH else []
    sizes = zip(dims, shape, strict=False)
    fits = len(dims) == len(shape) and all(want == have or -1 in (want, have) for want, have in sizes)
    return [] if fits else [Problem(pointer, shape_text(dims), shape_text(shape))]


def check_maps(found: Sequence[Leaf], tensors: Mapping[str, Tensor], pointer: str) -> list[Problem]:
    """Problems of lists of maps whose leaves tell different numbers of them."""
    return [
        Problem(f"{pointer}/{escape(misfit.name)}/shape", misfit.expected, misfit.received)
        for misfit in find_misfits(found, tensors)
    ]


def missing(leaf: Leaf, pointer: str) -> Problem:
    return Problem(pointer, f"{leaf.dtype.value}, {shape_text(leaf.dims)}", "nothing: the field is missing")
