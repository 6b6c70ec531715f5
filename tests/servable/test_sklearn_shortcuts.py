"""The short way past scikit-learn's checks: the same bits as the estimator, or not taken."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_diabetes, load_iris
from sklearn.ensemble import ExtraTreesClassifier, GradientBoostingClassifier, RandomForestClassifier
from sklearn.ensemble import RandomForestRegressor as Forest
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge, RidgeClassifier, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from servable.contract import Signature
from servable.runtimes.sklearn.answers import choose_method
from servable.runtimes.sklearn.columns import choose_columns
from servable.runtimes.sklearn.shortcuts import MOST_ROWS, Shortcut, find_shortcut
from servable.tensors import Array
from tests.servable.folders import field, signature

FLOWERS, KINDS = load_iris(return_X_y=True)
TWO = KINDS < 2
PATIENTS, PROGRESS = load_diabetes(return_X_y=True)
TABLE = field("X", "DT_DOUBLE", (-1, 4))
LABEL = field("label", "DT_INT64", (-1,))
CHANCES = field("probabilities", "DT_DOUBLE", (-1, 3))

CLASSIFIERS = {
    "regression": LogisticRegression(max_iter=500),
    "scaled regression": make_pipeline(StandardScaler(), LogisticRegression()),
    "forest": RandomForestClassifier(20, random_state=0),
    "forest on many processors": RandomForestClassifier(20, random_state=0, n_jobs=-1),
    "extra trees": ExtraTreesClassifier(5, random_state=0),
    "tree": DecisionTreeClassifier(random_state=0),
    "searched": GridSearchCV(LogisticRegression(max_iter=500), {"C": [0.1, 1.0]}),
}
REGRESSORS = {
    "least squares": LinearRegression(),
    "ridge": make_pipeline(StandardScaler(with_mean=False), Ridge()),
    "tree": DecisionTreeRegressor(max_depth=5, random_state=0),
    "forest": Forest(20, random_state=0),
}


class Asked:
    """The estimator's own way, counted."""

    def __init__(self, estimator: Any, of: Signature) -> None:
        self.times = 0
        self.methods = list(dict.fromkeys(choose_method(estimator, output) for output in of.outputs))
        self._estimator = estimator
        self._make_x = choose_columns(estimator, of)

    def __call__(self, rows: Mapping[str, Array]) -> dict[str, Any]:
        self.times += 1
        return {method: getattr(self._estimator, method)(self._make_x(rows)) for method in self.methods}


def shortcut(estimator: Any, of: Signature) -> tuple[Shortcut | None, Asked]:
    ask = Asked(estimator, of)
    return find_shortcut(estimator, of, ask.methods, ask), ask


def assert_same(short: Shortcut | None, ask: Asked, rows: dict[str, Any]) -> None:
    assert short is not None
    answers = short(rows)
    assert answers is not None
    for method, long in ask(rows).items():
        assert answers[method].dtype == long.dtype
        assert answers[method].tobytes() == long.tobytes()


@pytest.mark.parametrize("name", CLASSIFIERS)
@pytest.mark.parametrize("count", [1, 3, 150, MOST_ROWS])
def test_g24_a_classifier_answers_with_the_same_bits(name: str, count: int) -> None:
    fitted = CLASSIFIERS[name].fit(FLOWERS, KINDS)
    short, ask = shortcut(fitted, signature([TABLE], [LABEL, CHANCES]))
    rows = FLOWERS[np.random.default_rng(count).integers(0, len(FLOWERS), count)]
    if "many" in name:
        fitted.n_jobs = None  # sums of many threads come in no order
    assert_same(short, ask, {"X": rows})


@pytest.mark.parametrize("name", REGRESSORS)
def test_g24_a_regressor_answers_with_the_same_bits(name: str) -> None:
    fitted = REGRESSORS[name].fit(PATIENTS, PROGRESS)
    of = signature([field("X", "DT_DOUBLE", (-1, 10))], [field("prediction", "DT_DOUBLE", (-1,))])
    assert_same(*shortcut(fitted, of), {"X": PATIENTS[:200]})


