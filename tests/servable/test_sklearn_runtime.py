"""The sklearn runtime: how signatures of all kinds become X, and which output comes from which method."""

import importlib
import pickle
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import BisectingKMeans
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
    StackingClassifier,
)
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.feature_selection import SelectKBest
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge, TweedieRegressor
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, KBinsDiscretizer, PolynomialFeatures
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from servable.contract import Signature, read_contract
from servable.errors import CannotLoad
from servable.load import load_model
from servable.model import Model
from servable.runtimes.sklearn.trusted import TRUSTED_TYPES
from tests.servable.folders import (
    DIGITS,
    IRIS,
    MIXED,
    field,
    fitted_digits,
    fitted_iris,
    fitted_mixed,
    signature,
    sklearn_folder,
    write_contract,
)


def loaded(folder: Path, of: Signature, estimator: Any) -> Model:
    sklearn_folder(folder, of, estimator)
    return load_model(folder, read_contract(folder))


def test_scalars_go_in_as_a_row_by_name(tmp_path: Path) -> None:
    model = loaded(tmp_path, MIXED, fitted_mixed())
    red = model({"age": np.float64(25), "colour": np.array("red", object)})
    blue = model({"colour": np.array("blue", object), "age": np.float64(25)})
    assert (red["label"][()], blue["label"][()]) == (1, 0)
    assert red["probabilities"].sum() == pytest.approx(1)
    assert red["probability"] == red["probabilities"][1]


def test_columns_of_a_batch(tmp_path: Path) -> None:
    batch = signature(
        [field("age", "DT_DOUBLE", (-1,)), field("colour", "DT_STRING", (-1,))], [field("label", "DT_INT64", (-1,))]
    )
    model = loaded(tmp_path, batch, fitted_mixed())
    outputs = model({"age": np.array([20.0, 50, 30]), "colour": np.array(["red", "blue", "red"], object)})
    assert outputs["label"].tolist() == [1, 0, 1]


def test_images_are_flattened_to_what_the_model_was_fitted_on(tmp_path: Path) -> None:
    estimator, images = fitted_digits()
    model = loaded(tmp_path, DIGITS, estimator)
    np.testing.assert_array_equal(model({"images": images[:9]})["label"], estimator.predict(images[:9].reshape(9, 64)))


def test_one_image_without_a_batch(tmp_path: Path) -> None:
    single = signature([field("image", "DT_DOUBLE", (8, 8))], [field("label", "DT_INT64")])
    estimator, images = fitted_digits()
    model = loaded(tmp_path, single, estimator)
    assert model({"image": images[3]})["label"] == estimator.predict(images[3].reshape(1, 64))[0]


def test_a_matrix_and_its_probabilities(tmp_path: Path) -> None:
    estimator, table = fitted_iris()
    outputs = loaded(tmp_path, IRIS, estimator)({"X": table})
    np.testing.assert_array_equal(outputs["probabilities"], estimator.predict_proba(table))
    np.testing.assert_array_equal(outputs["label"], estimator.predict(table))


def test_scalars_of_a_model_without_names_stand_in_the_signatures_order(tmp_path: Path) -> None:
    rows = np.array([[1.0, 10], [2, 10], [3, 30], [4, 10]])
    regressor = LinearRegression().fit(rows, rows @ [1, 100])
    plain = signature([field("a"), field("b")], [field("y")])
    assert loaded(tmp_path, plain, regressor)({"b": np.float64(2), "a": np.float64(1)})["y"] == pytest.approx(102)


def test_a_text_column_goes_in_as_a_list(tmp_path: Path) -> None:
    texts = ["good nice", "bad awful", "nice", "awful"]
    pipeline = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(texts, ["pos", "neg", "pos", "neg"])
    model = loaded(tmp_path, signature([field("text", "DT_STRING")], [field("mood", "DT_STRING")]), pipeline)
    assert model({"text": np.array("so nice", object)})["mood"][()] == "pos"


