"""Small files of the log become one, and whoever reads it meanwhile sees every row once."""

from typing import Any

import pytest
from msgspec.structs import replace

from functions.core.ledger import Run
from functions.core.log_keeping import GRACE, files_of
from functions.numerics.profiles.stored import from_bytes
from functions.sonar.locate_rows import rows_numbered
from functions.sonar.merge_segments import merge_segments
from functions.sonar.plan_merges import FULL, FULL_SIZE, merged, plan_merges
from functions.sonar.tend_log import RoundFailed, tend_logs
from tests.contract.test_ledger import segment
from tests.unit.sonar.old_log import DAY, HOUR, found, later, log_of_hours
from tests.unit.sonar.test_observe import Crash, Dying
from tests.unit.sonar.world import START, World, prediction


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


def test_large_rows_are_merged_as_far_as_memory_goes() -> None:
    images = [replace(segment(f"c{n:03}", n, 1), size=FULL_SIZE // 10) for n in range(25)]
    groups = list(plan_merges(images, START + 12 * HOUR))
    assert [len(group) for group in groups] == [10, 10, 5]
    assert merged(groups[0], "m").size == FULL_SIZE // 10 * 10
    large = [merged(group, f"m{at}") for at, group in enumerate(groups[:2])]
    assert list(plan_merges(large, START + 12 * HOUR)) == []
    world = World()
    world.observe(prediction())
    assert [one.size for one in world.index.segments(1)] == [16]  # an input and an output of eight bytes


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
