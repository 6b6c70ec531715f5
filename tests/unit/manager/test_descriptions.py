"""What the platform says of itself over HTTP: documents, example inputs, and calls that really work when pasted."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format
from jsonschema import Draft202012Validator
from msgspec.structs import replace
from openapi_spec_validator import validate

from functions.adapters.pb import open_inference_pb2 as pb
from functions.core.dtypes import DType
from functions.core.models import Application
from functions.core.openapi.application import application_document, infer_example
from functions.core.signature import Field, Shape, Signature
from functions.manager.example_calls import example_view
from tests.fakes.entities import application
from tests.unit.manager.test_routes import application_body
from tests.unit.manager.world import Http, World
from tests.unit.sdk.loopback import Answer, LoopbackServer, Request

ROOT = Path(__file__).resolve().parents[3]
WIDE = Signature(
    "predict",
    (
        Field("it's", DType.STRING, Shape((2,))),
        Field("n", DType.UINT8, Shape()),
        Field("flag", DType.BOOL, Shape((-1,))),
        Field("x", DType.DOUBLE, Shape((-1, 2))),
        Field("free", DType.FLOAT),
        Field("orders", None, Shape((-1,)), subfields=(Field("price", DType.DOUBLE, Shape()),)),
    ),
    (
        Field("y", DType.INT64, Shape((-1,))),
        Field("p", DType.FLOAT, Shape((-1, 3))),
        Field("best", subfields=(Field("price", DType.DOUBLE, Shape()),)),
    ),
)
INPUTS = {"it's": ["foo", "foo"], "n": 1, "flag": [True], "x": [[1, 1]], "free": 1, "orders": [{"price": 1}]}
LONG = Signature("predict", (Field("x", DType.FLOAT, Shape((-1, 64, 64))),), WIDE.outputs)


def app_with(signature: Signature) -> Application:
    return application("shop", "penguins-1-calm-heron", signature=signature)


class Recorder:
    """Stands where the edge would: records what predictions it is asked for."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self._server = LoopbackServer(self.answer)
        self.start, self.stop, self.url = self._server.start, self._server.stop, self._server.url

    def answer(self, request: Request) -> Answer:
        self.asked.append(request)
        if "generateInputs" in request.path:
            return Answer({"x": [[[1]]]})
        return Answer({"y": [7]})

    def run(self, *command: str) -> str:
        environment = os.environ | {"EDGE": self.url, "DEWPOINT_API_KEY": "dp_secret"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def edge(socket_enabled: None) -> Iterator[Recorder]:
    recorder = Recorder()
    recorder.start()
    yield recorder
    recorder.stop()


@pytest.fixture
def shop(http: Http, world: World) -> Http:
    http.call("POST", "/application", application_body(world.built().id))
    return http


def test_m16_generate_inputs_gives_an_example(shop: Http) -> None:
    answer = shop.call("GET", "/application/generateInputs/shop")
    assert (answer.status_code, answer.json_body) == (200, {"x": [[1, 1]]})
    assert shop.call("GET", "/application/generateInputs/none").status_code == 404


def test_an_application_cannot_take_the_name_of_that_route(shop: Http) -> None:
    answer = shop.call("POST", "/application", application_body(1, name="generateInputs"))
    assert (answer.status_code, answer.json_body["errors"][0]["pointer"]) == (400, "/name")
    assert shop.call("POST", "/application", application_body(1, name="generateInputs2")).status_code == 201


def test_the_view_of_an_application_shows_an_example_and_a_list_does_not(shop: Http) -> None:
    example = shop.call("GET", "/application/shop").json_body["example"]
    assert example["inputs"] == {"x": [[1, 1]]}
    assert set(example) == {"inputs", "curl", "python", "httpx", "grpcurl"}
    assert "example" not in shop.call("GET", "/application").json_body[0]


def test_the_platforms_document_is_served_as_it_is_committed(http: Http) -> None:
    answer = http.call("GET", "/openapi.json")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.body == (ROOT / "docs" / "openapi.json").read_bytes()


def test_each_application_has_a_document(shop: Http) -> None:
    answer = shop.call("GET", "/application/shop/openapi.json")
    assert answer.headers["ETag"] == '"1"'
    validate(answer.json_body)
    assert set(answer.json_body["paths"]) == {"/gateway/application/shop", "/v2/models/shop/infer"}
    assert shop.call("GET", "/application/none/openapi.json").status_code == 404


def test_what_only_one_of_several_variants_gives_is_not_required_of_an_answer() -> None:
    few = replace(WIDE, outputs=(WIDE.outputs[0],))
    document = application_document(app_with(WIDE), [WIDE, few])
    validate(document)
    assert document["components"]["schemas"]["Outputs"]["required"] == ["y"]
    inside = Field("best", subfields=(Field("name", DType.STRING, Shape()), *WIDE.outputs[2].subfields))
    more = replace(WIDE, outputs=(*WIDE.outputs[:2], inside))
    outputs = application_document(app_with(more), [WIDE, more])["components"]["schemas"]["Outputs"]
    assert (outputs["required"], outputs["properties"]["best"]["required"]) == (["y", "p", "best"], ["price"])


@pytest.mark.parametrize(
    ("path", "body"),
    [("/gateway/application/shop", INPUTS), ("/v2/models/shop/infer", infer_example(WIDE))],
)
def test_an_applications_document_admits_its_example_and_no_other_shape(path: str, body: dict[str, Any]) -> None:
    document = application_document(app_with(WIDE))
    validate(document)
    [content] = document["paths"][path]["post"]["requestBody"]["content"].values()
    assert content["example"] == body
    check = Draft202012Validator(content["schema"] | {"components": document["components"]})
    check.validate(body)
    broken = json.loads(json.dumps(body).replace("true", '"yes"'))
    assert not check.is_valid(broken)
    assert not check.is_valid({})


def test_m16_the_pasted_curl_call_works(edge: Recorder) -> None:
    said = edge.run("bash", "-c", example_view(app_with(WIDE))["curl"])
    assert json.loads(said) == {"y": [7]}
    check_call(edge.asked[0])


@pytest.mark.parametrize("kind", ["python", "httpx"])
def test_m16_the_pasted_python_works(edge: Recorder, kind: str) -> None:
    said = edge.run(sys.executable, "-c", example_view(app_with(WIDE))[kind])
    assert said == "{'y': [7]}\n"
    check_call(edge.asked[0])


def check_call(asked: Request) -> None:
    assert (asked.method, asked.path) == ("POST", "/gateway/application/shop")
    assert asked.headers["x-api-key"] == "dp_secret"
    assert asked.headers["content-type"] == "application/json"
    assert asked.body == INPUTS


def test_an_example_too_long_to_show_is_fetched_by_its_calls(edge: Recorder) -> None:
    view = example_view(app_with(LONG))
    assert (view["inputs"], view["httpx"]) == (None, None)
    assert len(json.dumps(view)) < 1000
    edge.run("bash", "-c", view["curl"])
    edge.run(sys.executable, "-c", view["python"])
    fetched, predicted = "/api/v2/application/generateInputs/shop", "/gateway/application/shop"
    assert sorted(request.path for request in edge.asked) == [fetched, fetched, predicted, predicted]
    assert [request.body for request in edge.asked if request.path == predicted] == [{"x": [[[1]]]}] * 2


def test_the_grpcurl_call_carries_a_request_of_the_protocol() -> None:
    call = example_view(app_with(WIDE))["grpcurl"]
    script = call.replace("grpcurl", "printf '%s\\n'", 1)
    printed = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True).stdout.splitlines()
    assert printed[-1] == "inference.GRPCInferenceService/ModelInfer"
    message = json_format.Parse(printed[printed.index("-d") + 1], pb.ModelInferRequest())
    assert [tensor.name for tensor in message.inputs] == [*list(INPUTS)[:-1], "orders/price"]
    text, number, flag, numbers, *_ = message.inputs
    assert list(text.contents.bytes_contents) == [b"foo", b"foo"]
    assert list(number.contents.uint_contents) == [1]
    assert list(flag.contents.bool_contents) == [True]
    assert (list(numbers.shape), list(numbers.contents.fp64_contents)) == ([1, 2], [1, 1])


def test_half_floats_have_no_grpcurl_call() -> None:
    half = Signature("predict", (Field("x", DType.HALF, Shape()),), WIDE.outputs)
    assert example_view(app_with(half))["grpcurl"] is None
