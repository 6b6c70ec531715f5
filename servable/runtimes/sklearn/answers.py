"""How a signature's outputs are asked of a scikit-learn estimator: by their names.

    probability, probabilities, proba, predict_proba      predict_proba
    log_probability, log_probabilities, predict_log_proba predict_log_proba
    transform, transformed, embedding                     transform
    decision_function, score_samples                      the method of that name
    any other name                                        predict, or transform where there is no predict

A probability whose shape has no room for classes (a scalar, or [-1]) is the probability of the second class, which
only a model of two classes has.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from servable.contract import Field
from servable.errors import CannotLoad
from servable.tensors import Array

_METHODS = {
    "probability": "predict_proba",
    "probabilities": "predict_proba",
    "proba": "predict_proba",
    "predict_proba": "predict_proba",
    "log_probability": "predict_log_proba",
    "log_probabilities": "predict_log_proba",
    "predict_log_proba": "predict_log_proba",
    "transform": "transform",
    "transformed": "transform",
    "embedding": "transform",
    "decision_function": "decision_function",
    "score_samples": "score_samples",
}
_PER_CLASS = ("predict_proba", "predict_log_proba")


def choose_method(estimator: Any, field: Field) -> str:
    """The estimator's method for an output. Raises CannotLoad when it has none, or no single probability."""
    method = _METHODS.get(field.name) or ("predict" if hasattr(estimator, "predict") else "transform")
    if not callable(getattr(estimator, method, None)):
        raise CannotLoad(f"output '{field.name}' needs {method}, which {type(estimator).__name__} does not have")
    if method in _PER_CLASS and _is_one_number(field):
        classes = len(getattr(estimator, "classes_", ()))
        if classes != 2:
            raise CannotLoad(
                f"output '{field.name}' is one number, but the model tells {classes} classes apart; "
                f"give its shape a dimension of {classes}"
            )
    return method


def shape_answer(method: str, field: Field) -> Callable[[Any], Array]:
    """From what the method returns (an array, a sparse matrix, a DataFrame) to rows of the output."""
    one_number = method in _PER_CLASS and _is_one_number(field)

    def shaped(answer: Any) -> Array:
        array = np.asarray(answer.toarray() if hasattr(answer, "toarray") else answer)
        if one_number:
            return array[:, 1]
        if array.ndim == 2 and array.shape[1] == 1 and _is_one_number(field):
            return array[:, 0]
        return array

    return shaped


def _is_one_number(field: Field) -> bool:
    return field.dims in ((), (-1,))
