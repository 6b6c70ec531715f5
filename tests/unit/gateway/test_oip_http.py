"""The Open Inference Protocol over HTTP, as its clients speak it."""

import json
import struct
from typing import Any

import pytest

from functions.core.dtypes import DType
from functions.core.models import ApplicationStatus, ServableStatus
from tests.unit.gateway.http_client import HttpGateway
from tests.unit.gateway.worlds import World, adding, field, signature

INFER = "/v2/models/app/infer"
LENGTH = "Inference-Header-Content-Length"
GRID = signature([field("g", DType.FLOAT, [-1, 2]), field("s", DType.STRING)], [field("g", DType.FLOAT, [-1, 2])])


def given(name: str = "x", datatype: str = "FP64", shape: Any = (), data: Any = (2,), **more: Any) -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": list(shape), "data": data, **more}


@pytest.fixture
def world() -> World:
    world = World()
    old, new = world.servable("adder", 1, adding(1)), world.servable("adder", 2, adding(2))
    world.application("app", [(old, 100), (new, 0)])
    grid = world.servable("grid", 5, lambda inputs: {"g": inputs["g"]}, GRID)
    world.application("grid", [(grid, 100)])
    return world


@pytest.fixture
def http(world: World) -> HttpGateway:
    return HttpGateway(world)


def test_g23_server_metadata_and_health(http: HttpGateway) -> None:
    server = http.get("/v2").json_body
    assert server["name"] == "dewpoint"
    assert "binary_tensor_data" in server["extensions"]
    for path in ("/v2/health/live", "/v2/health/ready"):
        answer = http.get(path)
        assert (answer.status_code, answer.json_body) == (200, {"live": True, "ready": True})


def test_model_metadata(http: HttpGateway) -> None:
    assert http.get("/v2/models/grid").json_body == {
        "name": "grid",
        "versions": ["5"],
        "platform": "dewpoint",
        "inputs": [
            {"name": "g", "datatype": "FP32", "shape": [-1, 2]},
            {"name": "s", "datatype": "BYTES", "shape": []},
        ],
        "outputs": [{"name": "g", "datatype": "FP32", "shape": [-1, 2]}],
    }
    assert http.get("/v2/models/app/versions/2").json_body["versions"] == ["1", "2"]
    assert http.get("/v2/models/app/versions/3").status_code == 404
    assert http.get("/v2/models/none").status_code == 404


def test_readiness_is_told_by_the_status(world: World, http: HttpGateway) -> None:
    down = world.servable("late", 1, status=ServableStatus.STARTING)
    world.application("late", [(down, 100)], status=ApplicationStatus.ASSEMBLING)
    assert http.get("/v2/models/app/ready").json_body == {"name": "app", "ready": True}
    assert http.get("/v2/models/app/versions/2/ready").status_code == 200
    for path in ("/v2/models/late/ready", "/v2/models/late/versions/1/ready"):
        answer = http.get(path)
        assert (answer.status_code, answer.json_body["ready"]) == (503, False)
        assert answer.headers["Retry-After"]
    assert http.get("/v2/models/none/ready").status_code == 404


def test_the_index_lists_versions_with_their_state(world: World, http: HttpGateway) -> None:
    broken = world.servable("bad", 1, status=ServableStatus.NOT_SERVING)
    world.application("bad", [(broken, 100)], status=ApplicationStatus.FAILED, message="exit code 1")
    every = http.post("/v2/repository/index").json_body
    assert [(m["name"], m["version"], m["state"], m["reason"]) for m in every] == [
        ("app", "1", "READY", ""),
        ("app", "2", "READY", ""),
        ("bad", "1", "UNAVAILABLE", "exit code 1"),
        ("grid", "5", "READY", ""),
    ]
    ready = http.post("/v2/repository/index", {"ready": True}).json_body
    assert {m["name"] for m in ready} == {"app", "grid"}


def test_infer_answers_with_the_version_that_answered_and_echoes_the_id(http: HttpGateway) -> None:
    answer = http.post(INFER, {"id": "call-7", "inputs": [given()], "parameters": {"priority": 1}})
    assert answer.status_code == 200
    assert answer.json_body == {
        "model_name": "app",
        "model_version": "1",
        "id": "call-7",
        "outputs": [{"name": "y", "datatype": "FP64", "shape": [], "data": [3.0]}],
    }


def test_a_version_can_be_addressed(http: HttpGateway) -> None:
    answer = http.post("/v2/models/app/versions/2/infer", {"inputs": [given()]})
    assert (answer.json_body["model_version"], answer.json_body["outputs"][0]["data"]) == ("2", [4.0])
    assert http.post("/v2/models/app/versions/9/infer", {"inputs": [given()]}).status_code == 404


