"""Inputs and answers too large for a call: left in the exchange, and taken up there."""

import hashlib
import json
import struct
from typing import Any

import pytest
from chalice.test import HTTPResponse

from functions.core.dtypes import DType
from functions.doors.http import LARGEST_ANSWER
from functions.gateway.options import LONGEST, STICKY_HEADER, VARIANT_HEADER
from tests.unit.gateway.http_client import HttpGateway
from tests.unit.gateway.test_oip_http import INFER, LENGTH, given
from tests.unit.gateway.worlds import World, adding, field, signature, tensor

PLAIN = "/gateway/application/app"
PAYLOAD = "x-dewpoint-payload"
TEXT = signature([field("x")], [field("y", DType.STRING)])


@pytest.fixture
def world() -> World:
    world = World()
    world.application("app", [(world.servable(model=adding(1)), 100)])
    return world


@pytest.fixture
def http(world: World) -> HttpGateway:
    return HttpGateway(world)


def upload(world: World, http: HttpGateway, body: bytes, **more: Any) -> str:
    """Announces and uploads; the reference."""
    announced = http.post("/gateway/payload", {"size": len(body), **more})
    assert announced.status_code == 201, announced.json_body
    assert world.exchange.upload(announced.json_body["url"], body) == 200
    return str(announced.json_body["reference"])


def told(answer: HTTPResponse) -> list[str]:
    return [problem["pointer"] for problem in answer.json_body["errors"]]


def test_g20_an_uploaded_payload_stands_for_the_body_of_plain_json(world: World, http: HttpGateway) -> None:
    body = b'{"x": 2}'
    reference = upload(world, http, body, sha256=hashlib.sha256(body).hexdigest())
    for _ in range(2):
        answer = http.post(PLAIN, b"", {PAYLOAD: reference})
        assert (answer.status_code, answer.json_body) == (200, {"y": 3.0})
    [servable] = world.applications.get("app").servables
    assert http.post(f"/gateway/servable/{servable}", b"", {PAYLOAD: reference}).json_body == {"y": 3.0}
    assert len(world.sink) == 3


def test_g20_an_uploaded_payload_stands_for_the_body_of_the_protocol(world: World, http: HttpGateway) -> None:
    reference = upload(world, http, json.dumps({"inputs": [given()]}).encode())
    answer = http.post(INFER, b"", {PAYLOAD: reference})
    assert answer.json_body["outputs"][0]["data"] == [3.0]
    header = json.dumps(
        {"inputs": [{k: v for k, v in given(parameters={"binary_data_size": 8}).items() if k != "data"}]}
    )
    raw = upload(world, http, header.encode() + struct.pack("<d", 5))
    answer = http.post(INFER, b"", {PAYLOAD: raw, LENGTH: str(len(header))})
    assert answer.json_body["outputs"][0]["data"] == [6.0]


def test_g20_an_uploaded_payload_stands_for_a_tensor_of_the_protocol(world: World, http: HttpGateway) -> None:
    reference = upload(world, http, struct.pack("<d", 5))
    named = {"name": "x", "datatype": "FP64", "shape": [], "parameters": {"payload": reference}}
    assert http.post(INFER, {"inputs": [named]}).json_body["outputs"][0]["data"] == [6.0]
    both = http.post(INFER, {"inputs": [named | {"data": [1]}]})
    assert (both.status_code, told(both)) == (400, ["/inputs/0/parameters/payload"])
    short = http.post(INFER, {"inputs": [named | {"shape": [2]}]})
    assert (short.status_code, told(short)) == (400, ["/inputs/0/shape", "/inputs/0/data"])


def test_what_is_wrong_with_a_reference_is_said(world: World, http: HttpGateway) -> None:
    absent = http.post(PLAIN, b"", {PAYLOAD: "0" * 32})
    assert absent.status_code == 404
    assert "was not uploaded, or is older than a day" in absent.json_body["detail"]
    for reference in ("", "../inputs/a", "x" * 32):
        answer = http.post(PLAIN, b"", {PAYLOAD: reference})
        assert (answer.status_code, told(answer)) == (400, [f"/headers/{PAYLOAD}"])
    named = {"name": "x", "datatype": "FP64", "shape": [], "parameters": {"payload": 7}}
    answer = http.post(INFER, {"inputs": [named]})
    assert (answer.status_code, told(answer)) == (400, ["/inputs/0/parameters/payload"])
    both = http.post(PLAIN, {"x": 1}, {PAYLOAD: upload(world, http, b'{"x": 2}')})
    assert (both.status_code, told(both)) == (400, [f"/headers/{PAYLOAD}"])
    broken = http.post(PLAIN, b"", {PAYLOAD: upload(world, http, b'{"x": "five"}')})
    assert (broken.status_code, told(broken)) == (400, ["/x"])


