"""Inputs and answers larger than a call, through both REST doors, the client and the command line."""

import hashlib
import json
import struct
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from tests.cloud import Cloud, Served
from tests.e2e import elastic
from tests.e2e.test_predictions import question, truth

IMAGES = 28_000  # some 6 MB as JSON, a third more on the way to the function
NUMBERS = 900_000  # 7.2 MB as raw doubles


def upload(http: httpx.Client, body: bytes) -> str:
    """The reference of an uploaded payload."""
    wanted = {"size": len(body), "sha256": hashlib.sha256(body).hexdigest()}
    announced = http.post("/gateway/payload", json=wanted).json()
    put = httpx.put(announced["url"], content=body, headers=announced["headers"], timeout=60)
    assert put.status_code == 200, put.text
    return str(announced["reference"])


def images() -> dict[str, Any]:
    [(name, some)] = question("digits").items()
    return {name: [some[at % len(some)] for at in range(IMAGES)]}


def test_g20_large_inputs_come_by_reference_through_both_rest_doors(served: Served) -> None:
    inputs = images()
    [(name, values)] = inputs.items()
    raw = np.array(values, "<f8" if served_type(served) == "FP64" else "<f4").tobytes()
    labels = truth("digits")["label"]
    expected = [labels[at % len(labels)] for at in range(IMAGES)]
    with served.cloud.http() as http:
        body = json.dumps(inputs).encode()
        refused = http.post("/gateway/application/digits", content=body)
        assert refused.status_code == 413
        assert "POST /gateway/payload" in refused.json()["detail"]
        reference = upload(http, body)
        headers = {"x-dewpoint-payload": reference}
        plain = http.post("/gateway/application/digits", headers=headers, follow_redirects=True)
        assert plain.status_code == 200, plain.text[:300]
        assert plain.json()["label"] == expected
        tensor = {"name": name, "datatype": served_type(served), "shape": [IMAGES, 8, 8]}
        named = tensor | {"parameters": {"payload": upload(http, raw)}}
        protocol = http.post("/v2/models/digits/infer", json={"inputs": [named], "outputs": [{"name": "label"}]})
        assert protocol.json()["outputs"][0]["data"] == expected


def served_type(served: Served) -> str:
    with served.cloud.http() as http:
        return str(http.get("/v2/models/digits").json()["inputs"][0]["datatype"])


def test_g20_the_command_line_sends_large_inputs_as_any_others(served: Served, tmp_path: Path) -> None:
    file = tmp_path / "question.json"
    file.write_text(json.dumps(images()))
    done = served.cloud.cli("-o", "json", "predict", "digits", "--file", str(file))
    assert done.code == 0, done.err
    assert len(done.json()["label"]) == IMAGES


@pytest.fixture(scope="module")
def application(elastic_cloud: Cloud) -> Any:
    with elastic.application(elastic_cloud, "large-answers") as made:
        yield made


def test_g20_a_large_answer_is_fetched_from_where_the_redirect_says(application: elastic.Application) -> None:
    path = f"/gateway/application/{application.name}"
    with application.cloud.http() as http:
        answer = http.post(path, json={"n": 2 * NUMBERS, "wait": 0})
        assert answer.status_code == 303, answer.text[:300]
        assert "x-api-key" not in httpx.URL(answer.headers["location"]).params
        fetched = httpx.get(answer.headers["location"], timeout=60)
        assert fetched.json() == {"y": [0.5] * (2 * NUMBERS)}
        assert fetched.headers["content-type"] == "application/json"


def test_g20_a_large_answer_of_raw_tensors_keeps_its_form(application: elastic.Application) -> None:
    inputs = [
        {"name": name, "datatype": "FP64", "shape": [], "data": [value]}
        for name, value in (("n", NUMBERS), ("wait", 0))
    ]
    with application.cloud.http() as http:
        body = {"inputs": inputs, "parameters": {"binary_data_output": True}}
        answer = http.post(f"/v2/models/{application.name}/infer", json=body, follow_redirects=True)
        [redirect] = answer.history
        head = int(redirect.headers["inference-header-content-length"])
    assert json.loads(answer.content[:head])["outputs"][0]["shape"] == [NUMBERS]
    assert answer.content[head:] == struct.pack("<d", 0.5) * NUMBERS
