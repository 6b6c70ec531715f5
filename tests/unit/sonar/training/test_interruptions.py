"""A file is profiled once, whatever is delivered twice, late, or dies in between."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from functions.core.errors import Unavailable
from functions.core.observations import training_profile_key
from functions.core.training import FileStatus, begun_key
from functions.sonar import wiring
from functions.sonar.train_handler import handler
from functions.sonar.training import csv_rows
from functions.sonar.training.profile_training_data import ATTEMPTS
from tests.unit.sonar.training.deliveries import CSV, OTHER, deliver, deliver_all, extremes, given_files, status
from tests.unit.sonar.world import World


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
