"""The platform's OpenAPI document put to the test: schemathesis, in its own environment, generates calls from it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cloud import ROOT, Served

HERE = Path(__file__).with_name("schemathesis")
EXAMPLES_PER_OPERATION = 12
SEED = 20260101
CHECKS = "not_a_server_error,response_schema_conformance,content_type_conformance"


@pytest.fixture(scope="module")
def schemathesis() -> Path:
    environment = ROOT / "local" / ".state" / "schemathesis"
    uv = Path(sys.executable).with_name("uv")
    if not (environment / "bin" / "python").exists():
        subprocess.run([uv, "venv", "-q", "--python", sys.executable, environment], check=True)
    python = environment / "bin" / "python"
    subprocess.run([uv, "pip", "install", "-q", "--python", python, "-r", HERE / "requirements.txt"], check=True)
    return environment / "bin" / "schemathesis"


def run(schemathesis: Path, served: Served, document: dict[str, Any], folder: Path, *options: str) -> str:
    """What schemathesis says; raises AssertionError with it when a check fails."""
    (folder / "openapi.json").write_text(json.dumps(document))
    (folder / "schemathesis.toml").write_text(f'[headers]\nx-api-key = "{served.cloud.api_key}"\n')
    done = subprocess.run(
        [
            schemathesis,
            *("--config-file", "schemathesis.toml", "run", "openapi.json"),
            *("--url", served.cloud.edge, "--phases", "examples,coverage,fuzzing", "--seed", str(SEED)),
            *("--max-examples", str(EXAMPLES_PER_OPERATION), "--generation-database", "none", "--no-color"),
            *("--suppress-health-check", "all", "--request-timeout", "40", "--continue-on-failure", *options),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=1500,
    )
    assert done.returncode == 0, done.stdout[-12000:] + done.stderr[-3000:]
    return done.stdout


# Deletions go by themselves: schemathesis reuses names that it finds in answers, and would delete what others need
@pytest.mark.parametrize("deletions", [False, True])
def test_no_operation_answers_5xx(schemathesis: Path, served: Served, tmp_path: Path, deletions: bool) -> None:
    with served.cloud.http() as http:
        document = http.get("/api/v2/openapi.json").json()
    document["paths"] = {
        path: {method: operation for method, operation in item.items() if (method == "delete") is deletions}
        for path, item in document["paths"].items()
    }
    operations = sum(len(item) for item in document["paths"].values())
    assert operations > 5
    said = run(schemathesis, served, document, tmp_path, "--checks", CHECKS)
    assert f"Selected: {operations}/{operations}" in said
    assert f"Tested: {operations}" in said
    assert "returned only 401/403" not in said
    with served.cloud.http() as http:  # what was thrown at the platform left it whole
        assert http.get("/api/v2/application/digits").json()["status"] == "Ready"


def test_what_fits_an_applications_document_is_answered(schemathesis: Path, served: Served, tmp_path: Path) -> None:
    """Requests generated from its schemas, and only such: each is answered, and the answer fits its schema too."""
    with served.cloud.http() as http:
        document = http.get("/api/v2/application/blobs/openapi.json").json()
    checks = f"{CHECKS},positive_data_acceptance"
    said = run(schemathesis, served, document, tmp_path, "--checks", checks, "--mode", "positive")
    assert "Selected: 2/2" in said


@pytest.mark.parametrize("name", ["penguins", "digits", "blobs"])
def test_the_example_of_an_application_is_answered(served: Served, name: str) -> None:
    with served.cloud.http() as http:
        inputs = http.get(f"/api/v2/application/generateInputs/{name}").json()
        answer = http.post(f"/gateway/application/{name}", json=inputs)
        assert answer.status_code == 200, answer.text
        example = http.get(f"/api/v2/application/{name}").json()["example"]
        assert example["inputs"] == inputs
        environment = served.cloud.environment() | {"EDGE": served.cloud.edge, "DEWPOINT_API_KEY": served.cloud.api_key}
        done = subprocess.run(
            ["bash", "-c", example["curl"]], env=environment, capture_output=True, text=True, timeout=60
        )
    assert json.loads(done.stdout) == answer.json()
