"""The examples: what is committed answers its sample, and training again gives the same model."""

import json
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import skops.io
from dewpoint.apply.apply_documents import prepare
from dewpoint.documents.load import load_documents

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
NAMES = ("blobs", "digits", "penguins")
LARGEST = 300_000  # bytes: a clone stays small


def read(name: str, file: str) -> dict[str, Any]:
    return json.loads((EXAMPLES / name / file).read_text())  # type: ignore[no-any-return]


def training(name: str) -> dict[str, Any]:
    return runpy.run_path(str(EXAMPLES / name / "train.py"))


@pytest.mark.parametrize("name", NAMES)
def test_the_committed_model_answers_the_sample(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.examples.ask_example", str(EXAMPLES / name)],
        cwd=ROOT,
        input=(EXAMPLES / name / "request.json").read_text(),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    outputs = json.loads(done.stdout)
    expected = read(name, "answer.json")
    assert outputs.keys() == expected.keys()
    for field, value in expected.items():
        if isinstance(np.ravel(value)[0], float):
            np.testing.assert_allclose(outputs[field], value, rtol=1e-4, atol=1e-6)
        else:
            assert outputs[field] == value


@pytest.mark.parametrize("name", NAMES)
def test_the_documents_are_valid_and_small(name: str) -> None:
    documents = load_documents([str(EXAMPLES / name)], lambda: "")
    spec = prepare(documents.models[0])
    assert spec.payload.size < LARGEST
    assert documents.applications[0].name == spec.name == name
    answer = read(name, "answer.json")
    assert list(read(name, "request.json")) == [field.name for field in spec.signature.inputs]
    assert list(answer) == [field.name for field in spec.signature.outputs]
    assert set(read(name, "tour.json")["shown"]) <= answer.keys()


def test_penguins_can_be_trained_again() -> None:
    functions = training("penguins")
    inputs, species = functions["read_penguins"]()
    path = EXAMPLES / "penguins" / "model.skops"
    committed = skops.io.load(path, trusted=skops.io.get_untrusted_types(file=path))
    again = functions["train"]()
    np.testing.assert_allclose(committed.predict_proba(inputs), again.predict_proba(inputs), atol=1e-6)
    assert committed.score(inputs, species) > 0.98


def test_digits_can_be_trained_again() -> None:
    functions = training("digits")
    _, unseen, _, truth = functions["split_digits"]()
    session = onnxruntime.InferenceSession(EXAMPLES / "digits" / "model.onnx")
    labels, probabilities = session.run(["label", "probabilities"], {"image": unseen})
    model, accuracy = functions["train"]()
    np.testing.assert_allclose(probabilities, model.predict_proba(unseen.reshape(len(unseen), -1)), atol=1e-4)
    assert np.mean(labels == truth) == pytest.approx(accuracy, abs=0.003)
    assert accuracy > 0.95


def test_blobs_can_be_trained_again() -> None:
    model = training("blobs")["train"]()
    with np.load(EXAMPLES / "blobs" / "model.npz") as committed:
        np.testing.assert_allclose(committed["coefficients"], model.coef_[0], rtol=1e-6)
        np.testing.assert_allclose(committed["intercept"], model.intercept_[0], rtol=1e-6, atol=1e-9)


def test_m22_the_custom_image_is_described_as_its_runtime_needs() -> None:
    """It is built and called in tests/e2e/test_own_images.py."""
    spec = prepare(load_documents([str(EXAMPLES / "mlserver")], lambda: "").models[0])
    assert {file.path for file in spec.payload.files} >= {"Dockerfile", "healthy.py", "model-settings.json"}
    assert spec.container is not None
    assert spec.container.model_name == read("mlserver", "model-settings.json")["name"]
    assert spec.container.health_check == ("CMD", "python", "healthy.py")
    assert list(read("mlserver", "request.json")) == [field.name for field in spec.signature.inputs]
