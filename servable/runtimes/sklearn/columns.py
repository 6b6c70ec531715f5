"""How a signature's inputs become the X of a scikit-learn estimator.

1. One input with more than one dimension per batch (`[-1, 64]`, `[-1, 8, 8]`, or `[64]` for a single row) is X; what
   lies beyond the second dimension is flattened, because estimators take tables.
2. Otherwise every input is a column, or several. When the estimator was fitted on a table with names, they go in as a
   DataFrame by name, in the fitted order. When it was not, they stand side by side in the signature's order.
3. One column for an estimator that counts no features (a text vectorizer) goes in as a plain list of values.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]

from servable.contract import Signature
from servable.errors import CannotLoad
from servable.tensors import Array

MakeX = Callable[[Mapping[str, Array]], Any]


def choose_columns(estimator: Any, signature: Signature) -> MakeX:
    """The way from rows (arrays by input name, all with a row dimension) to X. Raises CannotLoad for a misfit."""
    names = [field.name for field in signature.inputs]
    fitted = fitted_names(estimator, signature)
    count = _fitted(estimator, "n_features_in_")
    if fitted is not None:
        return _by_name(fitted, names)
    if count is None and len(names) == 1 and _is_column(signature.inputs[0].dims):
        return lambda rows: rows[names[0]].ravel()
    _check_width(signature, count)
    return lambda rows: np.hstack([as_table(array) for array in rows.values()])


def fitted_names(estimator: Any, signature: Signature) -> list[str] | None:
    """The columns by name in the fitted order; None when the inputs are not columns, or the model knows no names."""
    names = _fitted(estimator, "feature_names_in_")
    if names is None or not all(_is_column(field.dims) for field in signature.inputs):
        return None
    return [str(name) for name in names]


def _fitted(estimator: Any, attribute: str) -> Any:
    # a Pipeline asks its first step, which may not know
    return getattr(estimator, attribute, None)


def _is_column(dims: tuple[int, ...] | None) -> bool:
    return dims in ((), (-1,))


def _by_name(fitted: list[str], given: list[str]) -> MakeX:
    if sorted(fitted) != sorted(given):
        missing = [name for name in fitted if name not in given]
        unknown = [name for name in given if name not in fitted]
        raise CannotLoad(
            "the model was fitted on other columns than the signature's inputs; "
            f"missing in the signature: {', '.join(missing) or 'none'}; "
            f"unknown to the model: {', '.join(unknown) or 'none'}"
        )
    return lambda rows: pd.DataFrame({name: rows[name] for name in fitted}, copy=True)


def _check_width(signature: Signature, count: int | None) -> None:
    widths = [_width(field.dims, batched=field.is_batched) for field in signature.inputs]
    if count is not None and None not in widths and sum(filter(None, widths)) != count:
        raise CannotLoad(f"the model was fitted on {count} features, the signature's inputs make {_sum(widths)}")


def _sum(widths: list[int | None]) -> int:
    return sum(width or 0 for width in widths)


def _width(dims: tuple[int, ...] | None, *, batched: bool) -> int | None:
    """Features an input makes; None when that is left open."""
    if dims is None:
        return None
    per_row = dims[1:] if batched else dims
    return None if -1 in per_row else math.prod(per_row)


def as_table(array: Array) -> Array:
    """Rows of features, in memory of its own."""
    table = array.reshape(len(array), math.prod(array.shape[1:]))
    return table.copy()  # compiled parts of older estimators want memory they may write to
