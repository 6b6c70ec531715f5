"""What the log holds no longer: old rows, the log of a deleted version, what somebody asked to forget, litter."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from functions.core.log_keeping import GRACE, ForgetLog
from functions.core.messages import encode
from functions.sonar import wiring
from functions.sonar.care_handler import handle_care
from functions.sonar.locate_rows import rows_of_request
from functions.sonar.observe import REDELIVERY
from functions.sonar.plan_merges import merged
from functions.sonar.remove_log import forget_log, sweep
from functions.sonar.tend_log import tend_logs
from tests.unit.sonar.monitoring_http import MonitoringHttp
from tests.unit.sonar.old_log import DAY, HOUR, found, later, log_of_hours
from tests.unit.sonar.world import START, World, prediction


def test_s22_rows_go_when_their_version_keeps_them_no_longer() -> None:
    world = World()
    brief = {"batchSize": 2, "logDays": 3}
    world.models.create(replace(world.models.by_id(1), id=2, name="short", monitoring=brief))
    for days in range(8):
        at = START + days * DAY
        calls = [replace(prediction().calls[0], model_version_id=version) for version in (1, 2)]
        world.observe(prediction(f"d{days}", at, calls=(calls[0],)), prediction(f"e{days}", at + 1, calls=(calls[1],)))
    later(world, 7 * DAY)
    tend_logs(world, sweeps=False)
    assert [request for request, _ in found(world, 2)] == ["e7", "e6", "e5", "e4"]
    assert [batch.number for batch in world.ledger.batches(2)] == [3, 2]
    assert len(found(world, 1)) == 8
    later(world, GRACE)
    tend_logs(world, sweeps=True)
    assert len([key for key in world.files.rows if "version=2/" in key]) == 4


def test_s22_claims_are_remembered_as_long_as_rows_are_kept_and_messages_may_return() -> None:
    expirations: list[int] = []
    world = World()
    world.models.create(replace(world.models.by_id(1), id=2, name="long", monitoring={"logDays": 400}))
    world.models.create(replace(world.models.by_id(1), id=3, name="short", monitoring={"logDays": 1}))
    claim = world.ledger.claim

    def noted(tickets: Any, commit: str, expires: int) -> Any:
        expirations.append(expires)
        return claim(tickets, commit, expires)

    world.ledger.claim = noted  # type: ignore[method-assign]
    for version in (1, 2, 3):
        world.observe(prediction(f"v{version}", calls=(replace(prediction().calls[0], model_version_id=version),)))
    now = world.clock.now()
    assert expirations == [int((now + timedelta(days=days)).timestamp()) for days in (90, 400, REDELIVERY)]


def test_s22_the_log_of_a_deleted_version_goes_with_it() -> None:
    world = World()
    world.version(2)
    log_of_hours(world, 0, 0, 1)
    world.observe(prediction("other", calls=(replace(prediction().calls[0], model_version_id=2),)))
    version = world.models.by_id(1)
    world.models.delete(version.name, version.version)
    for _ in range(3):
        tend_logs(later(world, GRACE), sweeps=False)
    assert world.ledger.segments(1) == []
    assert world.ledger.batches(1) == []
    assert world.ledger.versions() == [2]
    assert {key.split("/")[1] for key in world.files.rows} == {"version=2"}


@pytest.fixture
def http() -> Iterator[tuple[World, MonitoringHttp]]:
    world = World()
    yield world, MonitoringHttp(world)
    wiring.use(None)


def test_s22_a_log_is_forgotten_when_somebody_asks(http: tuple[World, MonitoringHttp]) -> None:
    world, client = http
    log_of_hours(world, 0, 0, 1)
    later(world)
    answer = client.call("DELETE", "/checks/1")
    assert (answer.status_code, answer.json_body["modelVersionId"]) == (202, 1)
    world.observe(prediction("kept", START + 12 * HOUR + 1))
    (wish,) = world.care.wishes
    for _ in range(2):  # a message may come twice
        handle_care(world, encode(wish).decode())
        assert found(world) == [("kept", 3)]
    assert rows_of_request(world, "r00") == []
    assert client.get("/checks/aggregates/1")["count"] == 0
    client.refused("/checks/9", 404)
    assert client.call("DELETE", "/checks/9").status_code == 404


def test_s22_forgetting_wins_over_merging() -> None:
    """Segments are merged between the look at them and their removal."""
    world = World()
    log_of_hours(world, 0, 0, 0)
    later(world)
    replace_segments, merges = world.ledger.replace, [2]

    def raced(sources: Any, target: Any, litter: Any) -> bool:
        if target is None and merges:
            segments = world.index.segments(1)[: merges.pop()]
            replace_segments(segments, merged(segments, "quick"), litter)
            world.files.merge([one.key for one in segments], merged(segments, "quick").key)
        return replace_segments(sources, target, litter)

    world.ledger.replace = raced  # type: ignore[method-assign]
    forget_log(world, ForgetLog(version_id=1, until=world.clock.now().timestamp()))
    assert found(world) == []


def test_s22_what_was_logged_with_a_moment_to_come_is_forgotten_as_well(http: tuple[World, MonitoringHttp]) -> None:
    """Another system's clock may be ahead."""
    world, client = http
    log_of_hours(world, 0, 30)
    assert client.call("DELETE", "/checks/1").status_code == 202
    world.observe(prediction("kept", START + HOUR))
    handle_care(world, encode(world.care.wishes[0]).decode())
    assert found(world) == [("kept", 2)]
    assert client.get("/checks/aggregates/1")["count"] == 0


