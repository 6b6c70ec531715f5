"""The short way to a prediction: the arithmetic of the estimator (arithmetic.py) without scikit-learn's checks.

For one row the checks take ten to a hundred times as long as the model, and most of them read_inputs has made already.
A shortcut is taken only where nobody can tell: for estimators whose arithmetic is known; when it gave the same bits as
the estimator for every table of a sample at load; for finite numbers, in tables small enough that several processors
would not help. Everything else goes the estimator's way, also what it would refuse (docs/decisions/0029).
"""

import logging
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import joblib
import numpy as np

from servable.contract import Field, Signature
from servable.dtypes import LAYOUTS, DType
from servable.runtimes.sklearn.arithmetic import Way, ways
from servable.runtimes.sklearn.columns import as_table, fitted_names
from servable.tensors import Array

log = logging.getLogger(__name__)

MOST_ROWS = 256
LARGEST = float(np.finfo(np.float32).max)  # trees compare in single precision
_SAMPLE_ROWS = (1, 1, 2, 7, 64)

Rows = Mapping[str, Array]
Shortcut = Callable[[Rows], dict[str, Array] | None]


def find_shortcut(
    estimator: Any, signature: Signature, methods: Sequence[str], ask: Callable[[Rows], dict[str, Array]]
) -> Shortcut | None:
    """Rows to answers by method as `ask` gives them, or None for rows that must go the long way.

    There is none for an estimator that is not known, or for one whose shortcut differs from `ask`.
    """
    known = ways(estimator)
    if any(field.dtype is DType.STRING for field in signature.inputs) or not set(methods) <= set(known):
        return None
    width = int(estimator.n_features_in_)
    shortcut = _build({method: known[method] for method in methods}, _table_maker(estimator, signature), width)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"), joblib.parallel_config(backend="sequential"):
            warnings.simplefilter("ignore")  # the sample's numbers may overflow where real ones do not
            same = all(_same(shortcut(rows), ask(rows)) for rows in _samples(signature, width))
    except Exception:
        log.debug("no shortcut past scikit-learn's checks", exc_info=True)
        return None
    if not same:
        log.info("no shortcut past scikit-learn's checks: the results differ")
    return shortcut if same else None


def _build(chosen: Mapping[str, Way], make_table: Callable[[Rows], Array], width: int) -> Shortcut:
    def shortcut(rows: Rows) -> dict[str, Array] | None:
        table = make_table(rows)
        # a tree would read beyond a table that is too narrow
        if not 0 < len(table) <= MOST_ROWS or table.shape[1:] != (width,) or not _is_finite(table):
            return None
        return {method: way(table) for method, way in chosen.items()}

    return shortcut


def _is_finite(table: Array) -> bool:
    """Every number is finite, also in single precision. The sum of squares tells it of nearly all tables, sooner."""
    return bool(np.vdot(table, table) <= LARGEST or (np.abs(table) <= LARGEST).all())


def _table_maker(estimator: Any, signature: Signature) -> Callable[[Rows], Array]:
    """The same numbers in the same places of memory as columns.py and pandas put them."""
    names = fitted_names(estimator, signature)
    if names is not None:
        return lambda rows: np.array([rows[name] for name in names]).T
    if len(signature.inputs) == 1:
        only = signature.inputs[0].name
        return lambda rows: as_table(rows[only])
    return lambda rows: np.hstack([as_table(array) for array in rows.values()])


def _samples(signature: Signature, free: int) -> list[Rows]:
    """Seeded tables of every size; `free` is what a dimension that the signature leaves open is in them."""
    random = np.random.default_rng(29)
    return [{field.name: _drawn(random, field, count, free) for field in signature.inputs} for count in _SAMPLE_ROWS]


def _drawn(random: np.random.Generator, field: Field, count: int, free: int) -> Array:
    """Numbers of every size, some of them whole, or zero."""
    dims = (-1, -1) if field.dims is None else field.dims
    shape = (count, *(free if size == -1 else size for size in dims[1 if field.is_batched else 0 :]))
    numbers = random.normal(size=shape) * 10 ** random.uniform(-2, 3, shape)
    numbers = np.where(random.random(shape) < 0.2, np.round(numbers), numbers)
    layout = LAYOUTS[field.dtype].numpy
    if layout.kind == "b":
        return np.asarray(numbers > 0)
    if layout.kind in "iu":
        return np.asarray(np.abs(numbers) % 100 if layout.kind == "u" else np.fmod(numbers, 100)).astype(layout)
    return numbers.astype(layout)


def _same(short: Mapping[str, Array] | None, long: Mapping[str, Array]) -> bool:
    if short is None:
        return False
    return all(_bits(short[method]) == _bits(answer) for method, answer in long.items())


def _bits(answer: Any) -> tuple[Any, ...]:
    array = np.asarray(answer)
    return array.dtype, array.shape, array.tolist() if array.dtype == object else array.tobytes()
