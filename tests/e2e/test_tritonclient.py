"""tritonclient from PyPI, unchanged, in its own environment: lists, describes and calls through edge and grpc."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cloud import ROOT, Served

HERE = Path(__file__).with_name("tritonclient")


@pytest.fixture(scope="module")
def said(served: Served) -> dict[str, Any]:
    environment = ROOT / "local" / ".state" / "tritonclient"
    uv = Path(sys.executable).with_name("uv")
    if not (environment / "bin" / "python").exists():
        subprocess.run([uv, "venv", "-q", "--python", sys.executable, environment], check=True)
    python = environment / "bin" / "python"
    subprocess.run([uv, "pip", "install", "-q", "--python", python, "-r", HERE / "requirements.txt"], check=True)
    with served.cloud.http() as http:
        digit_input = http.get("/v2/models/digits").json()["inputs"][0]["name"]
    address = served.cloud.edge.removeprefix("http://")
    done = subprocess.run(
        [python, HERE / "calls.py", address, served.cloud.grpc, served.cloud.api_key, digit_input],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return]


@pytest.mark.parametrize("way", ["http", "grpc"])
def test_lists_and_describes(said: dict[str, Any], way: str) -> None:
    heard = said[way]
    assert heard["live"] is heard["ready"] is heard["model_ready"] is True
    assert heard["server"]["name"]
    index = heard["index"] if way == "http" else heard["index"]["models"]
    assert {"penguins", "digits", "blobs"} <= {model["name"] for model in index}
    assert {model["state"] for model in index if model["name"] == "digits"} == {"READY"}
    assert heard["metadata"]["name"] == "digits"
    assert [str(size) for size in heard["metadata"]["inputs"][0]["shape"]] == ["-1", "8", "8"]


@pytest.mark.parametrize("way", ["http", "grpc"])
def test_calls(said: dict[str, Any], way: str) -> None:
    heard = said[way]
    assert heard["label"]["shape"] == [2]
    assert heard["probabilities"]["shape"] == [2, 10]
    assert sum(heard["probabilities"]["values"]) == pytest.approx(2.0, abs=1e-4)
    assert heard["only"] == heard["label"]
    assert heard["only_has_probabilities"] is False
    assert heard["species"] == {"shape": [], "values": ["Gentoo"]}


def test_both_ways_say_the_same(said: dict[str, Any]) -> None:
    assert said["http"]["label"] == said["grpc"]["label"] == said["http"]["label_from_json"]
    assert said["http"]["probabilities"] == said["grpc"]["probabilities"]


@pytest.mark.parametrize("way", ["http", "grpc"])
def test_a_wrong_rank_is_refused_with_the_shapes(said: dict[str, Any], way: str) -> None:
    assert "[-1, 8, 8]" in said[way]["wrong_rank"]
    assert "[8, 8]" in said[way]["wrong_rank"]
