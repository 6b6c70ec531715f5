"""Cold start has a budget: what a fresh interpreter loads for each function's zip, and how long that takes."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
# seconds of processor time: some three times what the slowest function needs, so that a busy machine does not fail it
BUDGET = 1.5
HEAVY = set(
    "numpy scipy pandas sklearn matplotlib numba umap lime onnxruntime pyarrow duckdb polars sagemaker aws_cdk jsii "
    "docker moto requests httpx pydantic rich typer aiohttp".split()
)
# slice, module, what that function has no business with, and the modules it may load: some tenth more than it does, a
# number that a busy machine does not change
ENTRIES = [
    ("access", "app", {"grpc", "google.protobuf"}, 240),
    ("access", "functions.access.authorizer", {"grpc", "google.protobuf", "chalice"}, 160),
    ("alerts", "app", {"grpc", "google.protobuf"}, 300),
    ("alerts", "functions.alerts.handler", {"grpc", "google.protobuf", "chalice"}, 250),
    ("alerts", "functions.alerts.delivery_handler", {"grpc", "google.protobuf", "chalice"}, 250),
    ("gateway", "app", {"boto3", "s3transfer"}, 620),
    ("manager", "app", {"grpc", "google.protobuf"}, 310),
    ("manager", "functions.manager.handler", {"grpc", "google.protobuf", "chalice"}, 250),
]
IMPORT = """
import importlib, json, sys, time
sys.path.insert(0, sys.argv[1])
calls = []
sys.addaudithook(lambda event, _: calls.append(event) if event in ("socket.connect", "socket.getaddrinfo") else None)
began = time.process_time()
importlib.import_module(sys.argv[2])
print(json.dumps({"seconds": time.process_time() - began, "modules": sorted(sys.modules), "calls": calls}))
"""


class NoLayers:
    def build(self, name: str, requirements: Path, target: Path) -> str:
        raise AssertionError("a slice needs no layer to be staged")


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zips' content, one folder per slice."""
    from cdk.staging import Staging

    folder = tmp_path_factory.mktemp("build")
    staging = Staging(ROOT, folder, NoLayers())
    for name in {entry[0] for entry in ENTRIES}:
        staging.slice(name)
    return folder


def load(folder: Path, module: str) -> Any:
    """Imports `module` in a fresh interpreter that finds our code in `folder` only."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", IMPORT, str(folder), module],
        cwd=folder,
        env={"AWS_DEFAULT_REGION": "us-east-1"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(("name", "module", "foreign", "most"), ENTRIES, ids=[f"{e[0]}-{e[1]}" for e in ENTRIES])
def test_an_entry_point_loads_quickly_nothing_heavy_and_calls_nobody(
    build: Path, name: str, module: str, foreign: set[str], most: int
) -> None:
    load(build / name, module)  # compiles the bytecode, which is no cold start's business here
    found = load(build / name, module)
    assert set(found["modules"]) & (HEAVY | foreign) == set()
    assert found["calls"] == []
    assert len(found["modules"]) <= most
    assert found["seconds"] < BUDGET or load(build / name, module)["seconds"] < BUDGET


def test_the_budget_would_notice(tmp_path: Path) -> None:
    (tmp_path / "careless.py").write_text(
        "import numpy, socket\ntry:\n    socket.create_connection(('127.0.0.1', 9), 0.1)\nexcept OSError:\n    pass\n"
    )
    found = load(tmp_path, "careless")
    assert "numpy" in set(found["modules"]) & HEAVY
    assert "socket.connect" in found["calls"]
