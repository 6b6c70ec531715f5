"""Input that does not fit gets a clear 4xx naming the field; unknown fields: refused on /v2, a warning on /gateway."""

from typing import Any

import httpx
import pytest

from tests.cloud import Served

GOOD = {"x1": -5.0, "x2": 1.0}


def oip(**changes: dict[str, Any]) -> dict[str, Any]:
    tensors = {name: {"name": name, "shape": [], "datatype": "FP64", "data": [value]} for name, value in GOOD.items()}
    for name, change in changes.items():
        tensors[name] = tensors.get(name, {"name": name, "shape": [], "datatype": "FP64", "data": [1.0]}) | change
    return {"inputs": list(tensors.values())}


def refused(answer: httpx.Response) -> dict[str, Any]:
    problem = answer.json()
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["error"]
    return problem  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("what", "body", "field", "word"),
    [
        ("wrong dtype", GOOD | {"x1": "five"}, "/x1", "DT_DOUBLE"),
        ("wrong rank", GOOD | {"x2": [1.0, 2.0]}, "/x2", "scalar"),
        ("missing field", {"x1": 1.0}, "/x2", "missing"),
    ],
)
def test_plain_json(served: Served, what: str, body: dict[str, Any], field: str, word: str) -> None:
    with served.cloud.http() as http:
        problem = refused(http.post("/gateway/application/blobs", json=body))
    assert [error["pointer"] for error in problem["errors"]] == [field], what
    assert word in str(problem["errors"][0])


@pytest.mark.parametrize(
    ("what", "body", "field"),
    [
        ("wrong dtype", oip(x1={"datatype": "INT64", "data": [1]}), "x1"),
        ("wrong rank", oip(x2={"shape": [2], "data": [1.0, 2.0]}), "x2"),
        ("missing field", {"inputs": oip()["inputs"][:1]}, "x2"),
        ("unknown field", oip(x9={}), "x9"),
    ],
)
def test_open_inference(served: Served, what: str, body: dict[str, Any], field: str) -> None:
    with served.cloud.http() as http:
        problem = refused(http.post("/v2/models/blobs/infer", json=body))
    assert field in problem["error"], what
    assert problem["errors"]


def test_all_errors_at_once(served: Served) -> None:
    with served.cloud.http() as http:
        problem = refused(http.post("/gateway/application/blobs", json={"x1": "five"}))
    assert {error["pointer"] for error in problem["errors"]} == {"/x1", "/x2"}


def test_an_unknown_field_is_a_warning_on_gateway(served: Served) -> None:
    with served.cloud.http() as http:
        answer = http.post("/gateway/application/blobs", json=GOOD | {"x9": 1})
    assert answer.status_code == 200
    assert "x9" in answer.headers["x-dewpoint-warning"]


@pytest.mark.parametrize(
    "path", ["/v2/models/nobody/infer", "/gateway/application/nobody", "/api/v2/application/nobody"]
)
def test_unknown_names_are_404(served: Served, path: str) -> None:
    with served.cloud.http() as http:
        answer = http.post(path, json={"inputs": []}) if "api" not in path else http.get(path)
    assert answer.status_code == 404
    assert "nobody" in answer.json()["detail"]


def test_an_unknown_route_is_a_problem_too(served: Served) -> None:
    with served.cloud.http() as http:
        answer = http.get("/api/v2/no/such/route")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
