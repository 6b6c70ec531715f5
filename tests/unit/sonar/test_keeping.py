"""The log is kept: merged, cut off behind, forgotten; whoever reads it meanwhile sees every row once."""

import json
import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from functions.core.ledger import Run
from functions.core.log_keeping import GRACE, ForgetLog, files_of
from functions.core.messages import encode
from functions.core.request_log import Wanted
from functions.numerics.profiles.stored import from_bytes
from functions.sonar import wiring
from functions.sonar.care_handler import handle_care
from functions.sonar.find_rows import find_rows
from functions.sonar.locate_rows import rows_numbered, rows_of_batch, rows_of_request
from functions.sonar.log_parts import part_of
from functions.sonar.merge_segments import merge_segments
from functions.sonar.observe import REDELIVERY
from functions.sonar.plan_merges import FULL, merged, plan_merges
from functions.sonar.remove_log import forget_log, sweep
from functions.sonar.sample_rows import sample_rows
from functions.sonar.tend_log import RoundFailed, tend_logs
from tests.contract.test_ledger import segment
from tests.unit.sonar.monitoring_http import MonitoringHttp
from tests.unit.sonar.test_observe import Crash, Dying
from tests.unit.sonar.world import START, World, prediction

HOUR = 3600.0
DAY = 24 * HOUR


def log_of_hours(world: World, *hours: int) -> None:
    """A prediction in each of these hours of the first day, in this order, each a commit of its own."""
    for n, hour in enumerate(hours):
        world.observe(prediction(f"r{n:02}", START + hour * HOUR + n, x=float(n)))


def later(world: World, seconds: float = 12 * HOUR) -> World:
    world.clock.advance(seconds)
    return world


def found(world: World, version_id: int = 1) -> list[tuple[str, int]]:
    """Request id and number of every row, newest first."""
    rows = find_rows(world, world.models.by_id(version_id), Wanted(), 1000).rows
    return [(row.observation.request_id, spot.number) for spot, row in rows]


# merging


def test_small_files_of_an_hour_become_one_and_rows_keep_their_numbers() -> None:
    world = World()
    log_of_hours(world, 0, 0, 1, 0, 1, 0, 0)
    before = found(world)
    tend_logs(later(world), sweeps=False)
    first, second = world.ledger.segments(1)
    assert first.numbers == (Run(0, 2), Run(3, 1), Run(5, 2))
    assert (second.rows, second.numbers) == (2, (Run(2, 1), Run(4, 1)))
    assert (first.tally.requests, first.earliest, first.latest) == (5, START, START + 6)
    assert found(world) == before
    assert [row.observation.request_id for _, row in rows_numbered(world, world.models.by_id(1), 3, 5)] == [
        "r03",
        "r04",
        "r05",
    ]


def test_s08_the_profile_of_merged_rows_is_the_merge_of_their_profiles() -> None:
    world = World()
    log_of_hours(world, 0, 0, 0, 0)
    tend_logs(later(world), sweeps=False)
    (one,) = world.ledger.segments(1)
    profile = from_bytes(world.profiles.profiles[one.profile_key])
    assert profile.rows == 4
    assert profile.view()["fields"]["x"]["quantile"]["max"] == 3.0


def test_an_hour_that_is_not_over_or_not_quiet_is_left_alone() -> None:
    world = World()
    log_of_hours(world, 0, 0)
    for seconds in (0, HOUR, 1700):
        tend_logs(later(world, seconds), sweeps=True)
        assert len(world.ledger.segments(1)) == 2
    tend_logs(later(world, 100), sweeps=True)
    assert len(world.ledger.segments(1)) == 1


