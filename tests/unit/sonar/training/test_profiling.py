"""From files of training data to the training profile of their version."""

import itertools
from typing import Any

import pytest

from functions.core.observations import training_profile_key
from functions.core.training import FileStatus, Location
from functions.numerics.profiles.stored import from_bytes
from functions.sonar.training import csv_rows, read_file
from functions.sonar.training.merge_training_profile import merge_training_profile
from functions.sonar.training.submit_training_data import refer_to_training_data
from tests.unit.sonar.training.deliveries import CSV, OTHER, deliver, deliver_all, extremes, given_files, status
from tests.unit.sonar.world import World, prediction


def test_s01_a_file_becomes_the_profile_that_predictions_are_checked_by() -> None:
    world = World()
    assert status(world) == "NotRegistered"
    (file,) = given_files(world, CSV)
    assert status(world) == "Processing"
    deliver_all(world)
    assert status(world) == "Success"
    done = world.training_files.get(1, file.id)
    assert (done.rows, done.rejected, done.progress, done.absent) == (2, 0, 1.0, ())
    assert done.started is not None
    assert done.finished is not None
    world.observe(prediction("in", x=2.0), prediction("out", x=3.5))
    verdicts = {row.observation.request_id: {c.name: c.verdict.value for c in row.raw["x"]} for row in world.log}
    assert verdicts == {
        "in": {"min": "passed", "max": "passed"},
        "out": {"min": "passed", "max": "failed"},
    }


def test_s01_several_files_are_merged_whatever_their_order() -> None:
    orders = list(itertools.permutations([CSV, OTHER, b"x\n-7\n"]))
    merged = []
    for order in orders:
        world = World()
        given_files(world, *order)
        deliver_all(world)
        assert extremes(world) == (4, -7, 10)
        merged.append(world.profiles.profiles[training_profile_key(1)])
    assert set(merged) == {merged[0]}


def test_s01_the_same_file_twice_counts_once() -> None:
    world = World()
    given_files(world, CSV)
    deliver_all(world)
    before = world.profiles.profiles[training_profile_key(1)]
    given_files(world, CSV)
    deliver_all(world)
    deliver_all(world)
    assert world.profiles.profiles[training_profile_key(1)] == before
    assert len(world.training_files) == 1
    assert status(world) == "Success"


def test_s01_an_object_that_changed_takes_the_place_of_what_it_was() -> None:
    world = World()
    place = Location("lake", "train.csv")
    for content in (CSV, OTHER):
        world.clock.advance(1)
        world.training_objects.objects[place] = content
        refer_to_training_data(world, 1, place.path)
        deliver(world, world.training_queue.sent[-1])
    assert extremes(world) == (1, 10, 10)
    world.clock.advance(1)
    world.training_objects.objects[place] = b"x,y\nnothing,fits\n"
    refer_to_training_data(world, 1, place.path)
    deliver(world, world.training_queue.sent[-1])
    assert status(world) == "Failure"
    assert extremes(world) == (1, 10, 10)  # what was good stays in force


def test_s01_a_bad_file_fails_with_the_reason_and_can_be_followed_by_a_good_one() -> None:
    world = World()
    given_files(world, b"a,b\n1,2\n")
    deliver_all(world)
    (file,) = world.training_files.of_version(1)
    assert (file.status, status(world)) == (FileStatus.FAILURE, "Failure")
    assert "/x: expected a column of that name" in file.reason
    world.clock.advance(1)
    given_files(world, CSV)
    deliver(world, world.training_queue.sent[-1])
    assert status(world) == "Success"
    assert extremes(world) == (2, 1, 3)


def test_s01_an_object_that_changes_under_way_or_goes_fails() -> None:
    for change in ("changed while it was read", "there is no s3://lake/t.csv any more"):
        world = World()
        place = Location("lake", "t.csv")
        world.training_objects.objects[place] = CSV
        refer_to_training_data(world, 1, place.path)
        if "changed" in change:
            world.training_objects.objects[place] = OTHER
        else:
            del world.training_objects.objects[place]
        deliver_all(world)
        (file,) = world.training_files.of_version(1)
        assert file.status is FileStatus.FAILURE
        assert change in file.reason


def test_a_file_that_was_removed_meanwhile_is_left_alone() -> None:
    world = World()
    (file,) = given_files(world, CSV)
    world.training_files.delete(1, file.id)
    deliver_all(world)
    assert world.profiles.profiles == {}


def test_without_files_the_profile_is_an_empty_one() -> None:
    world = World()
    merge_training_profile(world, 1)
    assert from_bytes(world.profiles.profiles[training_profile_key(1)]).rows == 0
    world.observe(prediction())
    assert world.log[0].raw == {}


def test_progress_is_written_while_a_file_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_file, "RANGE", 1 << 12)
    monkeypatch.setattr(csv_rows, "ROWS", 100)
    monkeypatch.setattr(csv_rows, "BLOCK", 1 << 12)
    world = World()
    read = world.training_objects.read

    def slow(*range_: Any) -> bytes:
        world.clock.advance(3)
        return read(*range_)

    world.training_objects.read = slow  # type: ignore[method-assign]
    given_files(world, b"x\n" + b"123\n" * 5_000)
    seen: list[float] = []
    world.training_files.before = lambda: seen.extend(f.progress for f in world.training_files.of_version(1))
    deliver_all(world)
    assert any(0 < share < 1 for share in seen)
    assert seen == sorted(seen)
