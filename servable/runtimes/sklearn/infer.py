"""The signature a fitted scikit-learn estimator carries.

Inputs: one column per name it was fitted on, or one table X of as many features as it counted, or one column of text
for an estimator that counts none (a vectorizer). A column is text where an encoder or vectorizer of the pipeline knows
text for it, else double. Names that no field may have (`sepal length (cm)`) make a table X too.

Outputs are asked of the estimator itself: it is called once with an example of those inputs, and what it answers says
dtypes and shapes. That is the only honest source, because no attribute tells what a pipeline of own steps gives.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]

from servable.contract import Field, Shape, Signature
from servable.dtypes import LAYOUTS, DType
from servable.errors import CannotLoad
from servable.runtimes.names import is_name
from servable.runtimes.sklearn.load import find_estimator
from servable.runtimes.sklearn.texts import known_texts
from servable.tensors import Array

ROWS = 2  # of the example: more than one, so that rows are told from other dimensions
TABLE, TEXT = "X", "text"
CALLS = {"label": "predict", "prediction": "predict", "probabilities": "predict_proba", "transformed": "transform"}


def infer(files: Path) -> Signature:
    """Raises CannotLoad when the estimator does not answer the example."""
    estimator = find_estimator(files)
    inputs, example = _inputs(estimator)
    return Signature("predict", inputs, tuple(_output(estimator, name, example) for name in _outputs(estimator)))


def _inputs(estimator: Any) -> tuple[tuple[Field, ...], Any]:
    """The fields, and X for an example of them."""
    count = getattr(estimator, "n_features_in_", None)
    names = getattr(estimator, "feature_names_in_", None)
    if count is None:
        return (Field(TEXT, DType.STRING, Shape((-1,)), "TEXT"),), ["foo"] * ROWS
    if names is not None and all(isinstance(name, str) and is_name(name) for name in names):
        return _columns([str(name) for name in names], known_texts(estimator))
    return (Field(TABLE, DType.DOUBLE, Shape((-1, int(count)))),), np.ones((ROWS, int(count)))


def _columns(names: list[str], texts: Mapping[str, str]) -> tuple[tuple[Field, ...], Any]:
    fields = [
        Field(name, DType.STRING, Shape((-1,)), "CATEGORICAL")
        if name in texts
        else Field(name, DType.DOUBLE, Shape((-1,)))
        for name in names
    ]
    example = pd.DataFrame({name: [texts[name]] * ROWS if name in texts else np.ones(ROWS) for name in names})
    return tuple(fields), example


def _outputs(estimator: Any) -> list[str]:
    if not hasattr(estimator, "predict"):
        return ["transformed"]
    if not hasattr(estimator, "classes_"):
        return ["prediction"]
    return ["label", "probabilities"] if hasattr(estimator, "predict_proba") else ["label"]


def _output(estimator: Any, name: str, example: Any) -> Field:
    method = CALLS[name]
    try:
        answer = getattr(estimator, method)(example)
    except Exception as error:
        raise CannotLoad(
            f"{method} of the {type(estimator).__name__} does not take what its attributes tell: "
            f"{type(error).__name__}: {error}"
        ) from error
    array = np.asarray(answer.toarray() if hasattr(answer, "toarray") else answer)
    if array.ndim == 0 or len(array) != ROWS:
        raise CannotLoad(f"{method} gives shape {list(array.shape)} for {ROWS} rows")
    profile = "CATEGORICAL" if name == "label" else "NONE"
    return Field(name, _dtype(array, method), Shape((-1, *array.shape[1:])), profile)


def _dtype(array: Array, method: str) -> DType:
    if array.dtype.kind in "UO" and all(isinstance(value, str) for value in array.ravel()):
        return DType.STRING
    for dtype, layout in LAYOUTS.items():
        if layout.numpy == array.dtype and dtype is not DType.STRING:
            return dtype
    raise CannotLoad(f"{method} gives values of type {array.dtype}, which no signature can name")
