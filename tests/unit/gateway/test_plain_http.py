"""Plain JSON over HTTP: an object in, an object out."""

import pytest

from functions.core.dtypes import DType
from functions.core.errors import DeadlineExceeded, InvalidRequest, ModelFailed, Unavailable
from functions.core.models import ServableStatus
from functions.core.tensor import Tensor
from tests.unit.gateway.http_client import HttpGateway
from tests.unit.gateway.worlds import World, adding, field, raising, signature

EVERY = [
    (DType.FLOAT, 0.5),
    (DType.DOUBLE, 0.1),
    (DType.HALF, 1.5),
    (DType.INT8, -128),
    (DType.INT16, -32768),
    (DType.INT32, -(2**31)),
    (DType.INT64, -(2**63)),
    (DType.UINT8, 255),
    (DType.UINT16, 65535),
    (DType.UINT32, 2**32 - 1),
    (DType.UINT64, 2**64 - 1),
    (DType.BOOL, True),
    (DType.STRING, "ünï 😀"),
]


@pytest.fixture
def world() -> World:
    world = World()
    world.application("app", [(world.servable("adder", 3, adding(1)), 100)])
    return world


@pytest.fixture
def http(world: World) -> HttpGateway:
    return HttpGateway(world)


def echo_world(dtype: DType, dims: list[int] | None) -> World:
    world = World()
    both = signature([field("v", dtype, dims)], [field("v", dtype, dims)])
    world.application("echo", [(world.servable("echo", 1, dict, both), 100)])
    return world


def test_g01_an_application_answers(http: HttpGateway, world: World) -> None:
    answer = http.post("/gateway/application/app", {"x": 2}, {"x-request-id": "mine"})
    assert (answer.status_code, answer.json_body) == (200, {"y": 3.0})
    assert answer.headers["x-request-id"] == "mine"
    assert answer.headers["x-dewpoint-model"] == "adder:3"
    assert "x-dewpoint-warning" not in answer.headers
    assert world.sink.published[0].request_id == "mine"


def test_g02_a_servable_answers_without_an_application(http: HttpGateway, world: World) -> None:
    answer = http.post(f"/gateway/servable/{world.servables.list()[0].name}", {"x": 2})
    assert (answer.status_code, answer.json_body) == (200, {"y": 3.0})


@pytest.mark.parametrize(("dtype", "value"), EVERY)
@pytest.mark.parametrize("dims", [[], None, [-1, 2]])
def test_g05_every_dtype_and_shape_passes_unchanged(dtype: DType, value: object, dims: list[int] | None) -> None:
    sent = [[value, value], [value, value]] if dims else value
    answer = HttpGateway(echo_world(dtype, dims)).post("/gateway/application/echo", {"v": sent})
    assert answer.json_body == {"v": sent}
    assert type(answer.json_body["v"]) is type(sent)


def test_what_is_not_finite_is_spelled(world: World) -> None:
    answer = HttpGateway(echo_world(DType.DOUBLE, [-1])).post(
        "/gateway/application/echo", {"v": ["NaN", "Infinity", "-Infinity", 1]}
    )
    assert answer.json_body == {"v": ["NaN", "Infinity", "-Infinity", 1.0]}


def test_g10_unknown_keys_are_left_out_and_named_in_a_warning(http: HttpGateway) -> None:
    answer = http.post("/gateway/application/app", {"x": 2, "foo": 1, "bar": [1]})
    assert answer.json_body == {"y": 3.0}
    assert answer.headers["x-dewpoint-warning"] == "ignored inputs: foo, bar"


def test_a_warning_cannot_break_out_of_its_header(http: HttpGateway) -> None:
    answer = http.post("/gateway/application/app", {"x": 2, "a\r\nset-cookie: b": 1, "ü" * 5000: 1})
    warning = answer.headers["x-dewpoint-warning"]
    assert warning.startswith("ignored inputs: a%0D%0Aset-cookie%3A b, %C3%BC")
    assert len(warning) <= 1000


def test_problems_point_into_the_body(http: HttpGateway) -> None:
    answer = http.post("/gateway/application/app", {"x": [1, 2]})
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json_body
    assert body["errors"] == [{"pointer": "/x", "expected": "DT_DOUBLE, a scalar", "received": "shape [2]"}]
    assert body["type"] == "urn:dewpoint:signature-violation"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InvalidRequest("bad value"), 400),
        (ModelFailed("crashed: ZeroDivisionError"), 500),
        (Unavailable("starting"), 503),
        (DeadlineExceeded("too slow"), 504),
    ],
)
def test_errors_of_models_have_their_status_and_say_why(error: Exception, status: int) -> None:
    world = World()
    world.application("app", [(world.servable(model=raising(error)), 100)])
    answer = HttpGateway(world).post("/gateway/application/app", {"x": 1})
    assert (answer.status_code, answer.json_body["detail"]) == (status, str(error))


def test_a_servable_that_does_not_serve_is_503_with_retry_after() -> None:
    world = World()
    world.application("app", [(world.servable(status=ServableStatus.STARTING), 100)])
    answer = HttpGateway(world).post("/gateway/application/app", {"x": 1})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert "is Starting" in answer.json_body["detail"]


@pytest.mark.parametrize("path", ["/gateway/application/none", "/gateway/servable/none"])
def test_unknown_names_are_404(http: HttpGateway, path: str) -> None:
    assert http.post(path, {"x": 1}).status_code == 404


def test_g20_the_limit_of_a_body_holds_to_the_byte() -> None:
    body = b'{"x": 2}'
    for limit, status in ((len(body), 200), (len(body) - 1, 413)):
        world = World(max_bytes=limit)
        world.application("app", [(world.servable(model=adding(1)), 100)])
        answer = HttpGateway(world).post("/gateway/application/app", body)
        assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json_body["detail"] == "the body takes 8 bytes; at most 7 are accepted"


def test_an_answer_of_too_many_elements_is_refused_before_they_are_made_and_may_go_as_bytes() -> None:
    world = World()
    out = signature([field("x")], [field("y", DType.BOOL, [-1])])
    many = {"y": Tensor(DType.BOOL, (4_000_000,), b"\1" * 4_000_000)}
    world.application("app", [(world.servable(model=lambda _: many, signature=out), 100)])
    http = HttpGateway(world)
    inputs = [{"name": "x", "datatype": "FP64", "shape": [], "data": [1]}]
    for path, body in (("/gateway/application/app", {"x": 1}), ("/v2/models/app/infer", {"inputs": inputs})):
        answer = http.post(path, body)
        assert (answer.status_code, "4000000 elements" in answer.json_body["detail"]) == (413, True)
    wish = {"inputs": inputs, "parameters": {"binary_data_output": True}}
    assert http.post("/v2/models/app/infer", wish).status_code == 200


def test_g03_unobserved_predictions_answer_and_are_not_published(http: HttpGateway, world: World) -> None:
    assert http.post("/gateway/application/app", {"x": 2}, {"X-Dewpoint-Observe": "false"}).status_code == 200
    assert len(world.sink) == 0


def test_g23_the_build_is_told(http: HttpGateway) -> None:
    assert set(http.get("/gateway/buildinfo").json_body) == {"name", "version", "pythonVersion"}
