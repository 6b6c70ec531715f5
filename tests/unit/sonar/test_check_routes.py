"""The request log over HTTP."""

from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from functions.core.dtypes import DType
from functions.core.request_log import Wanted
from functions.core.signature import Field, Shape, Signature
from functions.sonar import wiring
from functions.sonar.find_rows import find_rows
from functions.sonar.read_where import read_where
from tests.unit.sonar.monitoring_http import MonitoringHttp
from tests.unit.sonar.world import START, X_TO_Y, World, call, number, numbers, prediction, scalar

HOUR = 3600


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def http(world: World) -> Iterator[MonitoringHttp]:
    yield MonitoringHttp(world)
    wiring.use(None)


def fill(world: World, count: int = 30, every: float = 600.0) -> None:
    """A prediction every ten minutes, each with a message of its own."""
    for n in range(count):
        world.observe(prediction(f"r{n:02}", START + n * every, x=float(n)))


def ids(documents: list[Any]) -> list[str]:
    return [document["_hs_request_id"] for document in documents]


def test_s12_a_row_is_the_references_document(world: World, http: MonitoringHttp) -> None:
    world.metric("od", lambda _: {"value": number(0.5)})
    world.observe(prediction("r1", START + 0.25, x=1.5))
    [document] = http.get("/checks/all/1")
    assert document == {
        "x": 1.5,
        "y": 2.5,
        "_id": "1:0",
        "_hs_request_id": "r1",
        "_hs_timestamp": 1_767_225_600_250,
        "_hs_time": "2026-01-01T00:00:00.250000Z",
        "_hs_year": 2026,
        "_hs_month": 1,
        "_hs_day": 1,
        "_hs_raw_checks": {},
        "_hs_metric_checks": {
            "od": {
                "name": "od",
                "check": True,
                "verdict": "passed",
                "description": "healthy when value < 1",
                "value": 0.5,
                "threshold": 1.0,
                "metricSpecId": "spec-od",
                "reason": None,
            }
        },
        "_hs_score": None,
        "_hs_overall_score": 1.0,
        "_hs_latency": 2.0,
        "_hs_error": None,
        "_hs_model_name": "penguins",
        "_hs_model_incremental_version": 1,
        "_hs_model_version_id": 1,
        "_hs_application": "adders",
        "_hs_stage": 0,
        "_hs_servable": "servable-1",
        "_hs_shadow": False,
    }


def test_s12_vectors_lie_side_by_side_and_large_ones_stay_whole() -> None:
    signature = Signature(
        "predict", (scalar("x", (3,)), scalar("image", (10, 10))), (Field("y", DType.DOUBLE, Shape()),)
    )
    world = World(signature=signature)
    http = MonitoringHttp(world)
    image = replace(numbers(*range(100)), shape=(10, 10))
    made = prediction(
        calls=(call(inputs={"x": numbers(1, 2, float("nan")), "image": image}, outputs={"y": number(1)}),)
    )
    world.observe(made)
    [document] = http.get("/checks/all/1")
    assert (document["x_0"], document["x_1"], document["x_2"]) == (1.0, 2.0, "NaN")
    assert document["image"][9] == [float(n) for n in range(90, 100)]
    wiring.use(None)


def test_s13_an_error_is_shown_with_its_message_and_found(world: World, http: MonitoringHttp) -> None:
    failed = call(outputs=None, error="the model failed")
    world.observe(prediction("good"), prediction("bad", START + 1, calls=(failed,), error="the model failed"))
    [document] = http.get("/checks/all/1?error=true")
    assert (document["_hs_request_id"], document["_hs_error"]) == ("bad", "the model failed")
    assert "y" not in document
    assert ids(http.get("/checks/all/1?error=false")) == ["good"]


def test_s14_pages_go_on_where_they_ended_while_rows_arrive(world: World, http: MonitoringHttp) -> None:
    fill(world, 10)
    path, seen = "/checks/all/1?limit=3", []
    for n in range(9):
        answer = http.call("GET", path)
        seen += ids(answer.json_body)
        world.observe(prediction(f"new{n}", START + 7000 + n), prediction(f"late{n}", START - 1 - n))  # both ends grow
        if "x-next" not in answer.headers or n == 2:
            break
        path = f"/checks/all/1?limit=3&next={answer.headers['x-next']}"
    assert seen == [f"r{n:02}" for n in range(9, 0, -1)]
    rest = http.get(f"/checks/all/1?limit=30&next={answer.headers['x-next']}")
    assert ids(rest) == ["r00", "late0", "late1", "late2"]


