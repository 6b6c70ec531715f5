"""Signatures that models carry: read from the file in the build, and good enough for the check that follows."""

import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from sklearn.cluster import KMeans
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from servable.check import check
from servable.errors import CannotLoad
from servable.infer_signature import infer_signature, told
from servable.settings import read_settings
from tests.servable.folders import IRIS, fitted_iris, fitted_mixed, onnx_folder, python_folder, sklearn_folder
from tests.servable.graphs import adding, doubling, of_estimator

Fields = dict[str, tuple[str, list[int] | None]]
MLMODEL = """flavors: {{python_function: {{loader_module: mlflow.sklearn}}}}
signature:
  inputs: '{inputs}'
  outputs: '{outputs}'
"""


def without_signature(folder: Path) -> Path:
    contract = json.loads((folder / "contract.json").read_text())
    (folder / "contract.json").write_text(json.dumps({**contract, "signature": None}))
    return folder


def inferred(folder: Path) -> tuple[Fields, Fields]:
    """Inputs and outputs of the contract after the step."""
    signature = infer_signature(without_signature(folder))
    document = json.loads((folder / "contract.json").read_text())["signature"]
    assert told(signature) == "inferred signature: " + json.dumps(document, separators=(",", ":"))
    return fields(document["inputs"]), fields(document["outputs"])


def checked(folder: Path) -> tuple[Fields, Fields]:
    """The same; and the model takes and gives what was inferred."""
    found = inferred(folder)
    assert check(folder, read_settings({}))[-1].startswith("called with an example: ")
    return found


def fields(side: list[dict[str, Any]]) -> Fields:
    return {one["name"]: (one["dtype"], one["shape"] and one["shape"]["dims"]) for one in side}


def refused(folder: Path) -> str:
    with pytest.raises(CannotLoad) as refusal:
        infer_signature(without_signature(folder))
    return str(refusal.value)


def mlflow_folder(folder: Path, inputs: list[dict[str, Any]], outputs: list[dict[str, Any]]) -> Path:
    sklearn_folder(folder, IRIS, fitted_iris()[0])
    contract = json.loads((folder / "contract.json").read_text())
    (folder / "contract.json").write_text(json.dumps({**contract, "runtime": "mlflow"}))
    (folder / "files" / "model").mkdir()
    text = MLMODEL.format(inputs=json.dumps(inputs), outputs=json.dumps(outputs))
    (folder / "files" / "model" / "MLmodel").write_text(text)
    return folder


def test_a_contract_with_a_signature_stays_as_it_is(tmp_path: Path) -> None:
    folder = sklearn_folder(tmp_path, IRIS, fitted_iris()[0])
    before = (folder / "contract.json").read_bytes()
    assert infer_signature(folder) is None
    assert (folder / "contract.json").read_bytes() == before


def test_m05_an_onnx_graph_tells_its_signature(tmp_path: Path) -> None:
    found = checked(onnx_folder(tmp_path, IRIS, of_estimator(*fitted_iris())))
    assert found == (
        {"X": ("DT_FLOAT", [-1, 4])},
        {"label": ("DT_INT64", [-1]), "probabilities": ("DT_FLOAT", [-1, 3])},
    )


def test_an_onnx_graph_for_one_example_is_called_with_one(tmp_path: Path) -> None:
    found = checked(onnx_folder(tmp_path, IRIS, doubling([1, 2, 3])))
    assert found == ({"images_in_0": ("DT_FLOAT", [2, 3])}, {"y": ("DT_FLOAT", [2, 3])})


def test_an_onnx_graph_with_names_that_no_field_has_says_so(tmp_path: Path) -> None:
    said = refused(onnx_folder(tmp_path, IRIS, adding("a:0", "b:0")))
    assert "the model names 'a:0', 'b:0'" in said
    assert "give it a contract" in said


def test_m05_a_classifier_tells_its_table_labels_and_classes(tmp_path: Path) -> None:
    found = checked(sklearn_folder(tmp_path, IRIS, fitted_iris()[0]))
    assert found == (
        {"X": ("DT_DOUBLE", [-1, 4])},
        {"label": ("DT_INT64", [-1]), "probabilities": ("DT_DOUBLE", [-1, 3])},
    )


def test_m05_a_pipeline_tells_its_columns_by_name_and_which_are_text(tmp_path: Path) -> None:
    inputs, outputs = checked(sklearn_folder(tmp_path, IRIS, fitted_mixed()))
    assert inputs == {"age": ("DT_DOUBLE", [-1]), "colour": ("DT_STRING", [-1])}
    assert outputs == {"label": ("DT_INT64", [-1]), "probabilities": ("DT_DOUBLE", [-1, 2])}


@pytest.mark.parametrize(
    ("estimator", "outputs"),
    [
        (LinearRegression().fit([[1, 2], [3, 4]], [1, 2]), {"prediction": ("DT_DOUBLE", [-1])}),
        (LinearRegression().fit([[1, 2], [3, 4]], [[1, 2], [3, 4]]), {"prediction": ("DT_DOUBLE", [-1, 2])}),
        (KMeans(2, n_init=1).fit([[1.0, 2], [3, 4]]), {"prediction": ("DT_INT32", [-1])}),
        (StandardScaler().fit([[1, 2], [3, 4]]), {"transformed": ("DT_DOUBLE", [-1, 2])}),
    ],
    ids=["regressor", "two targets", "clusters", "transformer"],
)
def test_m05_other_estimators_tell_what_they_answer(tmp_path: Path, estimator: Any, outputs: Fields) -> None:
    assert checked(sklearn_folder(tmp_path, IRIS, estimator)) == ({"X": ("DT_DOUBLE", [-1, 2])}, outputs)


