"""Model folders as a build leaves them: contract.json and files/, with small real models in them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import skops.io
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_digits, load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from servable.contract import Field, Shape, Signature
from servable.dtypes import DType


def field(name: str, dtype: str = "DT_DOUBLE", dims: tuple[int, ...] | None = (), profile: str = "NONE") -> Field:
    return Field(name, DType(dtype), None if dims is None else Shape(dims), profile)


def mapped(name: str, *subfields: Field, dims: tuple[int, ...] | None = None) -> Field:
    return Field(name, None, None if dims is None else Shape(dims), subfields=subfields)


def signature(inputs: list[Field], outputs: list[Field], name: str = "predict") -> Signature:
    return Signature(name, tuple(inputs), tuple(outputs))


def write_contract(folder: Path, of: Signature, *, name: str = "model", version: int = 1, runtime: str = "") -> Path:
    (folder / "files").mkdir(parents=True, exist_ok=True)
    document: dict[str, Any] = {
        "name": name,
        "version": version,
        "runtime": runtime,
        "signature": {
            "signatureName": of.signature_name,
            "inputs": [_as_json(one) for one in of.inputs],
            "outputs": [_as_json(one) for one in of.outputs],
        },
    }
    (folder / "contract.json").write_text(json.dumps(document))
    return folder


def _as_json(one: Field) -> dict[str, Any]:
    shape = None if one.dims is None else {"dims": list(one.dims)}
    document = {"name": one.name, "shape": shape, "profile": one.profile}
    if one.kind:
        document["dtype"] = one.kind.value
    if one.subfields:
        document["subfields"] = [_as_json(each) for each in one.subfields]
    return document


def python_folder(folder: Path, of: Signature, source: str) -> Path:
    write_contract(folder, of, runtime="python")
    (folder / "files" / "src").mkdir()
    (folder / "files" / "src" / "func_main.py").write_text(source)
    return folder


def sklearn_folder(folder: Path, of: Signature, estimator: Any) -> Path:
    write_contract(folder, of, runtime="sklearn")
    skops.io.dump(estimator, folder / "files" / "model.skops")
    return folder


def onnx_folder(folder: Path, of: Signature, graph: bytes) -> Path:
    write_contract(folder, of, runtime="onnx")
    (folder / "files" / "model.onnx").write_bytes(graph)
    return folder


MIXED = signature(
    [field("age"), field("colour", "DT_STRING")],
    [field("label", "DT_INT64"), field("probabilities", "DT_DOUBLE", (2,)), field("probability")],
)
DIGITS = signature([field("images", "DT_DOUBLE", (-1, 8, 8))], [field("label", "DT_INT64", (-1,))])
IRIS = signature(
    [field("X", "DT_DOUBLE", (-1, 4))],
    [field("label", "DT_INT64", (-1,)), field("probabilities", "DT_DOUBLE", (-1, 3))],
)


def fitted_mixed() -> Any:
    """A pipeline over a numeric and a text column: red means 1 whatever the age, blue means 0."""
    import pandas as pd

    table = pd.DataFrame({"age": [20.0, 30, 40, 50] * 5, "colour": ["red", "blue"] * 10})
    columns = ColumnTransformer(
        [("numbers", StandardScaler(), ["age"]), ("texts", OneHotEncoder(handle_unknown="ignore"), ["colour"])]
    )
    return make_pipeline(columns, LogisticRegression()).fit(table, (table["colour"] == "red").astype(int))


def fitted_digits() -> tuple[Any, Any]:
    """The classifier and the images it was fitted on."""
    digits = load_digits()
    table, labels = digits.data[:300], digits.target[:300]
    return LogisticRegression(max_iter=200).fit(table, labels), digits.images[:300]


def fitted_iris() -> tuple[Any, Any]:
    table, labels = load_iris(return_X_y=True)
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=200)).fit(table, labels), np.asarray(table)
