"""The mlflow runtime on models that MLflow itself saved, with its image's packages in an environment of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.servable.running import ROOT

CALLS = Path(__file__).with_name("mlflow") / "calls.py"
REQUIREMENTS = ROOT / "servable" / "runtimes" / "mlflow" / "requirements.txt"


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    environment = ROOT / "local" / ".state" / "mlflow-runtime"
    uv, python = Path(sys.executable).with_name("uv"), environment / "bin" / "python"
    if not python.exists():
        subprocess.run([uv, "venv", "-q", "--python", sys.executable, environment], check=True)
    subprocess.run([uv, "pip", "install", "-q", "--python", python, "-r", REQUIREMENTS], check=True)
    work = tmp_path_factory.mktemp("mlflow")
    done = subprocess.run(
        [python, CALLS, work],
        env={**os.environ, "PYTHONPATH": str(ROOT), "MLFLOW_DISABLE_TELEMETRY": "true"},
        cwd=work,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.rpartition("RESULT ")[2])  # type: ignore[no-any-return]


def test_columns_go_in_as_a_table_by_name(said: dict[str, Any]) -> None:
    seen = said["columns"]
    # a field's name has no spaces, the model's column has
    assert seen["inputs"] == {"width": ["DT_DOUBLE", [-1]], "height_of_it": ["DT_DOUBLE", [-1]]}
    assert seen["outputs"] == {"output": ["DT_INT64", [-1]]}
    assert seen["answer"] == {"output": [0, 1]}
    assert seen["checked"].startswith("called with an example: output = ")


def test_one_tensor_goes_in_as_an_array(said: dict[str, Any]) -> None:
    seen = said["table"]
    assert seen["inputs"] == {"input": ["DT_DOUBLE", [-1, 2]]}
    assert seen["outputs"] == {"output": ["DT_DOUBLE", [-1, 2]]}
    assert [round(sum(row), 6) for row in seen["answer"]["output"]] == [1, 1]


def test_columns_come_out_by_name(said: dict[str, Any]) -> None:
    seen = said["named"]
    assert seen["outputs"] == {"sum": ["DT_DOUBLE", [-1]], "text": ["DT_STRING", [-1]]}
    assert seen["answer"] == {"sum": [1, 3], "text": ["ok", "ok"]}


def test_inputs_that_the_model_does_not_have_are_told(said: dict[str, Any]) -> None:
    assert said["misfit"] == (
        "the signature's inputs are other, height_of_it, those of the model's own signature width, height_of_it"
    )
