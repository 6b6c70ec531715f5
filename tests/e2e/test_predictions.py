"""Every example answers what it must, by every way in."""

import json
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest

from functions.adapters.pb import open_inference_pb2 as oip
from tests.cloud import EXAMPLES, ROOT, Served


def read(example: str, file: str) -> dict[str, Any]:
    return json.loads(Path(ROOT, "examples", example, file).read_text())  # type: ignore[no-any-return]


def question(example: str) -> dict[str, Any]:
    return read(example, "request.json")


def truth(example: str) -> dict[str, Any]:
    return read(example, "answer.json")


def assert_answers(answer: dict[str, Any], expected: dict[str, Any]) -> None:
    assert answer.keys() == expected.keys()
    for name, value in expected.items():
        if np.asarray(value).dtype.kind == "f":
            np.testing.assert_allclose(answer[name], value, rtol=1e-3, atol=1e-5, err_msg=name)
        else:
            assert answer[name] == value, name


@pytest.mark.parametrize("example", EXAMPLES)
def test_g01_every_example_answers_plain_json(served: Served, example: str) -> None:
    with served.cloud.http() as http:
        answer = http.post(f"/gateway/application/{example}", json=question(example))
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-request-id"]
    assert_answers(answer.json(), truth(example))


@pytest.mark.parametrize("example", EXAMPLES)
def test_cli(served: Served, example: str) -> None:
    done = served.cloud.cli("-o", "json", "predict", example, "--data", json.dumps(question(example)))
    assert done.code == 0, done.err
    assert_answers(done.json(), truth(example))


def test_g02_a_servable_answers_directly(served: Served) -> None:
    with served.cloud.http() as http:
        names = [s["fullName"] for s in http.get("/api/v2/servable").json() if s["usedApps"] == ["blobs"]]
        answer = http.post(f"/gateway/servable/{names[0]}", json=question("blobs"))
    assert_answers(answer.json(), truth("blobs"))


def test_open_inference_over_http(served: Served) -> None:
    with served.cloud.http() as http:
        metadata = http.get("/v2/models/digits").json()
        field = metadata["inputs"][0]
        image = question("digits")[field["name"]]
        shape = [len(image), 8, 8]
        body = {"id": "d-1", "inputs": [field | {"shape": shape, "data": image}]}
        answer = http.post("/v2/models/digits/infer", json=body).json()
        flat = [value for picture in image for row in picture for value in row]
        again = http.post("/v2/models/digits/infer", json={"inputs": [field | {"shape": shape, "data": flat}]}).json()
    assert metadata["name"] == "digits"
    assert field["shape"] == [-1, 8, 8]
    assert (answer["id"], answer["model_name"], answer["model_version"]) == ("d-1", "digits", "1")
    by_name = {output["name"]: output for output in answer["outputs"]}
    assert by_name["label"]["data"] == truth("digits")["label"]
    assert again["outputs"] == answer["outputs"]


def test_open_inference_over_grpc(served: Served) -> None:
    request = oip.ModelInferRequest(model_name="blobs", id="g-1")
    for name, value in question("blobs").items():
        tensor = request.inputs.add(name=name, datatype="FP64", shape=[])
        tensor.contents.fp64_contents.append(value)
    with grpc.insecure_channel(served.cloud.grpc) as channel:
        infer = channel.unary_unary(
            "/inference.GRPCInferenceService/ModelInfer",
            request_serializer=oip.ModelInferRequest.SerializeToString,
            response_deserializer=oip.ModelInferResponse.FromString,
        )
        answer = infer(request, metadata=[("x-api-key", served.cloud.api_key)], timeout=20)
        with pytest.raises(grpc.RpcError) as refused:
            infer(request, timeout=20)
    assert answer.id == "g-1"
    assert {output.name for output in answer.outputs} == set(truth("blobs"))
    assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