@pytest.mark.parametrize(
    ("estimator", "output"),
    [
        (PCA(2), field("embedding", "DT_DOUBLE", (-1, 2))),
        (PCA(2), field("anything", "DT_DOUBLE", (-1, 2))),
        (IsolationForest(n_estimators=5, random_state=0), field("decision_function", "DT_DOUBLE", (-1,))),
        (IsolationForest(n_estimators=5, random_state=0), field("score_samples", "DT_DOUBLE", (-1,))),
        (LinearRegression(), field("y", "DT_DOUBLE", (-1,))),
        (RandomForestClassifier(5, random_state=0), field("probabilities", "DT_DOUBLE", (-1, 3))),
        (HistGradientBoostingClassifier(max_iter=3), field("label", "DT_INT64", (-1,))),
        (KNeighborsClassifier(), field("label", "DT_INT64", (-1,))),
    ],
)
def test_methods_by_the_names_of_outputs(tmp_path: Path, estimator: Any, output: Any) -> None:
    _, table = fitted_iris()
    estimator.fit(table, np.arange(len(table)) // 50)
    model = loaded(tmp_path, signature([field("X", "DT_DOUBLE", (-1, 4))], [output]), estimator)
    method = {"embedding": "transform", "anything": "transform", "probabilities": "predict_proba"}.get(
        output.name, output.name if hasattr(estimator, output.name) else "predict"
    )
    np.testing.assert_array_equal(model({"X": table})[output.name], getattr(estimator, method)(table))


@pytest.mark.parametrize("suffix", [".joblib", ".pkl", ".pickle"])
def test_pickles_are_accepted(tmp_path: Path, suffix: str) -> None:
    estimator, table = fitted_iris()
    write_contract(tmp_path, IRIS, runtime="sklearn")
    path = tmp_path / "files" / f"model{suffix}"
    joblib.dump(estimator, path) if suffix == ".joblib" else path.write_bytes(pickle.dumps(estimator))
    model = load_model(tmp_path, read_contract(tmp_path))
    np.testing.assert_array_equal(model({"X": table})["label"], estimator.predict(table))


def test_skops_is_preferred(tmp_path: Path) -> None:
    estimator, _ = fitted_iris()
    sklearn_folder(tmp_path, IRIS, estimator)
    (tmp_path / "files" / "model.pkl").write_bytes(b"would not even load")
    assert load_model(tmp_path, read_contract(tmp_path)).runtime == "sklearn"


@pytest.mark.parametrize(
    "estimator",
    [
        MLPClassifier(max_iter=5),
        GaussianProcessClassifier(RBF() + WhiteKernel()),
        CalibratedClassifierCV(RandomForestClassifier(3)),
        make_pipeline(KBinsDiscretizer(3), SelectKBest(k=2), SVC()),
        make_pipeline(FunctionTransformer(np.log1p), SimpleImputer(), PolynomialFeatures(), Ridge()),
        BisectingKMeans(3),
        TweedieRegressor(power=0),
        StackingClassifier([("tree", DecisionTreeClassifier()), ("near", KNeighborsClassifier())]),
        GridSearchCV(GradientBoostingClassifier(n_estimators=2), {"max_depth": [1, 2]}),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_estimators_of_all_families_are_trusted(tmp_path: Path, estimator: Any) -> None:
    _, table = fitted_iris()
    estimator.fit(table, np.arange(len(table)) // 50)
    expected = estimator.predict(table)
    kind = "DT_DOUBLE" if expected.dtype.kind == "f" else "DT_INT64"
    of = signature([field("X", "DT_DOUBLE", (-1, 4))], [field("y", kind, (-1,))])
    np.testing.assert_array_equal(loaded(tmp_path, of, estimator)({"X": table})["y"], expected)


@pytest.mark.parametrize("name", TRUSTED_TYPES)
def test_every_trusted_type_exists(name: str) -> None:
    module, _, attribute = name.rpartition(".")
    assert hasattr(importlib.import_module(module), attribute)


def test_types_outside_the_platforms_list_are_refused(tmp_path: Path) -> None:
    from numpy.testing._private.utils import runstring  # runs text as code: what an attacker would name

    hostile = FunctionTransformer(runstring, kw_args={"dict": {}})
    with pytest.raises(CannotLoad, match=r"does not trust: numpy\.testing.*runstring"):
        loaded(tmp_path, IRIS, hostile)


def misfit(folder: Path, of: Signature, estimator: Any) -> str:
    with pytest.raises(CannotLoad) as caught:
        loaded(folder, of, estimator)
    return str(caught.value)


def test_columns_the_model_does_not_know(tmp_path: Path) -> None:
    renamed = signature([field("age"), field("color", "DT_STRING")], [field("label", "DT_INT64")])
    said = misfit(tmp_path, renamed, fitted_mixed())
    assert "missing in the signature: colour; unknown to the model: color" in said


def test_another_number_of_features(tmp_path: Path) -> None:
    wide = signature([field("X", "DT_DOUBLE", (-1, 5))], [field("label", "DT_INT64", (-1,))])
    assert "fitted on 4 features, the signature's inputs make 5" in misfit(tmp_path, wide, fitted_iris()[0])


def test_a_method_the_model_does_not_have(tmp_path: Path) -> None:
    regressor = LinearRegression().fit(pd.DataFrame({"a": [1.0, 2]}), [1, 2])
    said = misfit(tmp_path, signature([field("a")], [field("probability")]), regressor)
    assert "output 'probability' needs predict_proba, which LinearRegression does not have" in said


def test_one_probability_of_three_classes(tmp_path: Path) -> None:
    one = signature([field("X", "DT_DOUBLE", (4,))], [field("probability")])
    assert "the model tells 3 classes apart" in misfit(tmp_path, one, fitted_iris()[0])


def test_batches_and_single_values_do_not_mix(tmp_path: Path) -> None:
    mixed = signature([field("X", "DT_DOUBLE", (-1, 4))], [field("label", "DT_INT64")])
    assert "mixes batches (X) with single values (label)" in misfit(tmp_path, mixed, fitted_iris()[0])


def test_several_models(tmp_path: Path) -> None:
    sklearn_folder(tmp_path, IRIS, fitted_iris()[0])
    skops.io.dump(PCA(), tmp_path / "files" / "other.skops")
    with pytest.raises(CannotLoad, match=r"several models: model\.skops, other\.skops"):
        load_model(tmp_path, read_contract(tmp_path))


def test_no_model(tmp_path: Path) -> None:
    write_contract(tmp_path, IRIS, runtime="sklearn")
    with pytest.raises(CannotLoad, match=r"no model file; expected one of \*\.skops"):
        load_model(tmp_path, read_contract(tmp_path))


def test_what_is_no_estimator(tmp_path: Path) -> None:
    write_contract(tmp_path, IRIS, runtime="sklearn")
    joblib.dump({"a": 1}, tmp_path / "files" / "model.joblib")
    with pytest.raises(CannotLoad, match="holds a dict, which can neither predict nor transform"):
        load_model(tmp_path, read_contract(tmp_path))
