"""The models that everybody serves: a logistic regression and a forest on iris, as joblib, skops and ONNX files."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import skops.io
from skl2onnx import to_onnx
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

NAME = "iris"
SIGNATURE = {
    "signatureName": "predict",
    "inputs": [{"name": "X", "dtype": "DT_DOUBLE", "shape": {"dims": [-1, 4]}, "profile": "NUMERICAL"}],
    "outputs": [{"name": "label", "dtype": "DT_INT64", "shape": {"dims": [-1]}, "profile": "CATEGORICAL"}],
}


@dataclass(frozen=True, slots=True)
class Served:
    """A model on disk: `joblib` for the peers, `sklearn` and `onnx` folders as our build leaves them."""

    estimator: Any
    joblib: Path
    sklearn: Path
    onnx: Path


def rows(count: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """`count` flowers, always the same."""
    table = load_iris().data
    return np.asarray(table[np.random.default_rng(7).integers(0, len(table), count)])


def train(folder: Path) -> dict[str, Served]:
    """ "regression" and "forest"."""
    table, labels = load_iris(return_X_y=True)
    estimators = {
        "regression": LogisticRegression(max_iter=500).fit(table, labels),
        "forest": RandomForestClassifier(100, random_state=0).fit(table, labels),
    }
    return {name: _save(folder / name, estimator, table) for name, estimator in estimators.items()}


def _save(folder: Path, estimator: Any, table: Any) -> Served:
    served = Served(estimator, folder / "model.joblib", folder / "sklearn", folder / "onnx")
    for runtime in ("sklearn", "onnx"):
        (folder / runtime / "files").mkdir(parents=True, exist_ok=True)
        contract = {"name": NAME, "version": 1, "runtime": runtime, "signature": SIGNATURE}
        (folder / runtime / "contract.json").write_text(json.dumps(contract))
    joblib.dump(estimator, served.joblib)
    skops.io.dump(estimator, served.sklearn / "files" / "model.skops")
    graph = to_onnx(estimator, table[:1], options={"zipmap": False}, target_opset=18)
    (served.onnx / "files" / "model.onnx").write_bytes(graph.SerializeToString())
    return served
