"""What keeping the request log promises, held against the fake and against DynamoDB."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import boto3
import msgspec
import pytest
from msgspec.structs import replace

from functions.adapters.care_queue import SqsCareQueue
from functions.adapters.dynamo.ledger import DynamoLedger
from functions.adapters.dynamo.log_index import DynamoLogIndex
from functions.adapters.dynamo.log_keeper import DynamoLogKeeper
from functions.core.ledger import Ledger, LogIndex, Segment
from functions.core.log_keeping import TOGETHER, CareQueue, ForgetLog, Litter, LogKeeper, files_of
from tests.contract.test_ledger import LATER, addition, batch, segment
from tests.fakes.ledger import FakeLedger
from tests.fakes.monitoring import FakeCareQueue

pytestmark = pytest.mark.disable_socket


class Scene(msgspec.Struct):
    ledger: Ledger
    index: LogIndex
    keeper: LogKeeper

    def add(self, count: int, version_id: int = 7) -> list[Segment]:
        """Commits of three rows each."""
        for _ in range(count):
            head = self.ledger.head(version_id)
            name = f"c{version_id}-{head.rows}"
            assert self.ledger.publish(name, [addition(name, head)], LATER)
        return list(self.index.segments(version_id))


@pytest.fixture(params=["fake", "dynamo"])
def scene(request: pytest.FixtureRequest) -> Scene:
    if request.param == "fake":
        fake = FakeLedger()
        return Scene(fake, fake, fake)
    prefix = request.getfixturevalue("tables")
    return Scene(DynamoLedger(prefix), DynamoLogIndex(prefix), DynamoLogKeeper(prefix))


def litter(id: str, *sources: Segment) -> Litter:  # noqa: A002
    return Litter(version_id=7, id=id, since=5.0, keys=files_of(sources))


def test_segments_become_one_and_their_files_litter(scene: Scene) -> None:
    sources = scene.add(3)
    one = segment("merged", 0, 9)
    assert scene.keeper.replace(sources, one, litter("l1", *sources))
    assert list(scene.index.segments(7)) == [one]
    assert list(scene.keeper.litter(7)) == [litter("l1", *sources)]
    assert scene.keeper.litter(8) == []
    scene.keeper.forget_litter(litter("l1"))
    scene.keeper.forget_litter(litter("l1"))
    assert scene.keeper.litter(7) == []


def test_who_comes_too_late_changes_nothing(scene: Scene) -> None:
    sources = scene.add(3)
    assert scene.keeper.replace(sources[:2], segment("first", 0, 6), litter("l1", *sources[:2]))
    assert not scene.keeper.replace(sources, segment("second", 0, 9), litter("l2", *sources))
    assert [one.id for one in scene.index.segments(7)] == ["first", sources[2].id]
    assert [one.id for one in scene.keeper.litter(7)] == ["l1"]


def test_of_many_at_once_one_succeeds(scene: Scene) -> None:
    sources = scene.add(4)
    with ThreadPoolExecutor(5) as pool:
        done = pool.map(
            lambda n: scene.keeper.replace(sources, segment(f"m{n}", 0, 12), litter(f"l{n}", *sources)), range(5)
        )
    assert sum(done) == 1
    assert len(scene.index.segments(7)) == len(scene.keeper.litter(7)) == 1


@pytest.mark.slow
def test_a_transaction_has_room_for_all_that_go_together(scene: Scene) -> None:
    sources = scene.add(TOGETHER)
    assert scene.keeper.replace(sources, None, litter("l1", *sources))
    assert scene.index.segments(7) == []


def test_all_versions_with_a_log_are_known_until_they_are_forgotten(scene: Scene) -> None:
    scene.add(1)
    scene.add(1, version_id=9)
    assert scene.keeper.versions() == [7, 9]
    scene.keeper.forget(7, 0)  # rows were added since somebody looked
    assert scene.keeper.versions() == [7, 9]
    scene.keeper.forget(7, scene.index.head(7).rows)
    scene.keeper.forget(99, 0)
    assert scene.keeper.versions() == [9]
    assert scene.index.head(7).rows == 0


def test_batches_go_from_the_oldest_on(scene: Scene) -> None:
    moments = [1.0, 2.0, 9.0, 3.0]
    batches = tuple(replace(batch(number), latest=moment) for number, moment in enumerate(moments))
    scene.ledger.publish("a", [replace(addition("a", scene.ledger.head(7)), batches=batches)], LATER)
    assert scene.keeper.drop_batches(7, 2.5, 1) == 1
    assert scene.index.oldest_batch(7) == batches[1]
    assert scene.keeper.drop_batches(7, 5.0, 99) == 1  # up to the first that stays
    assert [one.number for one in scene.index.batches(7)] == [3, 2]
    assert scene.keeper.drop_batches(7, float("inf"), 99) == 2
    assert scene.index.oldest_batch(7) is None


def test_an_open_batch_can_be_ended(scene: Scene) -> None:
    scene.add(2)
    before = scene.index.head(7)
    assert before.open is not None
    scene.keeper.close_batch(7)
    scene.keeper.close_batch(7)
    scene.keeper.close_batch(99)
    after = scene.index.head(7)
    assert (after.rows, after.batches, after.open) == (before.rows, before.batches + 1, None)
    assert scene.index.batches(7) == []


@pytest.mark.slow
def test_a_reader_sees_the_log_before_or_after_an_exchange(scene: Scene) -> None:
    """Never half of it: 60 segments are merged two by two while others read."""
    sources = scene.add(60)

    def merge() -> None:
        for at in range(0, 60, 2):
            pair = sources[at : at + 2]
            scene.keeper.replace(pair, segment(f"m{at:02}", pair[0].first, 6), litter(f"l{at:02}", *pair))

    def look() -> list[int]:
        return [sum(one.rows for one in scene.index.segments(7)) for _ in range(10)]

    with ThreadPoolExecutor(3) as pool:
        merging = pool.submit(merge)
        seen = [pool.submit(look) for _ in range(2)]
        assert {rows for looks in seen for rows in looks.result()} == {180}
        merging.result()


@pytest.fixture(params=["fake", "sqs"])
def care(request: pytest.FixtureRequest) -> Iterator[CareQueue]:
    if request.param == "fake":
        yield FakeCareQueue()
        return
    request.getfixturevalue("aws")
    url = boto3.client("sqs").create_queue(QueueName="log-care")["QueueUrl"]
    yield SqsCareQueue(boto3.client("sqs"), url)
    [message] = boto3.client("sqs").receive_message(QueueUrl=url)["Messages"]
    assert msgspec.json.decode(message["Body"], type=ForgetLog) == ForgetLog(version_id=7, until=1.5)


def test_a_wish_is_asked_for(care: CareQueue) -> None:
    care.ask(ForgetLog(version_id=7, until=1.5))
