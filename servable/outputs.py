"""From what the model returned to arrays that keep the signature's promise.

A cast is made only when it loses nothing that was meant: numpy's safe casts, integers that fit, and Python's own
numbers, which have no other width. Everything else is the model's mistake and is said to be one. The build runs the
same check, so a mistake is seen before the model is served.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from servable.contract import Field, Signature
from servable.dtypes import LAYOUTS, DType
from servable.errors import WrongOutput
from servable.maps import Column, misfits, spread
from servable.tensors import Array


def take_outputs(answer: object, signature: Signature) -> dict[str, Array]:
    """Arrays by the names of leaves; what the signature does not name is left out. Raises WrongOutput naming the
    output."""
    if not isinstance(answer, Mapping):
        raise WrongOutput(f"the model returned {type(answer).__name__}, expected a mapping of output names to values")
    columns = spread(signature.outputs, answer)
    missing = [leaf.name for leaf in signature.tensors.outputs if leaf.name not in columns]
    if missing:
        raise WrongOutput(f"the model returned no output '{missing[0]}', only: {', '.join(map(str, answer)) or 'none'}")
    arrays = {leaf.name: _take(leaf, columns[leaf.name]) for leaf in signature.tensors.outputs}
    if signature.has_maps:
        for told in misfits(signature.outputs, arrays):
            raise WrongOutput(f"output {told}")
    return arrays


def _take(field: Field, column: Column) -> Array:
    array = column.shaped(_cast(field, column.value), field)
    if field.dims == () and array.size == 1:
        array = array.reshape(())
    if not field.accepts(array.shape):
        raise WrongOutput(f"output '{field.name}': expected shape {list(field.dims or ())}, got {list(array.shape)}")
    return array


def _cast(field: Field, value: Any) -> Array:
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise WrongOutput(f"output '{field.name}': not a rectangular array: {error}") from error
    if field.dtype is DType.STRING:
        return _text(field, array)
    target = LAYOUTS[field.dtype].numpy
    if array.dtype == target:
        return array
    if np.can_cast(array.dtype, target, "safe") or array.size == 0:
        return array.astype(target, copy=False)
    if array.dtype.kind in "iu" and target.kind in "iu" and _fits(array, target):
        return array.astype(target)
    if array.dtype.kind in "if" and target.kind == "f" and not _has_width(value):
        with np.errstate(over="ignore"):
            narrowed = array.astype(target)
        if np.isfinite(narrowed).sum() == np.isfinite(array).sum():
            return narrowed
    raise WrongOutput(
        f"output '{field.name}': {_described(array)} cannot become {field.dtype.value} without loss; "
        "cast it in the model or change the signature"
    )


def _text(field: Field, array: Array) -> Array:
    if array.dtype.kind == "U":
        return array.astype(object)
    if array.dtype.kind == "S" or all(isinstance(item, str | bytes) for item in array.ravel()):
        return array.astype(object)
    raise WrongOutput(f"output '{field.name}': expected text for DT_STRING, got {_described(array)}")


def _fits(array: Array, target: np.dtype[np.generic]) -> bool:
    bounds: np.iinfo[Any] = np.iinfo(target.str)
    return bool(int(array.min()) >= bounds.min and int(array.max()) <= bounds.max)


def _has_width(value: Any) -> bool:
    """Whether the model chose a numpy type, rather than using Python's numbers, alone or in lists."""
    while isinstance(value, list | tuple) and value:
        value = value[0]
    return hasattr(value, "dtype")


def _described(array: Array) -> str:
    kind = {type(item).__name__ for item in array.ravel()[:100]} if array.dtype == object else {str(array.dtype)}
    return "a value of type " + ", ".join(sorted(kind))
