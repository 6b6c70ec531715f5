"""Aggregates by batch and by time, and two versions side by side."""

import io
from collections.abc import Iterator
from contextlib import redirect_stdout
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from functions.core.ledger import Batch, Count, Tally
from functions.core.request_log import Wanted
from functions.core.signature import Signature
from functions.sonar import batches_of_time, compare_versions, wiring
from functions.sonar.find_aggregates import find_batches
from functions.sonar.find_rows import find_rows
from functions.sonar.tend_log import tend_logs
from tests.unit.sonar.monitoring_http import MonitoringHttp
from tests.unit.sonar.test_check_routes import HOUR, fill, ids
from tests.unit.sonar.world import START, World, call, number, prediction, scalar


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def http(world: World) -> Iterator[MonitoringHttp]:
    yield MonitoringHttp(world)
    wiring.use(None)


def test_s15_batches_in_the_references_form(world: World, http: MonitoringHttp) -> None:
    world.metric("od", lambda inputs: {"value": number(inputs["x"].elements()[0])}, threshold=12.0)
    fill(world, 25)
    found = http.get("/checks/aggregates/1?limit=2")
    assert (found["count"], found["minDate"]) == (3, "2026-01-01T00:00:00.000000Z")
    assert found["maxDate"] == "2026-01-01T04:00:00.000000Z"
    newest, second = found["results"]
    assert newest == {
        "_id": "2",
        "_hs_metrics": {"od": {"checked": 5, "passed": 0, "failed": 5, "errored": 0}},
        "_hs_requests": 5,
        "_hs_errors": 0,
        "_hs_latency": {"mean": 2.0, "max": 2.0},
        "_hs_complete": False,
        "_hs_first_id": "r20",
        "_hs_last_id": "r24",
        "_hs_from": "2026-01-01T03:20:00.000000Z",
        "_hs_till": "2026-01-01T04:00:00.000000Z",
    }
    assert second["_hs_metrics"]["od"] == {"checked": 10, "passed": 2, "failed": 8, "errored": 0}
    rest = http.get("/checks/aggregates/1?limit=2&offset=2")
    assert ([one["_id"] for one in rest["results"]], rest["count"]) == (["0"], 3)
    window = http.get("/checks/aggregates/1?from=2026-01-01T01:30:00Z&till=2026-01-01T01:45:00Z")
    assert [one["_id"] for one in window["results"]] == ["1", "0"]  # r09 was made at half past
    assert http.get("/checks/aggregates/1?from=2027-01-01T00:00:00Z") == {
        "count": 0,
        "minDate": None,
        "maxDate": None,
        "results": [],
    }


def test_s15_a_field_counts_under_its_own_name(world: World, http: MonitoringHttp) -> None:
    fill(world, 1)
    world.ledger._batches[(1, 0)] = replace(
        world.ledger._batches[(1, 0)], tally=Tally(requests=4, fields={"x": Count(4, 2, 1)})
    )
    [batch] = http.get("/checks/aggregates/1")["results"]
    assert batch["x"] == {"checks": 4, "passed": 2, "failed": 1, "errored": 1}


@given(
    hours=st.lists(st.integers(0, 30), min_size=1, max_size=30),
    window=st.tuples(st.integers(0, 31), st.integers(0, 31)),
    near=st.sampled_from([0, 3, 50_000]),
    forgets=st.booleans(),
)
def test_s15_batches_of_any_time_are_found_however_long_the_log_is(
    hours: list[int], window: tuple[int, int], near: int, *, forgets: bool
) -> None:
    """Predictions come in any order of time; held against a look at every batch."""
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(io.StringIO()):
        patch.setattr(batches_of_time, "AT_ONCE", 2)
        patch.setattr(batches_of_time, "NEAR", near)
        world = World()
        world.models.create(replace(world.models.by_id(1), id=2, name="small", monitoring={"batchSize": 3}))
        for n, hour in enumerate(hours):
            made = call(float(n), model_version_id=2)
            world.observe(prediction(f"r{n}", START + hour * HOUR + n, calls=(made,)))
            if forgets and n == 10:
                world.ledger.close_batch(2)  # leaves a gap in the numbers
        since, until = (int(START + hour * HOUR) * 1_000_000 for hour in sorted(window))
        found = find_batches(world, 2, Wanted(since=since, until=until), 100, 0)
        rows = [
            spot.number
            for spot, _ in find_rows(world, world.models.by_id(2), Wanted(since=since, until=until), 99).rows
        ]
        holding = {
            batch.number
            for batch in world.ledger.batches(2, limit=1000)
            if any(batch.first_row <= row < batch.first_row + batch.tally.requests for row in rows)
        }
        numbers = [batch.number for batch in found.page if isinstance(batch, Batch)]
        assert set(numbers) >= holding
        assert numbers == sorted(set(numbers), reverse=True)
        assert found.count == len(numbers)


