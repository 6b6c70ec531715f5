"""Whatever is sent, the fault is the caller's and the answer a 4xx with a reason: nothing is ever a 5xx."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.core.dtypes import BY_DATATYPE, DType
from functions.core.leaves import leaves
from functions.core.signature import Field, Shape
from tests.unit.gateway.http_client import HttpGateway
from tests.unit.gateway.worlds import World, field, signature

INSIDE = (field("x"), Field("m", None, Shape((-1,)), subfields=(field("g", DType.INT8, [-1]), field("s", DType.BOOL))))
FIELDS = [
    field("x"),
    field("g", DType.INT8, [-1, 2]),
    field("s", DType.STRING, [-1]),
    field("any", DType.HALF, None),
    Field("m", None, Shape((-1,)), subfields=INSIDE),
]


def echo_gateway() -> HttpGateway:
    world = World()
    echo = world.servable("echo", 1, dict, signature(FIELDS, FIELDS))
    world.application("app", [(echo, 100)])
    return HttpGateway(world)


HTTP = echo_gateway()
BODIES = [
    b"",
    b"null",
    b"[]",
    b'"text"',
    b"{",
    b"\xff\xfe",
    b'{"x": NaN}',
    b'{"x": 1e999}',
    b'{"x": "\\ud800"}',
    b'{"x": ' + b"[" * 100_000,
    b'{"x": ' + b"[" * 900 + b"]" * 900 + b"}",
    b'{"x": ' + b"1" * 4000 + b"}",
    b'{"x": ' + b"1" * 10_000 + b"}",
    b'{"x": {"$ref": "x"}, "g": true, "s": [[]], "any": [{}]}',
    b'{"inputs": null}',
    b'{"inputs": [null]}',
    b'{"inputs": {}}',
    b'{"inputs": [{"name": 1}]}',
    b'{"inputs": [{"name": "x", "datatype": "FP64", "shape": "no", "data": 1}]}',
    b'{"inputs": [{"name": "any", "datatype": "FP16", "shape": [0, 1' + b"0" * 40 + b'], "data": []}]}',
    b'{"inputs": [{"name": "any", "datatype": "FP16", "shape": [' + b"1," * 5000 + b'1], "data": [1]}]}',
    b'{"inputs": [], "outputs": 7, "parameters": []}',
    b'{"inputs": [], "parameters": {"binary_data_output": "yes"}}',
    b'{"inputs": [], "outputs": [{"name": "x", "parameters": {"binary_data": 1}}]}',
]
TENSOR = b'{"name": "%s", "datatype": "FP64", "shape": [1], "data": [1]}'
TOO_MANY = (
    b'{"inputs": [' + b",".join([TENSOR % b"x"] * 10_001) + b"]}",
    b'{"inputs": [], "outputs": [' + b",".join([b'{"name": "y"}'] * 10_001) + b"]}",
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
KEYS = st.sampled_from([f.name for f in FIELDS]) | st.text(max_size=3)
NAMES = st.sampled_from([leaf.name for leaf in leaves(FIELDS)]) | KEYS
# Objects and lists whose keys are the signature's: they get far before they fail, and sometimes they do not
NESTED = st.recursive(
    JSON | st.integers(-200, 200) | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
TENSORS = st.fixed_dictionaries(
    {"name": NAMES, "datatype": st.sampled_from(sorted(BY_DATATYPE)) | st.text(max_size=4)},
    optional={
        "shape": st.lists(st.integers(-2, 4) | st.integers(), max_size=4) | JSON,
        "data": JSON,
        "parameters": st.dictionaries(st.sampled_from(["binary_data_size", "other"]), JSON, max_size=2),
    },
)
EXAMPLES = settings(derandomize=True, database=None)


def check(answer: Any) -> None:
    assert answer.status_code == 200 or 400 <= answer.status_code < 500, answer.body
    if answer.status_code != 200:
        assert answer.json_body["error"]
        assert all(set(problem) == {"pointer", "expected", "received"} for problem in answer.json_body["errors"])


@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:40]))
@pytest.mark.parametrize("path", ["/v2/models/app/infer", "/gateway/application/app"])
def test_hostile_bodies(path: str, body: bytes) -> None:
    answer = HTTP.post(path, body)
    assert answer.status_code == 400
    check(answer)


@pytest.mark.parametrize("body", TOO_MANY, ids=["inputs", "outputs"])
def test_more_tensors_than_a_request_may_have(body: bytes) -> None:
    answer = HTTP.post("/v2/models/app/infer", body)
    assert answer.status_code == 413
    assert "10001" in answer.json_body["detail"]


def test_more_mistakes_than_an_answer_has_room_for() -> None:
    answer = HTTP.post("/v2/models/app/infer", b'{"inputs": [' + b",".join([TENSOR % (b"y" * 99)] * 9000) + b"]}")
    assert answer.status_code == 400
    assert answer.json_body["detail"].endswith("(and 9006 more)")
    assert 100 < len(answer.json_body["errors"]) < 9000


@EXAMPLES
@given(body=st.dictionaries(KEYS, NESTED, max_size=6))
def test_any_plain_json(body: dict[str, Any]) -> None:
    check(HTTP.post("/gateway/application/app", body))


@EXAMPLES
@given(inputs=st.lists(TENSORS, max_size=5), outputs=st.none() | st.lists(JSON, max_size=2), tail=st.binary(max_size=9))
def test_any_open_inference_request(inputs: list[Any], outputs: Any, tail: bytes) -> None:
    header = json.dumps({"inputs": inputs, "outputs": outputs}).encode()
    framing = {"Inference-Header-Content-Length": str(len(header))} if tail else {}
    check(HTTP.post("/v2/models/app/infer", header + tail, framing))


@EXAMPLES
@given(body=st.binary(max_size=60), length=st.integers(-3, 70))
def test_any_bytes(body: bytes, length: int) -> None:
    check(HTTP.post("/v2/models/app/infer", body, {"Inference-Header-Content-Length": str(length)}))
    check(HTTP.post("/v2/repository/index", body))