def test_s14_the_references_offset_passes_over_rows(world: World, http: MonitoringHttp) -> None:
    fill(world)
    newest = [f"r{n:02}" for n in range(29, -1, -1)]
    assert ids(http.get("/checks/all/1?limit=4&offset=0")) == newest[:4]
    assert ids(http.get("/checks/all/1?limit=4&offset=13")) == newest[13:17]
    assert ids(http.get("/checks/all/1?limit=4&offset=28")) == newest[28:]
    assert http.get("/checks/all/1?offset=100") == []
    assert ids(http.get("/checks/all/1?where=x%3C20&offset=5&limit=2")) == newest[15:17]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("from=2026-01-01T04:30:00Z", [29, 28, 27]),
        ("till=2026-01-01T00:20:00%2B00:00", [2, 1, 0]),
        (f"from={(int(START) + 1200) * 1000}&till={(int(START) + 1800) * 1000}", [3, 2]),
        ("from=0900-01-01T00:00:00Z&till=2026-01-01T00:10:00Z", [1, 0]),
        ("till=0001-01-01T00:00:00Z", []),
        ("from=2026-01-01T04:30:00Z&till=9999-12-31T23:59:59Z", [29, 28, 27]),
        ("where=x%3E27", [29, 28]),
        ("where=x%20>%2026 and y <= 29", [28, 27]),
        ('where="x" == 3', [3]),
        ("where=_hs_latency > 2", []),
        ("where=_hs_score < 1", []),
        ("shadow=true", []),
        ("application=adders&where=x == 7", [7]),
        ("failed=x", []),
    ],
)
def test_s14_filters(world: World, http: MonitoringHttp, query: str, expected: list[int]) -> None:
    fill(world)
    assert ids(http.get(f"/checks/all/1?{query}")) == [f"r{n:02}" for n in expected]


REFUSED = [
    ("limit=0", "/query/limit", "a number from 1 to 1000"),
    ("colour=red", "/query/colour", "one of limit, offset, next, from"),
    ("error=maybe", "/query/error", "true or false"),
    ("from=yesterday", "/query/from", "ISO 8601"),
    ("from=2026-01-01T00:00:00", "/query/from", "with its zone"),
    ("from=2026-01-02T00:00:00Z&till=2026-01-01T00:00:00Z", "/query/till", "not before `from`"),
    ("next=nonsense", "/query/next", "a token"),
    ("where=z > 1", "/query/where", "one of x, y, _hs_score"),
    ("where=x > one", "/query/where", "a number, true, false"),
    ('where=x > "1"', "/query/where", "a number to compare x with"),
    ("where=x >", "/query/where", "comparisons with"),
    ("where=x > 1 or x < 0", "/query/where", '"and" between'),
    ("where=x_0 > 1", "/query/where", "one of x, y"),
    (f"where=x > 1{'0' * 40}", "/query/where", "a number below 1e30"),
    (f"where=_hs_score < 1{'0' * 400}", "/query/where", "a number below 1e30"),
    ("where=_hs_latency > 1e999", "/query/where", "a number"),
]


@pytest.mark.parametrize(("query", "pointer", "expected"), REFUSED)
def test_s14_what_cannot_be_asked_is_refused_by_name(
    http: MonitoringHttp, query: str, pointer: str, expected: str
) -> None:
    problem = http.refused(f"/checks/all/1?{query}")["errors"][0]
    assert problem["pointer"] == pointer
    assert expected in problem["expected"]
    assert problem["received"]


def test_s14_elements_are_compared_by_their_place() -> None:
    world = World(signature=Signature("predict", (scalar("v", (-1,)),), (scalar("y"),)))
    http = MonitoringHttp(world)
    for n in range(3):
        world.observe(prediction(f"r{n}", START + n, calls=(call(inputs={"v": numbers(0, n)}),)))
    assert ids(http.get("/checks/all/1?where=v_1 >= 1")) == ["r2", "r1"]
    told = http.refused("/checks/all/1?where=v > 1")["errors"][0]
    assert "v_0" in told["expected"]
    wiring.use(None)