def test_an_upload_is_what_was_announced_or_nothing(world: World, http: HttpGateway) -> None:
    announced = http.post("/gateway/payload", {"size": 3, "sha256": hashlib.sha256(b"abc").hexdigest()}).json_body
    assert announced["method"] == "PUT"
    assert announced["expiresAt"] == "2023-11-14T22:28:20Z"
    assert world.exchange.upload(announced["url"], b"abcd") == 403
    assert world.exchange.upload(announced["url"], b"abd") == 400
    for body, pointers in (
        ({"size": 0, "sha256": "zz"}, ["/size", "/sha256"]),
        ({"size": "3"}, ["/size"]),
        ({}, ["/size"]),
        ({"size": 1, "colour": "red"}, ["/colour"]),
    ):
        answer = http.post("/gateway/payload", body)
        assert (answer.status_code, told(answer)) == (400, pointers)


def test_g20_a_payload_has_a_limit_that_holds_to_the_byte() -> None:
    body = b'{"x": 2}'
    world = World(max_bytes=len(body))
    world.application("app", [(world.servable(model=adding(1)), 100)])
    http = HttpGateway(world)
    assert http.post(PLAIN, b"", {PAYLOAD: upload(world, http, body)}).status_code == 200
    refused = http.post("/gateway/payload", {"size": len(body) + 1})
    assert refused.status_code == 413
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.json_body["detail"] == "the payload takes 9 bytes; at most 8 are accepted"
    number = upload(world, http, struct.pack("<d", 5))
    tensors = [
        {"name": name, "datatype": "FP64", "shape": [], "parameters": {"payload": number}} for name in ("x", "again")
    ]
    small = World(max_bytes=len(json.dumps({"inputs": tensors})))
    small.exchange.objects = world.exchange.objects
    small.application("app", [(small.servable(model=adding(1)), 100)])
    small.exchange.objects[f"inputs/{number}"] = bytes(small.ports.max_bytes // 2 + 1)
    refused = HttpGateway(small).post(INFER, {"inputs": tensors})
    assert refused.status_code == 413
    assert f"at most {small.ports.max_bytes} are accepted" in refused.json_body["detail"]


def text_of(size: int) -> World:
    """A world whose model answers JSON of exactly `size` bytes on the way."""
    world = World()
    around = len('{\\"y\\":\\"\\"}') + 2
    answer = {"y": tensor(DType.STRING, "a" * (size - around))}
    world.application("app", [(world.servable(model=lambda _: answer, signature=TEXT), 100)])
    return world


def test_g20_an_answer_larger_than_http_takes_is_fetched_from_where_the_redirect_says() -> None:
    small = HttpGateway(text_of(LARGEST_ANSWER)).post(PLAIN, {"x": 1})
    assert small.status_code == 200
    world = text_of(LARGEST_ANSWER + 1)
    answer = HttpGateway(world).post(PLAIN, {"x": 1})
    assert answer.status_code == 303
    assert answer.json_body["url"] == answer.headers["Location"]
    assert "get it at the address in Location" in answer.json_body["error"]
    body = world.exchange.download(answer.headers["Location"])
    assert (answer.json_body["size"], answer.json_body["contentType"]) == (len(body), "application/json")
    assert len(json.loads(body)["y"]) == len(small.json_body["y"]) + 1
    assert answer.headers["x-dewpoint-model"] == "adder:1"
    assert len(world.sink) == 1


def test_g20_a_large_answer_of_raw_tensors_keeps_its_form() -> None:
    world = World()
    many = 700_000
    floats = signature([field("x")], [field("y", dims=[-1])])
    answered = {"y": tensor(DType.DOUBLE, [0.5] * many)}
    world.application("app", [(world.servable(model=lambda _: answered, signature=floats), 100)])
    body = {"inputs": [given()], "parameters": {"binary_data_output": True}}
    answer = HttpGateway(world).post(INFER, body)
    assert answer.status_code == 303
    content = world.exchange.download(answer.headers["Location"])
    assert answer.json_body["contentType"] == "application/octet-stream"
    assert content[int(answer.headers[LENGTH]) :] == struct.pack("<d", 0.5) * many


@pytest.mark.parametrize("header", [STICKY_HEADER, VARIANT_HEADER])
def test_g20_headers_have_a_limit(http: HttpGateway, header: str) -> None:
    fits = http.post(PLAIN, {"x": 1}, {header: "a" * LONGEST})
    assert fits.status_code == 200 if header == STICKY_HEADER else 404
    refused = http.post(PLAIN, {"x": 1}, {header: "a" * (LONGEST + 1)})
    assert refused.status_code == 400
    assert refused.json_body["errors"] == [
        {"pointer": f"/headers/{header}", "expected": "at most 1024 characters", "received": "1025 characters"}
    ]


def test_reading_a_payload_takes_from_the_time_there_is(world: World, http: HttpGateway) -> None:
    reference = upload(world, http, b'{"x": 2}')
    read = world.exchange.read

    def slowly(key: str, largest: int) -> bytes | None:
        world.wait(world.ports.timeout)
        return read(key, largest)

    world.exchange.read = slowly  # type: ignore[method-assign]
    assert http.post(PLAIN, b"", {PAYLOAD: reference}).status_code == 504