def test_s15_a_time_with_too_many_batches_is_refused(
    world: World, http: MonitoringHttp, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(world, 30)
    monkeypatch.setattr(batches_of_time, "AT_ONCE", 1)
    monkeypatch.setattr(batches_of_time, "MOST_READ", 1)
    assert http.get("/checks/aggregates/1?from=2026-01-01T04:50:00Z")["count"] == 1
    refused = http.refused("/checks/aggregates/1?from=2026-01-01T00:00:00Z")["errors"][0]
    assert (refused["pointer"], refused["received"]) == ("/query/from", "one with more")


def test_s15_time_buckets_are_summed_from_what_was_counted(world: World, http: MonitoringHttp) -> None:
    fill(world, 30)
    world.observe(prediction("next", START + 30 * HOUR, calls=(call(outputs=None, error="broke"),), error="broke"))
    world.reader = None  # type: ignore[assignment] # no row is read
    hours = http.get("/checks/aggregates/1?bucket=hour")
    assert [(one["_id"], one["_hs_requests"]) for one in hours["results"]] == [
        ("2026-01-02T06", 1),
        *((f"2026-01-01T{hour:02}", 6) for hour in (4, 3, 2, 1, 0)),
    ]
    assert hours["count"] == 6
    days = http.get("/checks/aggregates/1?bucket=day")
    assert [(one["_id"], one["_hs_requests"], one["_hs_errors"]) for one in days["results"]] == [
        ("2026-01-02", 1, 1),
        ("2026-01-01", 30, 0),
    ]
    assert (days["minDate"], days["maxDate"]) == ("2026-01-01T00:00:00.000000Z", "2026-01-02T06:00:00.000000Z")
    some = http.get("/checks/aggregates/1?bucket=hour&from=2026-01-01T02:00:00Z&till=2026-01-01T03:59:00Z&limit=1")
    assert ([one["_id"] for one in some["results"]], some["count"]) == (["2026-01-01T03"], 2)
    world.clock.advance(40 * HOUR)
    assert http.refused("/checks/aggregates/1?bucket=week")["errors"][0]["expected"] == "one of hour, day"


def test_s15_merging_changes_no_bucket(world: World, http: MonitoringHttp) -> None:
    fill(world, 30)
    before = http.get("/checks/aggregates/1?bucket=hour")
    world.clock.advance(40 * HOUR)
    tend_logs(world, sweeps=False)
    assert len(world.ledger.segments(1)) == 5
    assert http.get("/checks/aggregates/1?bucket=hour") == before


@pytest.fixture
def shadowed(world: World) -> World:
    """Version 2 is the shadow of version 1, and answers another y for a large x."""
    world.version(2)
    world.servable(2, lambda inputs: {"y": number(min(inputs["x"].elements()[0] + 1, 11.0))})
    for n in range(20):
        world.observe(prediction(f"r{n:02}", START + n * 600, calls=(call(float(n), shadows=("servable-2",)),)))
    return world


def test_s16_a_shadow_is_compared_on_the_same_requests(shadowed: World, http: MonitoringHttp) -> None:
    shadowed.observe(prediction("alone", START + 20 * 600))
    found = http.get("/comparison/1/2")
    assert (found["pairs"], found["errors"], found["notCompared"], found["since"]) == (20, [0, 0], [], None)
    y = found["fields"]["y"]
    assert (y["compared"], y["equal"], y["share"]) == (20, 11, 11 / 20)
    assert y["meanDifference"] == pytest.approx(sum(range(1, 10)) / 20)
    assert found["latency"]["left"] == 2.0
    window = http.get("/comparison/1/2?from=2026-01-01T00:00:00Z&till=2026-01-01T00:30:00Z")
    assert (window["pairs"], window["fields"]["y"]["share"]) == (4, 1.0)
    assert http.get("/comparison/2/1")["pairs"] == 20


def test_s16_pairs_come_in_pages(shadowed: World, http: MonitoringHttp) -> None:
    first = http.call("GET", "/comparison/1/2/pairs?limit=12")
    rest = http.get(f"/comparison/1/2/pairs?limit=12&next={first.headers['x-next']}")
    pairs = [*first.json_body, *rest]
    assert [pair["requestId"] for pair in pairs] == [f"r{n:02}" for n in range(19, -1, -1)]
    assert (pairs[0]["left"]["y"], pairs[0]["right"]["y"]) == (20.0, 11.0)
    assert pairs[0]["right"]["_hs_shadow"] is True


def test_s16_pages_of_pairs_go_on_behind_what_can_be_joined_at_once(
    shadowed: World, http: MonitoringHttp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six pairs an hour, of which one hour is joined at a time."""
    monkeypatch.setattr(compare_versions, "MOST", 7)
    assert http.get("/comparison/1/2")["since"] == "2026-01-01T03:00:00.000000Z"
    seen, token = list[str](), ""
    while True:
        page = http.call("GET", f"/comparison/1/2/pairs?limit=4{token}")
        seen += [pair["requestId"] for pair in page.json_body]
        if "x-next" not in page.headers:
            break
        token = f"&next={page.headers['x-next']}"
    assert seen == [f"r{n:02}" for n in range(19, -1, -1)]
    monkeypatch.setattr(compare_versions, "MOST", 5)
    refused = http.refused("/comparison/1/2?till=2026-01-01T00:59:59Z")["errors"][0]
    assert (refused["pointer"], refused["expected"]) == ("/query/from", "a time with at most 5 rows")


def test_s16_a_time_holds_for_both_sides_whatever_the_files(world: World, http: MonitoringHttp) -> None:
    """Version 2 was asked the same half an hour later, and its files were merged."""
    world.version(2)
    for version in (1, 2):
        for n in range(4):
            made = call(float(n), model_version_id=version)
            world.observe(prediction(f"r{n}", START + 1800 * (version - 1) + n * 60, calls=(made,)))
    question = "/comparison/1/2?from=2026-01-01T00:01:00Z&till=2026-01-01T00:31:00Z"
    assert http.get(question)["pairs"] == 1
    world.clock.advance(40 * HOUR)
    tend_logs(world, sweeps=False)
    assert http.get(question)["pairs"] == 1
    assert http.get("/comparison/1/2")["pairs"] == 4


def test_s16_the_references_route_gives_the_others_rows_of_a_batch(shadowed: World, http: MonitoringHttp) -> None:
    rows = http.get("/checks/comparision/1/1/2")
    assert ids(rows) == [f"r{n:02}" for n in range(10, 20)]
    assert {row["_hs_model_version_id"] for row in rows} == {2}
    http.refused("/checks/comparision/1/7/2", 404)
    http.refused("/comparison/1/9", 404)


def test_s16_what_cannot_be_compared_is_named(world: World, http: MonitoringHttp) -> None:
    other = Signature("predict", (scalar("x"),), (scalar("y", (3,)), scalar("z")))
    world.version(2, other)
    found = http.get("/comparison/1/2")
    assert (found["pairs"], found["fields"], found["notCompared"]) == (0, {}, ["y", "z"])


def test_s19_an_export_names_every_file_once_while_files_are_merged(world: World, http: MonitoringHttp) -> None:
    fill(world, 30)
    world.clock.advance(40 * HOUR)
    first = http.call("GET", "/export/1?limit=7")
    tend_logs(world, sweeps=True)
    rest = http.get(f"/export/1?limit=700&next={first.headers['x-next']}")
    files: list[Any] = [*first.json_body["files"], *rest["files"]]
    rows = [row.observation.request_id for file in files for row in world.files.rows[file["path"]]]
    assert sorted(rows) == [f"r{n:02}" for n in range(30)]
    assert sum(file["rows"] for file in files) == 30
    assert files[-1]["path"].startswith("log/version=1/day=2026-01-01/hour=04/")
    assert files[0]["url"].startswith("https://")
    assert rest["schema"]["in_x"] == "Float64"
    some = http.get("/export/1?from=2026-01-01T03:10:00Z&till=2026-01-01T03:20:00Z")
    assert [file["hour"] for file in some["files"]] == ["2026-01-01T03"]
