"""The reference system's published Python client and command line, unchanged, in an environment of their own."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cloud import ROOT, Cloud, wait_until

HERE = Path(__file__).with_name("hydrosdk")
MODELS = ("legacy_points", "legacy_far", "legacy_gap")
OUTPUTS = {"y": 1, "scores": [2.0, 1.0], "loud": ["A", "BC"]}


@pytest.fixture(scope="module")
def clients() -> Path:
    """The folder with their programs."""
    python = "3.11" if shutil.which("python3.11") else sys.executable
    if sys.version_info[:2] != (3, 11) and python == sys.executable:
        pytest.skip("the clients need Python 3.11: numpy without np.int is too new for them, and 3.12 for that numpy")
    environment = ROOT / "local" / ".state" / "hydrosdk"
    uv = Path(sys.executable).with_name("uv")
    if not (environment / "bin" / "python").exists():
        subprocess.run([uv, "venv", "-q", "--python", python, environment], check=True)
    command = [uv, "pip", "install", "-q", "--no-deps", "--python", environment / "bin" / "python"]
    subprocess.run([*command, "-r", HERE / "requirements.txt"], check=True)
    return environment / "bin"


@pytest.fixture(scope="module", autouse=True)
def tidy(cloud: Cloud) -> Iterator[None]:
    """The clients cannot delete models."""
    yield
    with cloud.http() as http:
        for spec in http.get("/api/v2/monitoring/metricspec").json():
            if spec["model"].partition(":")[0] in MODELS:
                assert http.delete(f"/api/v2/monitoring/metricspec/{spec['id']}").status_code == 200
        for model in http.get("/api/v2/model").json():
            if model["name"] in MODELS:
                assert http.delete(f"/api/v2/model/{model['id']}").status_code == 200


@pytest.fixture(scope="module")
def said(cloud: Cloud, clients: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    done = subprocess.run(
        [clients / "python", HERE / "calls.py", cloud.edge, cloud.grpc, cloud.api_key, HERE / "model"],
        cwd=tmp_path_factory.mktemp("sdk"),
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]


def test_the_client_registers_builds_and_finds_a_model(said: dict[str, Any]) -> None:
    assert said["states"][:2] == ["Assembling", "Released"]
    assert said["states"][2:-1]
    assert set(said["states"][2:-1]) == {"Log"}
    assert said["states"][-1] == "EndOfStream"
    name, version, metadata, runtime = said["version"]
    assert (name, metadata, runtime.partition(":")[0]) == ("legacy_points", {"team": "legacy"}, "python")
    assert said["found"] is True
    assert version in said["found_by_name"]
    assert said["external"] == [True, "Released", None]


def test_s01_the_client_uploads_training_data_and_waits_for_them(said: dict[str, Any]) -> None:
    assert said["training"] == ["NotRegistered", "Success", "Failed"]


def test_g04_the_client_calls_a_servable_over_the_legacy_protocol(said: dict[str, Any]) -> None:
    servable = said["servable"]
    assert (servable["status"], servable["metadata"], servable["listed"]) == ("SERVING", {"team": "legacy"}, True)
    assert servable["monitored"] == OUTPUTS
    assert servable["loud"] == OUTPUTS["loud"]
    assert "/data/x1/shape: expected a scalar, received shape [2]" in servable["refused"]
    assert servable["log"][-1] == "EndOfStream"


def test_the_client_deploys_calls_and_deletes_an_application(said: dict[str, Any]) -> None:
    application = said["application"]
    assert (application["status"], application["metadata"]) == ("READY", {"team": "legacy"})
    assert application["grpc"] == application["http"] == OUTPUTS
    assert application["configuration"] == "legacy-small"
    assert {"default", "legacy-small"} <= set(application["configurations"])
    assert application["environment"] == {"A": "b"}
    assert "legacy_app" in application["listed"]
    assert "legacy_app" not in application["listed_after"]
    assert "NOT_FOUND" in application["refused"] or "there is no application" in application["refused"]


def test_m17_the_client_assigns_finds_and_deletes_metrics(said: dict[str, Any]) -> None:
    metric = dict(said["metric"])
    assert metric.pop("model").startswith("legacy_gap:")
    assert metric == {
        "name": "legacy_gap",
        "watched": True,
        "measures": True,
        "healthy": ["LessEq", 4.5],
        "servable": {"dewpoint.metrics": "open"},
        "listed": True,
        "deleted": True,
        "left": 0,
    }


def test_the_client_is_told_what_runs_and_nobody_calls_without_a_key(said: dict[str, Any]) -> None:
    info = said["build_info"]
    assert [info[part]["status"] for part in ("manager", "gateway", "monitoring")] == ["Ok", "Ok", "Ok"]
    assert said["keyless"] == 401


def test_a_form_that_no_function_takes_is_told_the_other_way(cloud: Cloud) -> None:
    """Base64 makes 5 MiB more than Lambda takes: API Gateway refuses it before any function sees it."""
    form = {"payload": ("model.tar.gz", bytes(5 * 1024 * 1024))}
    with cloud.http() as http:
        answer = http.post("/api/v2/model/upload", files=form, data={"metadata": "{}"})
    assert answer.status_code == 413
    assert "the address that POST /api/v2/model/upload gives" in answer.json()["detail"]


def test_m20_events_come_as_a_stream_that_resumes(cloud: Cloud) -> None:
    """As a browser follows them: a piece, and the next one from the last id on."""
    path = "/api/v2/deployment_configuration"
    with cloud.http() as http:
        cursor = http.get("/api/v2/events", headers={"accept": "application/json"}).json()["next"]
        for name in ("legacy-one", "legacy-two"):
            assert http.post(path, json={"name": name}).status_code == 201
            resume = {"accept": "text/event-stream", "last-event-id": str(cursor)}
            answer = http.get("/api/v2/events", headers=resume)
            assert answer.headers["content-type"].startswith("text/event-stream")
            fields = [line.split(": ", 1) for line in answer.text.splitlines() if line]
            told = [json.loads(value)["name"] for field, value in fields if field == "data"]
            assert told == [name]
            cursor = [value for field, value in fields if field == "id"][-1]
            assert http.delete(f"{path}/{name}").status_code == 200
            cursor = int(cursor) + 1  # the removal


def version_id(http: httpx.Client, reference: str) -> int:
    name, number = reference.split(":")
    return int(http.get(f"/api/v2/model/version/{name}/{number}").json()["id"])


def test_the_command_line_applies_deploys_lists_and_removes(
    cloud: Cloud, clients: Path, said: dict[str, Any], tmp_path: Path
) -> None:
    shutil.copytree(HERE / "model", tmp_path / "model")

    def hs(*arguments: str) -> str:
        done = subprocess.run(
            [clients / "hs", *arguments],
            cwd=tmp_path,
            env=os.environ | {"HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
        return done.stdout

    hs("cluster", "add", "--name", "local", "--server", cloud.edge.replace("://", f"://key:{cloud.api_key}@"))
    document = tmp_path / "model" / "serving.yaml"
    config = f'{{monitoring-model: "{said["metric"]["model"]}", threshold: 4.5, operator: "<="}}'
    document.write_text(f"{document.read_text()}monitoring:\n- name: gap\n  config: {config}\n")
    first = f"legacy_points:{said['version'][1]}"
    second = f"legacy_points:{said['version'][1] + 1}"
    assert f"Model {second} was applied successfully" in hs("apply", "-f", "model/serving.yaml")
    assert "Released" in hs("model", "list")
    with cloud.http() as http:
        path = f"/monitoring/profiles/batch/{version_id(http, second)}/status"
        wait_until("the training data are profiled", lambda: http.get(path).json()["kind"] == "Success", 120)
        assert http.get(path).json()["rows"] == 3
    assert "End of logs" in hs("model", "logs", second)
    with cloud.http() as http:
        specs = http.get("/api/v2/monitoring/metricspec").json()
    assert [spec["healthy"] for spec in specs if spec["model"] == second] == ["value <= 4.5"]
    manifest = tmp_path / "model" / "application.yaml"
    manifest.write_text(manifest.read_text().replace("FIRST", first).replace("SECOND", second))
    assert "legacy_shop" in hs("apply", "-f", "model/application.yaml")
    assert "legacy_shop" in hs("app", "list")
    servable = hs("servable", "deploy", second).split()[1]
    assert servable in hs("servable", "list")
    with cloud.http() as http:
        wait_until("ready", lambda: http.get("/api/v2/application/legacy_shop").json()["status"] == "Ready", 120)
    assert "End of logs" in hs("servable", "logs", servable)
    assert "default" in hs("depconf", "list")
    hs("servable", "rm", "-y", servable)
    hs("app", "rm", "-y", "legacy_shop")
    assert "legacy_shop" not in hs("app", "list")
