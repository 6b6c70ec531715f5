"""What common estimators compute, without what scikit-learn checks before: linear models, trees, forests, scalers.

The formulas are scikit-learn's own, operation by operation, so that the results are the same to the last bit for tables
of finite numbers. shortcuts.py holds them against the estimator itself before any is used.
"""

from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any

import numpy as np
from scipy.special import expit  # type: ignore[import-untyped]

from servable.tensors import Array

Way = Callable[[Array], Array]

_CLASSIFYING_TREES = {"DecisionTreeClassifier", "RandomForestClassifier", "ExtraTreesClassifier"}
_REGRESSING_TREES = {"DecisionTreeRegressor", "RandomForestRegressor", "ExtraTreesRegressor"}


def ways(estimator: Any) -> dict[str, Way]:
    """Functions of a table by the method that they stand for; none for an estimator that is not known here."""
    if not type(estimator).__module__.startswith("sklearn."):
        return {}  # somebody's subclass may do anything
    # by name, since an import of each family would make every other model start later
    names = {cls.__name__ for cls in type(estimator).__mro__}
    if "Pipeline" in names:
        return _pipeline([step for _, step in estimator.steps])
    if "BaseSearchCV" in names:
        return ways(estimator.best_estimator_)
    if "StandardScaler" in names:
        return {"transform": _scaling(estimator)}
    if "LinearClassifierMixin" in names:
        return _linear_classifier(estimator, regression="LogisticRegression" in names)
    if "LinearModel" in names:
        return {"predict": _linear(estimator)}
    if names & (_CLASSIFYING_TREES | _REGRESSING_TREES) and estimator.n_outputs_ == 1:
        return _trees(estimator, classifying=bool(names & _CLASSIFYING_TREES))
    return {}


def _pipeline(steps: list[Any]) -> dict[str, Way]:
    transforms = [ways(step).get("transform") for step in steps[:-1]]
    known = [transform for transform in transforms if transform is not None]
    if len(known) < len(transforms):
        return {}
    return {method: _after(known, way) for method, way in ways(steps[-1]).items()}


def _after(transforms: Iterable[Way], way: Way) -> Way:
    return lambda x: way(reduce(lambda table, transform: transform(table), transforms, x))


def _scaling(scaler: Any) -> Way:
    def scaled(x: Array) -> Array:
        table = x.astype(x.dtype if x.dtype.kind == "f" else np.float64)
        if scaler.with_mean:
            table -= scaler.mean_.astype(table.dtype)
        if scaler.with_std:
            table /= scaler.scale_.astype(table.dtype)
        return table

    return scaled


def _linear(model: Any) -> Way:
    weights, intercept = model.coef_.T, model.intercept_
    return lambda x: np.asarray(x @ weights + intercept)


def _linear_classifier(model: Any, *, regression: bool) -> dict[str, Way]:
    product = _linear(model)
    classes = model.classes_

    def scores(x: Array) -> Array:
        table = product(x)
        return table.reshape(-1) if table.ndim > 1 and table.shape[1] == 1 else table

    def predict(x: Array) -> Array:
        table = scores(x)
        indices = (table > 0).astype(int) if table.ndim == 1 else table.argmax(axis=1)
        return np.asarray(classes.take(indices, axis=0))

    known: dict[str, Way] = {"decision_function": scores, "predict": predict}
    if regression:
        two = len(classes) <= 2
        known["predict_proba"] = (lambda x: _of_two(scores(x))) if two else (lambda x: _softmax(scores(x)))
    return known


def _of_two(scores: Array) -> Array:
    second = expit(scores)
    return np.stack([1 - second, second], axis=1)


def _softmax(scores: Array) -> Array:
    scores -= np.max(scores, axis=1).reshape(-1, 1)
    np.exp(scores, out=scores)
    scores /= np.sum(scores, axis=1).reshape(-1, 1)
    return scores


def _trees(model: Any, *, classifying: bool) -> dict[str, Way]:
    mean = _mean_of_trees(model)
    if not classifying:
        return {"predict": lambda x: mean(x)[:, 0]}
    return {"predict_proba": mean, "predict": _most_likely(model.classes_, mean)}


def _mean_of_trees(model: Any) -> Way:
    """The mean of what the trees say, summed in their order; of a single tree what it says."""
    trees = [tree.tree_ for tree in getattr(model, "estimators_", [model])]
    single = not hasattr(model, "estimators_")

    def mean(x: Array) -> Array:
        table = np.ascontiguousarray(x, np.float32)
        first = np.asarray(trees[0].predict(table))
        if single:
            return first
        total = np.zeros(first.shape)
        total += first
        for tree in trees[1:]:
            total += tree.predict(table)
        total /= len(trees)
        return total

    return mean


def _most_likely(classes: Array, probabilities: Way) -> Way:
    return lambda x: np.asarray(classes.take(probabilities(x).argmax(axis=1), axis=0))