def test_s22_what_a_worker_adds_while_the_last_of_a_log_is_removed_is_found_the_next_time() -> None:
    world = World()
    version = world.models.by_id(1)
    log_of_hours(world, 0)
    world.models.delete(version.name, version.version)
    tend_logs(later(world, GRACE), sweeps=False)
    later(world, GRACE)
    forget = world.ledger.forget

    def late(version_id: int, rows: int) -> None:
        world.models.create(version)
        world.observe(prediction("late", world.clock.now().timestamp()))
        world.models.delete(version.name, version.version)
        forget(version_id, rows)

    world.ledger.forget = late  # type: ignore[method-assign]
    tend_logs(world, sweeps=False)
    assert world.ledger.versions() == [1]
    world.ledger.forget = forget  # type: ignore[method-assign]
    for _ in range(3):
        tend_logs(later(world, GRACE), sweeps=False)
    assert (world.ledger.versions(), world.ledger.segments(1), len(world.files)) == ([], [], 0)


def test_s22_what_a_dead_worker_wrote_is_swept_and_what_a_live_one_writes_is_not() -> None:
    world = World()
    log_of_hours(world, 0)
    row = world.log
    later(world)
    world.files.write(
        "log/version=1/day=2026-01-01/hour=00/dead.parquet", world.models.by_id(1).released_signature, row
    )
    assert sweep(world, 1) == 0
    later(world, GRACE)
    world.files.write(
        "log/version=1/day=2026-01-01/hour=00/live.parquet", world.models.by_id(1).released_signature, row
    )
    world.files.write(
        "log/version=10/day=2026-01-01/hour=00/else.parquet", world.models.by_id(1).released_signature, row
    )
    assert sweep(world, 1) == 1
    assert {key.rpartition("/")[2] for key in world.files.rows} >= {"live.parquet", "else.parquet"}
    assert len(found(world)) == 1


def test_rounds_come_by_the_hour_and_sweep_once_a_day() -> None:
    world = World()
    log_of_hours(world, 0)
    key = "log/version=1/day=2026-01-01/hour=00/dead.parquet"
    world.files.write(key, world.models.by_id(1).released_signature, world.log)
    later(world)
    for hour in (2, 3):
        assert key in world.files.rows
        handle_care(world, json.dumps({"detail-type": "Scheduled Event", "time": f"2026-01-01T{hour:02}:00:00Z"}))
    assert key not in world.files.rows
    with pytest.raises(Exception, match="type"):
        handle_care(world, '{"type": "Unheard"}')