def test_full_files_are_never_read_again() -> None:
    hour = "2026-01-01T05"
    large = segment("large", 0, FULL, hour=hour)
    small = [segment(f"s{n}", FULL + 10 * n, 10, hour=hour) for n in range(200)]
    groups = list(plan_merges([large, *small], START + DAY))
    assert [len(group) for group in groups] == [90, 90, 20]
    assert list(plan_merges([large, small[0]], START + DAY)) == []
    half = [segment(f"h{n}", n * FULL, FULL // 2 - 1, hour=hour) for n in range(5)]
    assert [len(group) for group in plan_merges(half, START + DAY)] == [2, 2]


def test_segments_that_lie_between_one_another_are_merged_all_the_same() -> None:
    hour = "2026-01-01T05"
    wide = merged([segment("a", 0, 5, hour=hour), segment("b", 20, 5, hour=hour)], "m1")
    both = merged([wide, segment("c", 10, 5, hour=hour)], "m2")
    assert both.numbers == (Run(0, 5), Run(20, 5), Run(10, 5))
    assert (both.first, both.rows, both.key) == (0, 15, "log/m2.parquet")


def test_files_stay_until_nobody_can_be_reading_them() -> None:
    world = World()
    log_of_hours(world, 0, 0)
    old = world.ledger.segments(1)
    tend_logs(later(world), sweeps=True)
    assert set(files_of(old)) <= {*world.files.rows, *world.profiles.profiles}
    tend_logs(later(world, GRACE - 1), sweeps=True)
    assert {segment.key for segment in old} <= set(world.files.rows)
    tend_logs(later(world, 1), sweeps=True)
    assert not {segment.key for segment in old} & set(world.files.rows)
    assert world.ledger.litter(1) == []
    assert len(found(world)) == 2


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("survives", range(5))
def test_who_dies_while_merging_leaves_the_log_whole(survives: int, after: bool) -> None:
    world = World()
    log_of_hours(world, 0, 0, 0)
    before = found(world)
    later(world)
    ports = {name: getattr(world, name) for name in ("files", "profiles", "ledger")}
    budget = [survives]

    class Mortal:
        """The world with ports that die."""

        def __getattr__(self, name: str) -> Any:
            port = getattr(world, name)
            wraps = name in ("files", "profiles") or name == "keeper"
            return Dying(port, budget, after=after) if wraps else port

    with pytest.raises(Crash):
        merge_segments(Mortal(), world.ledger.segments(1))  # type: ignore[arg-type]
    assert all(getattr(world, name) is port for name, port in ports.items())
    assert found(world) == before
    tend_logs(later(world, GRACE), sweeps=True)
    tend_logs(later(world, GRACE), sweeps=True)
    assert found(world) == before
    (one,) = world.ledger.segments(1)
    assert set(world.files.rows) == {one.key}


def test_of_two_who_merge_the_same_one_comes_too_late_and_tidies_up() -> None:
    world = World()
    log_of_hours(world, 0, 0)
    sources = world.ledger.segments(1)
    assert merge_segments(world, sources)
    assert not merge_segments(world, sources)
    (one,) = world.ledger.segments(1)
    assert set(world.files.rows) == {one.key, *(source.key for source in sources)}


def test_a_log_that_cannot_be_tended_does_not_hold_up_the_others() -> None:
    world = World()
    world.version(2)
    log_of_hours(world, 0, 0)
    for n in range(2):
        world.observe(prediction(f"o{n}", START + n, calls=(replace(prediction().calls[0], model_version_id=2),)))
    world.files.remove([world.ledger.segments(1)[0].key])
    with pytest.raises(RoundFailed, match="model versions 1"):
        tend_logs(later(world), sweeps=False)
    assert len(world.ledger.segments(2)) == 1


# what is not kept


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


# any order


class Keeping(RuleBasedStateMachine):
    """Predictions, rounds, time and a reader with old segments in hand, in any order; held against a list of rows."""

    @initialize(seed=st.integers(0, 1000))
    def begin(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.world = World()
        self.world.models.update(
            replace(self.world.models.by_id(1), monitoring={"batchSize": 4, "logDays": 2}), "Released"
        )
        self.rows: list[tuple[str, float]] = []  # by number
        self.gone: set[int] = set()
        self.read: Callable[[], list[str]] | None = None
        self.read_at = 0.0

    @property
    def now(self) -> float:
        return self.world.clock.now().timestamp()

    @rule(count=st.integers(1, 5), back=st.sampled_from([0.0, 0.5, 1.0, 3.0, 30.0]))
    def observe(self, count: int, back: float) -> None:
        made = [
            prediction(f"r{len(self.rows) + n}", round(self.now - back * HOUR) + n * 600.0, x=float(n))
            for n in range(count)
        ]
        assert self.world.observe(*made) == {}
        known = len(self.rows)
        self.rows += [("", 0.0)] * count
        for spot, row in rows_numbered(self.world, self.world.models.by_id(1), known, known + count):
            self.rows[spot.number] = (row.observation.request_id, row.observation.at)
        assert sorted(name for name, _ in self.rows[known:]) == sorted(one.request_id for one in made)

    @rule(sweeps=st.booleans())
    def tend(self, sweeps: bool) -> None:
        before = {number for _, number in found(self.world)}
        cutoff = self.now - 2 * DAY
        tend_logs(self.world, sweeps=sweeps)
        lost = before - {number for _, number in found(self.world)}
        assert all(self.rows[number][1] < cutoff for number in lost)
        self.gone |= lost
        kept = {number for number in range(len(self.rows)) if self.rows[number][1] >= cutoff}
        assert not kept & self.gone

    @rule(hours=st.sampled_from([0.2, 1.0, 2.5, 20.0]))
    def wait(self, hours: float) -> None:
        self.world.clock.advance(hours * HOUR)

    @rule()
    def begin_reading(self) -> None:
        """Somebody has read the segments, and goes on to the files later."""
        version = self.world.models.by_id(1)
        part = part_of(self.world, version, Wanted())
        self.read_at = self.now
        self.expected = sorted(name for name, _ in found(self.world))
        self.read = lambda: sorted(
            row.observation.request_id for row in self.world.reader.read(part, range(len(self.rows) + 1)).values()
        )

    @precondition(lambda self: self.read is not None and self.now - self.read_at < GRACE)
    @rule()
    def end_reading(self) -> None:
        assert self.read is not None
        assert self.read() == self.expected

    @invariant()
    def every_question_is_answered_from_the_same_rows(self) -> None:
        if not hasattr(self, "rows"):
            return
        version = self.world.models.by_id(1)
        left = [(at, number, name) for number, (name, at) in enumerate(self.rows) if number not in self.gone]
        newest = [(name, number) for _, number, name in sorted(left, reverse=True)]
        assert found(self.world) == newest
        sample = sample_rows(self.world, version, Wanted(), 3, 7)
        assert len(sample) == min(3, len(left))
        if newest:
            name, number = self.chance.choice(newest)
            assert [spot.number for spot, _ in rows_of_request(self.world, name)] == [number]
        for batch in self.world.ledger.batches(1, limit=3):
            rows = {spot.number for spot, _ in rows_of_batch(self.world, version, batch.number)}
            numbers = set(range(batch.first_row, batch.first_row + batch.tally.requests))
            assert rows == numbers - self.gone


TestAnyOrder = Keeping.TestCase
TestAnyOrder.settings = settings(stateful_step_count=20)