def test_m05_a_text_classifier_takes_text(tmp_path: Path) -> None:
    texts = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(["good foo", "bad"], ["yes", "no"])
    inputs, outputs = checked(sklearn_folder(tmp_path, IRIS, texts))
    assert inputs == {"text": ("DT_STRING", [-1])}
    assert outputs["label"] == ("DT_STRING", [-1])


def test_names_that_no_field_may_have_make_a_table(tmp_path: Path) -> None:
    import pandas as pd

    table = pd.DataFrame({"width (cm)": [1.0, 2.0], "height (cm)": [3.0, 4.0]})
    inputs, _ = checked(sklearn_folder(tmp_path, IRIS, LinearRegression().fit(table, [1, 2])))
    assert inputs == {"X": ("DT_DOUBLE", [-1, 2])}


def test_m05_an_mlflow_folder_tells_columns_and_tensors(tmp_path: Path) -> None:
    columns = [{"type": "double", "name": "a", "required": True}, {"type": "string", "name": "b", "required": True}]
    tensor = [{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 3]}}]
    assert inferred(mlflow_folder(tmp_path, columns, tensor)) == (
        {"a": ("DT_DOUBLE", [-1]), "b": ("DT_STRING", [-1])},
        {"output": ("DT_FLOAT", [-1, 3])},
    )


def test_an_mlflow_folder_without_signature_says_what_to_add(tmp_path: Path) -> None:
    said = refused(mlflow_folder(tmp_path, [], []))
    assert "MLmodel has no signature with inputs and outputs; log the model with one" in said
    assert "modelSignature" in said


def test_a_column_that_is_no_tensor_is_named(tmp_path: Path) -> None:
    said = refused(mlflow_folder(tmp_path, [{"type": "datetime", "name": "when"}], [{"type": "long"}]))
    assert "'when' is a column of type datetime, which no signature can name" in said


def test_a_python_function_has_a_signature_file_or_none(tmp_path: Path) -> None:
    said = refused(python_folder(tmp_path, IRIS, "def predict(X): ..."))
    assert "put signature.json into its payload" in said
    contract = json.loads((python_folder(tmp_path / "told", IRIS, "") / "contract.json").read_text())
    (tmp_path / "files" / "signature.json").write_text(json.dumps(contract["signature"]))
    assert inferred(tmp_path)[0] == {"X": ("DT_DOUBLE", [-1, 4])}


def test_a_keras_model_needs_its_library_in_the_build(tmp_path: Path) -> None:
    folder = python_folder(tmp_path, IRIS, "def predict(X): ...")
    (folder / "files" / "model.keras").write_bytes(b"PK")
    assert "a Keras model is read by keras, which the install command does not install" in refused(folder)


def tensor(name: str, *shape: int | None) -> SimpleNamespace:
    return SimpleNamespace(name=name, dtype="float32", shape=shape)


SEQUENTIAL = SimpleNamespace(
    inputs=[tensor("x", None, 4)], outputs=[tensor("keras_tensor_4", None, 3)], layers=[SimpleNamespace(name="score")]
)
FUNCTIONAL = SimpleNamespace(
    inputs=[tensor("a", None, 4), tensor("b", None, 2)],
    outputs=[tensor("keras_tensor_7", None, 3)],
    output_names=["probs"],
)
NEVER_CALLED = SimpleNamespace(layers=[SimpleNamespace(name="dense")])


def keras_folder(folder: Path, model: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model file, and a library that reads every file as `model`: the real one takes longer than all these tests."""
    library = ModuleType("keras")
    library.models = SimpleNamespace(load_model=lambda _path, **_options: model)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keras", library)
    made = python_folder(folder, IRIS, "def predict(X): ...")
    (made / "files" / "model.keras").write_bytes(b"PK")
    return made


@pytest.mark.parametrize(
    ("model", "inputs", "outputs"),
    [
        (SEQUENTIAL, {"x": ("DT_FLOAT", [-1, 4])}, {"score": ("DT_FLOAT", [-1, 3])}),
        (FUNCTIONAL, {"a": ("DT_FLOAT", [-1, 4]), "b": ("DT_FLOAT", [-1, 2])}, {"probs": ("DT_FLOAT", [-1, 3])}),
    ],
    ids=["sequential", "functional"],
)
def test_m05_a_keras_model_names_its_inputs_and_the_layers_that_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: SimpleNamespace, inputs: Fields, outputs: Fields
) -> None:
    assert inferred(keras_folder(tmp_path, model, monkeypatch)) == (inputs, outputs)


def test_m05_a_keras_model_that_was_never_called_has_no_signature(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = refused(keras_folder(tmp_path, NEVER_CALLED, monkeypatch))
    assert "model.keras does not say its inputs and outputs: it was saved before it was built or called" in said
