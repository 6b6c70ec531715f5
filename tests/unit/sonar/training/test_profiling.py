"""From the queue to the training profile: once, whatever is delivered twice, late, or dies in between."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from functions.core.errors import Unavailable
from functions.core.observations import training_profile_key
from functions.core.training import FileStatus, Location, ProfileWanted, TrainingFile, begun_key, kind_of
from functions.numerics.profiles.stored import from_bytes
from functions.sonar import wiring
from functions.sonar.train_handler import handler
from functions.sonar.training import csv_rows, read_file
from functions.sonar.training.merge_training_profile import merge_training_profile
from functions.sonar.training.profile_training_data import ATTEMPTS, profile_training_data
from functions.sonar.training.submit_training_data import receive_training_data, refer_to_training_data
from tests.unit.sonar.world import World, prediction

PLENTY = 900.0
CSV = b"x,y\n1,2\n3,4\n"
OTHER = b"x,y\n10,20\nbad,1\n"


def deliver(world: World, wanted: ProfileWanted, **more: Any) -> None:
    profile_training_data(world, wanted, more.pop("left", lambda: PLENTY), **more)


def deliver_all(world: World) -> None:
    for wanted in world.training_queue.sent:
        deliver(world, wanted)


def given_files(world: World, *contents: bytes) -> list[TrainingFile]:
    return [receive_training_data(world, 1, content) for content in contents]


def extremes(world: World) -> tuple[int, float, float]:
    profiles = from_bytes(world.profiles.profiles[training_profile_key(1)])
    view = profiles.fields["x"].view()
    return profiles.rows, view["quantile"]["min"], view["quantile"]["max"]


def status(world: World) -> str:
    return kind_of(world.training_files.of_version(1))


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


class Crash(Exception):
    """The worker dies here."""


def crashing(world: World, at: int) -> Callable[[], None]:
    """Counts steps that leave a trace, and dies before number `at`."""
    steps = itertools.count()
    write = world.profiles.write

    def before() -> None:
        if next(steps) == at:
            world.training_files.before = lambda: None
            world.profiles.write = write  # type: ignore[method-assign]
            raise Crash

    def careful_write(key: str, profile: bytes) -> None:
        before()
        write(key, profile)

    world.training_files.before = before
    world.profiles.write = careful_write  # type: ignore[method-assign]
    return before


def test_s01_a_worker_that_dies_between_any_two_steps_leaves_what_one_run_leaves() -> None:
    calm = World()
    given_files(calm, CSV, OTHER)
    deliver_all(calm)
    crashes = 0
    for at in range(50):
        world = World()
        given_files(world, CSV, OTHER)
        deliver(world, world.training_queue.sent[0])
        crashing(world, at)
        try:
            deliver(world, world.training_queue.sent[1])
        except Crash:
            crashes += 1
            deliver(world, world.training_queue.sent[1], attempt=2)
        else:
            break
        assert world.profiles.profiles == calm.profiles.profiles
        assert world.training_files.items == calm.training_files.items
    assert crashes == 5


def test_s01_two_workers_that_finish_at_once_lose_no_file() -> None:
    world = World()
    given_files(world, CSV, OTHER)
    write, (first, second) = world.profiles.write, world.training_queue.sent

    def late(key: str, profile: bytes) -> None:
        """The other worker does all of its work just before this one's merged profile is written."""
        if key == training_profile_key(1):
            world.profiles.write = write  # type: ignore[method-assign]
            deliver(world, second)
        write(key, profile)

    world.profiles.write = late  # type: ignore[method-assign]
    deliver(world, first)
    assert extremes(world) == (3, 1, 10)
    assert status(world) == "Success"


def test_s01_a_file_that_takes_longer_than_a_worker_has_is_gone_on_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_rows, "ROWS", 100)
    world = World()
    given_files(world, b"x,y\n" + b"1,2\nbad,1\n" * 250)
    seen = []
    for wanted in world.training_queue.sent:  # each worker adds the next message
        deliver(world, wanted, left=lambda: 10.0)
        (file,) = world.training_files.of_version(1)
        seen.append((file.status, file.progress))
    assert [status for status, _ in seen] == [FileStatus.PROCESSING] * 5 + [FileStatus.SUCCESS]
    assert seen == sorted(seen, key=lambda each: each[1])
    assert (file.rows, file.rejected, file.rejections[0].count) == (250, 250, 250)
    assert [each.place for each in file.rejections[0].examples] == ["line 3", "line 5", "line 7", "line 9", "line 11"]
    assert extremes(world) == (250, 1, 1)
    assert not [key for key in world.profiles.profiles if key.endswith(".begun")]


def test_s01_who_goes_on_twice_or_finds_what_nobody_can_read_leaves_what_one_run_leaves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(csv_rows, "ROWS", 1)
    world = World()
    (file,) = given_files(world, CSV)
    (wanted,) = world.training_queue.sent
    deliver(world, wanted, left=lambda: 10.0)
    world.profiles.profiles[begun_key(1, file.id)] = b"of another release"
    deliver(world, wanted, left=lambda: 10.0)
    deliver(world, wanted)
    deliver_all(world)
    assert (status(world), extremes(world)) == ("Success", (2, 1, 3))


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


def test_s01_what_fails_now_is_tried_again_and_given_up_at_last() -> None:
    world = World()
    given_files(world, CSV)
    (wanted,) = world.training_queue.sent

    def unavailable(*_: Any) -> bytes:
        raise Unavailable("S3 has a bad day")

    read, world.training_objects.read = world.training_objects.read, unavailable  # type: ignore[method-assign]
    for attempt in range(1, ATTEMPTS + 1):
        with pytest.raises(Unavailable):
            deliver(world, wanted, attempt=attempt)
        assert status(world) == "Processing"
    deliver(world, wanted, attempt=ATTEMPTS + 1)
    (file,) = world.training_files.of_version(1)
    assert file.status is FileStatus.FAILURE
    assert file.reason == "given up after 4 attempts; attempt 4: Unavailable: S3 has a bad day"
    world.training_objects.read = read  # type: ignore[method-assign]
    given_files(world, CSV)  # given again, it begins again
    deliver(world, world.training_queue.sent[-1])
    assert status(world) == "Success"


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


class Context:
    def get_remaining_time_in_millis(self) -> int:
        return 900_000


def test_the_queue_door_counts_deliveries() -> None:
    world = World()
    (file,) = given_files(world, CSV)
    record = {
        "messageId": "m",
        "body": f'{{"versionId": 1, "fileId": "{file.id}"}}',
        "attributes": {"ApproximateReceiveCount": str(ATTEMPTS + 1)},
    }
    wiring.use(world)
    try:
        assert handler({"Records": [record]}, Context()) == {"batchItemFailures": []}
        assert "given up" in world.training_files.get(1, file.id).reason
        record["attributes"] = {"ApproximateReceiveCount": "1"}
        assert handler({"Records": [record]}, Context()) == {"batchItemFailures": []}
        assert status(world) == "Success"
        assert handler({"Records": [{"messageId": "bad", "body": "?"}]}, Context()) == {
            "batchItemFailures": [{"itemIdentifier": "bad"}]
        }
    finally:
        wiring.use(None)