@pytest.mark.parametrize("data", [[1, 2, 3, 4], [[1, 2], [3, 4]]])
@pytest.mark.parametrize("shape", [[2, 2], [-1, 2]])
def test_g07_data_may_be_nested_or_flat_and_one_dimension_free(http: HttpGateway, data: Any, shape: Any) -> None:
    answer = http.post("/v2/models/grid/infer", {"inputs": [given("g", "FP32", shape, data), WORD]})
    assert answer.json_body["outputs"] == [
        {"name": "g", "datatype": "FP32", "shape": [2, 2], "data": [1.0, 2.0, 3.0, 4.0]}
    ]


WORD = given("s", "BYTES", [], ["a"])
OK = given("g", "FP32", [1, 2], [1, 2])


@pytest.mark.parametrize(
    ("inputs", "pointers", "named"),
    [
        ([OK], ["/inputs"], "'s'"),
        ([OK, WORD, given("foo")], ["/inputs/2/name"], "'foo'"),
        ([OK, WORD, WORD], ["/inputs/2/name"], "'s' again"),
        ([given("g", "FP64", [1, 2], [1, 2]), WORD], ["/inputs/0/datatype"], "'g'"),
        ([given("g", "NONSENSE", [1, 2], [1, 2]), WORD], ["/inputs/0/datatype"], "'g'"),
        ([given("g", "FP32", [2], [1, 2]), WORD], ["/inputs/0/shape"], "'g'"),
        ([given("g", "FP32", [1, 3], [1, 2, 3]), WORD], ["/inputs/0/shape"], "'g'"),
        ([given("g", "FP32", [-1, -1], [1, 2]), WORD], ["/inputs/0/shape"], "'g'"),
        ([given("g", "FP32", [1, 2], [1, 2, 3]), WORD], ["/inputs/0/data"], "3 elements"),
        ([given("g", "FP32", [-1, 2], [1, 2, 3]), WORD], ["/inputs/0/data"], "3 elements"),
        ([given("g", "FP32", [2, 2], [[1, 2], [3]]), WORD], ["/inputs/0/data/1"], "a list of 2"),
        ([given("g", "FP32", [2, 2], [[1], [2], [3], [4]]), WORD], ["/inputs/0/data"], "shape [4, 1]"),
        ([given("g", "FP32", [1, 2], [1, "a"]), WORD], ["/inputs/0/data/1"], "'g'"),
        ([given("g", "FP32", [1, 2], [1, 1e39]), WORD], ["/inputs/0/data/1"], "out of range"),
        ([{"name": "g", "datatype": "FP32", "shape": [1, 2]}, WORD], ["/inputs/0/data"], "missing"),
    ],
)
def test_g08_every_wrong_input_is_pointed_at_and_named(
    http: HttpGateway, world: World, inputs: list[Any], pointers: list[str], named: str
) -> None:
    answer = http.post("/v2/models/grid/infer", {"inputs": inputs})
    assert answer.status_code == 400
    assert [problem["pointer"] for problem in answer.json_body["errors"]] == pointers
    assert named in answer.json_body["error"]
    assert len(world.client) == 0


def test_g08_all_problems_come_at_once(http: HttpGateway) -> None:
    inputs = [given("g", "FP64", [2], ["a", 1]), given("g2"), given("s", "INT8", [1], [300])]
    answer = http.post("/v2/models/grid/infer", {"inputs": inputs, "outputs": [{"name": "nope"}]})
    assert [problem["pointer"] for problem in answer.json_body["errors"]] == [
        "/inputs/0/datatype",
        "/inputs/0/shape",
        "/inputs/0/data/0",
        "/inputs/1/name",
        "/inputs/2/datatype",
        "/inputs/2/shape",
        "/inputs/2/data/0",
        "/outputs/0/name",
    ]


def test_g08_tensors_without_type_shape_or_data_are_told_at_once(http: HttpGateway) -> None:
    inputs = [{"name": "g", "datatype": ["FP32"], "shape": "2"}, {"name": "s", "data": ["a"]}]
    answer = http.post("/v2/models/grid/infer", {"inputs": inputs})
    assert {problem["pointer"]: problem["received"] for problem in answer.json_body["errors"]} == {
        "/inputs/0/shape": "string '2'",
        "/inputs/0/datatype": "a list of 1",
        "/inputs/0/data": "nothing: it is missing",
        "/inputs/1/shape": "nothing: it is missing",
        "/inputs/1/datatype": "nothing: it is missing",
    }