@pytest.mark.parametrize("estimator", [LogisticRegression(), SGDClassifier(random_state=0)], ids=["regression", "sgd"])
def test_two_classes_and_single_precision(estimator: Any) -> None:
    fitted = estimator.fit(FLOWERS[TWO], KINDS[TWO])
    outputs = [LABEL, field("decision_function", "DT_DOUBLE", (-1,))]
    if isinstance(estimator, LogisticRegression):
        outputs.append(field("probability", "DT_DOUBLE", (-1,)))
    of = signature([field("X", "DT_FLOAT", (-1, 4))], outputs)
    assert_same(*shortcut(fitted, of), {"X": FLOWERS.astype(np.float32)})


def test_columns_by_name_in_the_fitted_order() -> None:
    names = ["d", "a", "c", "b"]
    table = pd.DataFrame(FLOWERS, columns=names).astype({"a": int})
    fitted = make_pipeline(StandardScaler(), LogisticRegression()).fit(table, KINDS)
    columns = [field(name, "DT_INT64" if name == "a" else "DT_DOUBLE", (-1,)) for name in sorted(names)]
    rows = {name: table[name].to_numpy() for name in sorted(names)}
    assert_same(*shortcut(fitted, signature(columns, [LABEL, CHANCES])), rows)


@pytest.mark.parametrize("dims", [None, (-1, -1)], ids=["any shape", "free sizes"])
def test_a_table_whose_width_the_signature_leaves_open(dims: tuple[int, ...] | None) -> None:
    fitted = LogisticRegression(max_iter=500).fit(FLOWERS, KINDS)
    assert_same(*shortcut(fitted, signature([field("X", "DT_DOUBLE", dims)], [LABEL])), {"X": FLOWERS})


def test_text_labels() -> None:
    fitted = LogisticRegression(max_iter=500).fit(FLOWERS, np.array(["one", "two", "three"])[KINDS])
    assert_same(*shortcut(fitted, signature([TABLE], [field("label", "DT_STRING", (-1,))])), {"X": FLOWERS})


@pytest.mark.parametrize("strange", [np.nan, np.inf, 1e39])
def test_numbers_that_are_not_finite_go_the_estimators_way(strange: float) -> None:
    short, _ = shortcut(DecisionTreeClassifier().fit(FLOWERS, KINDS), signature([TABLE], [LABEL]))
    assert short is not None
    assert short({"X": np.array([[1.0, 2.0, strange, 3.0]])}) is None


@pytest.mark.parametrize("width", [1, 3, 5])
def test_tables_of_another_width_go_the_estimators_way(width: int) -> None:
    fitted = DecisionTreeClassifier().fit(FLOWERS, KINDS)
    short, _ = shortcut(fitted, signature([field("X", "DT_DOUBLE", (-1, -1))], [LABEL]))
    assert short is not None
    assert short({"X": np.ones((2, width))}) is None


def test_many_rows_and_none_go_the_estimators_way() -> None:
    short, _ = shortcut(LogisticRegression(max_iter=500).fit(FLOWERS, KINDS), signature([TABLE], [LABEL]))
    assert short is not None
    assert short({"X": np.ones((MOST_ROWS + 1, 4))}) is None
    assert short({"X": np.ones((0, 4))}) is None


class Contrary(LogisticRegression):  # type: ignore[misc]
    """Somebody's own: the arithmetic of its parent is not its."""

    def predict(self, X: Any) -> Any:  # noqa: N803 - scikit-learn's name
        return 2 - super().predict(X)


@pytest.mark.parametrize(
    "estimator",
    [
        Contrary(max_iter=500),
        GradientBoostingClassifier(n_estimators=2),
        make_pipeline(MinMaxScaler(), LogisticRegression()),
    ],
    ids=["a subclass", "unknown arithmetic", "an unknown step"],
)
def test_what_is_not_known_has_no_shortcut(estimator: Any) -> None:
    assert shortcut(estimator.fit(FLOWERS, KINDS), signature([TABLE], [LABEL]))[0] is None


def test_a_shortcut_that_differs_is_not_taken() -> None:
    fitted = RidgeClassifier().fit(FLOWERS, KINDS)
    of = signature([TABLE], [LABEL])
    honest = Asked(fitted, of)

    def altered(rows: Mapping[str, Array]) -> dict[str, Any]:
        return {method: np.where(np.arange(len(answer)) == 5, 9, answer) for method, answer in honest(rows).items()}

    assert find_shortcut(fitted, of, honest.methods, altered) is None
    assert find_shortcut(fitted, of, honest.methods, honest) is not None