def test_s14_a_request_is_found_by_its_id(world: World, http: MonitoringHttp) -> None:
    world.version(2)
    world.servable(2, lambda _: {"y": number(9)})
    world.observe(prediction("mine", calls=(call(shadows=("servable-2",)),)))
    world.observe(prediction("mine", START + 5 * HOUR))
    assert http.get("/checks/mine")["_hs_timestamp"] == round((START + 5 * HOUR) * 1000)
    assert http.get("/checks/1:0")["_hs_timestamp"] == round(START * 1000)
    assert http.get("/checks/mine?modelVersionId=2")["y"] == 9.0
    rows = http.get("/requests/mine")
    assert [(row["_hs_model_version_id"], row["_hs_shadow"]) for row in rows] == [(1, False), (2, True), (1, False)]
    for path in ("/checks/none", "/checks/1:99", "/requests/none", "/checks/all/9"):
        http.refused(path, 404)


def test_s14_the_rows_of_an_aggregate(world: World, http: MonitoringHttp) -> None:
    fill(world, 25)
    batch = http.get("/checks/aggregates/1")["results"][1]
    expected = [f"r{n:02}" for n in range(10, 20)]
    assert (batch["_hs_first_id"], batch["_hs_last_id"]) == (expected[0], expected[-1])
    assert ids(http.get(f"/checks/1?from={batch['_hs_first_id']}&to={batch['_hs_last_id']}")) == expected
    assert ids(http.get("/checks/1?from=1:10&to=1:19")) == expected
    assert ids(http.get("/slow/checks/1/1")) == expected
    first = http.call("GET", "/checks/1?from=1:10&to=1:19&limit=6")
    rest = http.get(f"/checks/1?from=1:10&to=1:19&limit=6&next={first.headers['x-next']}")
    assert ids(first.json_body) + ids(rest) == expected
    http.refused("/slow/checks/1/9", 404)
    assert http.refused("/checks/1?from=r10")["errors"][0]["pointer"] == "/query/to"
    assert http.refused("/checks/1?from=none&to=r11")["errors"][0]["pointer"] == "/query/from"


def test_s14_a_sample_is_random_and_comes_again_by_its_seed(world: World, http: MonitoringHttp) -> None:
    fill(world)
    first = http.call("GET", "/checks/subsample/1?size=5")
    again = http.get(f"/checks/subsample/1?size=5&seed={first.headers['x-seed']}")
    assert again == first.json_body
    assert len(set(ids(again))) == 5
    samples = {tuple(ids(http.get(f"/checks/subsample/1?size=5&seed={seed}"))) for seed in range(20)}
    assert len(samples) > 15
    assert len(http.get("/checks/subsample/1?size=100")) == 30
    assert set(ids(http.get("/checks/subsample/1?size=3&where=x<4"))) <= {"r00", "r01", "r02", "r03"}


def test_s14_a_search_that_takes_too_long_says_where_it_was(world: World) -> None:
    fill(world, 30, every=HOUR)
    find = world.reader.find

    def slowly(*arguments: Any) -> Any:
        world.clock.advance(13)
        return find(*arguments)

    world.reader.find = slowly  # type: ignore[method-assign]
    version = world.models.by_id(1)
    wanted = Wanted(comparisons=read_where("x < 2", X_TO_Y))
    seen, pages = [], 0
    while True:
        found = find_rows(world, version, wanted, 10, fewest=4)
        seen += [row.observation.request_id for _, row in found.rows]
        pages += 1
        if found.rest is None:
            break
        wanted = wanted.going_on(found.rest)
    assert seen == ["r01", "r00"]
    assert pages > 3


def test_s14_a_search_goes_back_as_far_as_the_log(world: World) -> None:
    for days in (0, 1, 10, 60, 400):
        world.observe(prediction(f"{days} days ago", START - days * 24 * HOUR))
    found = find_rows(world, world.models.by_id(1), Wanted(), 10)
    assert [row.observation.request_id for _, row in found.rows] == [f"{n} days ago" for n in (0, 1, 10, 60, 400)]
    until = Wanted(until=round((START - 5 * 24 * HOUR) * 1e6), since=round((START - 100 * 24 * HOUR) * 1e6))
    found = find_rows(world, world.models.by_id(1), until, 10)
    assert [row.observation.request_id for _, row in found.rows] == ["10 days ago", "60 days ago"]