def test_g08_a_free_size_is_no_mistake_beside_another(http: HttpGateway) -> None:
    answer = http.post("/v2/models/grid/infer", {"inputs": [given("g", "FP32", [-1, 2], [1, 2, "a"]), WORD]})
    assert [problem["pointer"] for problem in answer.json_body["errors"]] == ["/inputs/0/data"]
    answer = http.post("/v2/models/grid/infer", {"inputs": [given("g", "FP32", [-1, 3], [1, 2, "a"]), WORD]})
    assert [problem["pointer"] for problem in answer.json_body["errors"]] == ["/inputs/0/shape", "/inputs/0/data/2"]


def test_outputs_are_filtered(world: World, http: HttpGateway) -> None:
    two = signature([field("x")], [field("y"), field("z")])
    both = world.servable("two", 1, lambda inputs: {"y": inputs["x"], "z": inputs["x"]}, two)
    world.application("two", [(both, 100)])
    answer = http.post("/v2/models/two/infer", {"inputs": [given()], "outputs": [{"name": "z"}]})
    assert [output["name"] for output in answer.json_body["outputs"]] == ["z"]


def framed(document: dict[str, Any], *raw: bytes) -> tuple[bytes, dict[str, str]]:
    header = json.dumps(document).encode()
    return b"".join([header, *raw]), {LENGTH: str(len(header))}


def binary(name: str, datatype: str, shape: list[int], size: Any) -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": shape, "parameters": {"binary_data_size": size}}


def test_binary_tensors_both_ways(http: HttpGateway) -> None:
    grid, word = struct.pack("<4f", 1, 2, 3, 4), struct.pack("<I", 2) + b"hi"
    document = {
        "inputs": [binary("g", "FP32", [2, 2], len(grid)), binary("s", "BYTES", [], len(word))],
        "parameters": {"binary_data_output": True},
    }
    answer = http.post("/v2/models/grid/infer", *framed(document, grid, word))
    assert answer.headers["Content-Type"] == "application/octet-stream"
    length = int(answer.headers[LENGTH])
    header = json.loads(answer.body[:length])
    assert header["outputs"] == [binary("g", "FP32", [2, 2], 16)]
    assert answer.body[length:] == grid


def test_an_output_may_be_binary_by_itself_or_not_at_all(http: HttpGateway) -> None:
    inputs = [OK, WORD]
    for wish, everything, is_binary in ((True, False, True), (False, True, False), (None, True, True)):
        parameters = {} if wish is None else {"binary_data": wish}
        document = {
            "inputs": inputs,
            "outputs": [{"name": "g", "parameters": parameters}],
            "parameters": {"binary_data_output": everything},
        }
        answer = http.post("/v2/models/grid/infer", document)
        assert (LENGTH in answer.headers) is is_binary


@pytest.mark.parametrize(
    ("size", "raw", "pointer"),
    [
        (16, b"\0" * 15, "/inputs/1/parameters/binary_data_size"),
        (15, b"\0" * 15, "/inputs/1/data"),
        (8, b"\0" * 8, "/inputs/1/data"),
        (16, b"\0" * 17, ""),
        (-1, b"", "/inputs/1/parameters/binary_data_size"),
        ("16", b"\0" * 16, "/inputs/1/parameters/binary_data_size"),
        (True, b"\0", "/inputs/1/parameters/binary_data_size"),
    ],
)
def test_byte_counts_are_checked(http: HttpGateway, size: Any, raw: bytes, pointer: str) -> None:
    answer = http.post("/v2/models/grid/infer", *framed({"inputs": [WORD, binary("g", "FP32", [2, 2], size)]}, raw))
    assert answer.status_code == 400
    assert pointer in [problem["pointer"] for problem in answer.json_body["errors"]]


@pytest.mark.parametrize("length", ["99999", "-1", "abc", "", "1e3", "²", "9" * 5000])
def test_a_header_length_that_makes_no_sense_is_refused(http: HttpGateway, length: str) -> None:
    answer = http.post(INFER, json.dumps({"inputs": [given()]}).encode(), {LENGTH: length})
    assert answer.status_code == 400


def test_half_precision_travels_as_numbers_and_text_must_be_text() -> None:
    world = World()
    both = signature([field("h", DType.HALF, [2]), field("s", DType.STRING)], [field("h", DType.HALF, [2])])
    world.application("half", [(world.servable(model=lambda i: {"h": i["h"]}, signature=both), 100)])
    http = HttpGateway(world)
    answer = http.post("/v2/models/half/infer", {"inputs": [given("h", "FP16", [2], [0.5, -2]), WORD]})
    assert answer.json_body["outputs"][0]["data"] == [0.5, -2.0]
    bad = struct.pack("<I", 1) + b"\xff"
    document = {"inputs": [given("h", "FP16", [2], [0.5, -2]), binary("s", "BYTES", [], len(bad))]}
    refused = http.post("/v2/models/half/infer", *framed(document, bad))
    assert refused.status_code == 400
    assert refused.json_body["errors"][0]["pointer"] == "/inputs/1/data"
