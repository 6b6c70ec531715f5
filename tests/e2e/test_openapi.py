"""The platform's OpenAPI document put to the test: schemathesis, in its own environment, generates calls from it."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.cloud import ROOT, Served, wait_until

HERE = Path(__file__).with_name("schemathesis")
EXAMPLES_PER_OPERATION = 12
SEED = 20260101
CHECKS = "not_a_server_error,response_schema_conformance,content_type_conformance"

# 503 is what an application says that is only starting: the requests create some. Methods that the document does not
# name are not tried: DELETE would be among them. Who does not ask for JSON by name is held while anything is starting.
CONFIGURATION = """
[headers]
x-api-key = "{}"
accept = "application/json"
[checks.not_a_server_error]
expected-statuses = ["2xx", "3xx", "4xx", 503]
[phases.coverage]
unexpected-methods = []
"""


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
    (folder / "schemathesis.toml").write_text(CONFIGURATION.format(served.cloud.api_key))
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


@pytest.mark.last  # what it sends may change the applications that it finds
@pytest.mark.timeout(1500)  # some thousands of requests
def test_no_operation_answers_5xx(schemathesis: Path, served: Served, tmp_path: Path) -> None:
    """All but deletions: schemathesis reuses names that it finds in answers, and would delete what others need."""
    with served.cloud.http() as http:
        document = http.get("/api/v2/openapi.json").json()
    for item in document["paths"].values():
        item.pop("delete", None)
    operations = sum(len(item) for item in document["paths"].values())
    assert operations > 30
    said = run(schemathesis, served, document, tmp_path, "--checks", CHECKS)
    assert f"Selected: {operations}/{operations}" in said
    assert "returned only 401/403" not in said
    with served.cloud.http() as http:  # what was thrown at the platform left it whole
        show = "/api/v2/application/digits"
        wait_until("digits is ready", lambda: http.get(show).json()["status"] == "Ready", timeout=90)


@pytest.mark.parametrize("name", ["0", "-1", "é", "a" * 3000, "9" * 60, "%22", "a:b", "generateInputs"])
def test_no_deletion_of_what_is_not_there_answers_5xx(served: Served, name: str) -> None:
    with served.cloud.http() as http:
        paths = http.get("/api/v2/openapi.json").json()["paths"]
        deletions = [path for path, item in paths.items() if "delete" in item]
        assert len(deletions) > 5
        for path in deletions:
            answer = http.delete(re.sub(r"{\w+}", quote(f"gone{name}"), path))
            assert answer.status_code == 404, f"{path}: {answer.text}"


def test_what_fits_an_applications_document_is_answered(schemathesis: Path, served: Served, tmp_path: Path) -> None:
    """Requests generated from its schemas, and only such: each is answered, and the answer fits its schema too."""
    with served.cloud.http() as http:
        document = http.get("/api/v2/application/blobs/openapi.json").json()
    # its Open Inference route has a rule that JSON Schema cannot say: as many elements as the shape asks for
    document["paths"] = {path: item for path, item in document["paths"].items() if path.startswith("/gateway")}
    checks = f"{CHECKS},positive_data_acceptance"
    said = run(schemathesis, served, document, tmp_path, "--checks", checks, "--mode", "positive")
    assert "Selected: 1/1" in said


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
