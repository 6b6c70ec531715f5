"""What the ledger of the request log promises, held against the fake and against DynamoDB."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from functions.adapters.dynamo.ledger import DynamoLedger
from functions.adapters.dynamo.log_index import DynamoLogIndex
from functions.core.errors import Conflict, NotFound
from functions.core.ledger import Addition, Batch, Count, Head, Ledger, LogIndex, Segment, Standing, Tally, Ticket
from tests.fakes.ledger import FakeLedger

pytestmark = pytest.mark.disable_socket

LEASE = 60
LATER = 2_000_000_000
T1, T2 = Ticket("r1", 1_700_000_000_000_001), Ticket("r2", 1_700_000_000_000_002)


class Scene(msgspec.Struct):
    ledger: Ledger
    index: LogIndex
    time: list[float]

    def claim(self, commit: str, *tickets: Ticket) -> list[Standing]:
        told = self.ledger.claim(tickets, commit, LATER)
        return [told[ticket] for ticket in tickets]

    def publish(self, commit: str, *additions: Addition) -> bool:
        return self.ledger.publish(commit, additions, LATER)


@pytest.fixture(params=["fake", "dynamo"])
def scene(request: pytest.FixtureRequest) -> Scene:
    time = [1_700_000_000.0]
    if request.param == "fake":
        fake = FakeLedger(lambda: time[0], LEASE)
        return Scene(fake, fake, time)
    prefix = request.getfixturevalue("tables")
    return Scene(DynamoLedger(prefix, lambda: time[0], LEASE), DynamoLogIndex(prefix), time)


def segment(commit: str, first: int = 0, rows: int = 3, hour: str = "2026-01-01T05", **changes: Any) -> Segment:
    fields: dict[str, Any] = {
        "version_id": 7,
        "hour": hour,
        "id": commit,
        "first": first,
        "rows": rows,
        "earliest": 1.5,
        "latest": 2.5,
        "key": f"log/{commit}.parquet",
        "profile_key": f"log/{commit}.profile",
        "tally": Tally(requests=rows, fields={"x": Count(3, 2, 1)}),
    }
    return Segment(**fields | changes)


def batch(number: int, requests: int = 3) -> Batch:
    return Batch(
        version_id=7,
        number=number,
        first_row=number * 10,
        size=10,
        first_id="r1",
        last_id="r3",
        earliest=1.5,
        latest=2.5,
        tally=Tally(requests=requests),
    )


def addition(commit: str, head: Head, rows: int = 3, **changes: Any) -> Addition:
    following = Head(version_id=head.version_id, rows=head.rows + rows, open=batch(0))
    added = segment(commit, head.rows, rows, version_id=head.version_id, **changes)
    batches = (replace(batch(0), version_id=head.version_id),)
    return Addition(head=head, segments=(added,), batches=batches, next=following)


def test_a_prediction_is_claimed_by_one_commit(scene: Scene) -> None:
    assert scene.claim("a", T1, T2) == [Standing.OURS, Standing.OURS]
    assert scene.claim("b", T1) == [Standing.BUSY]
    assert scene.claim("a", T1) == [Standing.OURS]


def test_of_many_claims_at_once_one_wins(scene: Scene) -> None:
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda n: scene.claim(f"c{n}", T1)[0], range(8)))
    assert told.count(Standing.OURS) == 1
    assert told.count(Standing.BUSY) == 7


def test_what_is_published_is_done(scene: Scene) -> None:
    scene.claim("a", T1)
    assert scene.publish("a", addition("a", scene.ledger.head(7)))
    assert scene.claim("b", T1, T2) == [Standing.DONE, Standing.OURS]


def test_the_claims_of_a_dead_worker_are_taken_over_and_it_cannot_publish_any_more(scene: Scene) -> None:
    scene.claim("dead", T1)
    scene.time[0] += LEASE - 1
    assert scene.claim("heir", T1) == [Standing.BUSY]
    scene.time[0] += 1
    assert scene.claim("heir", T1) == [Standing.OURS]
    with pytest.raises(Conflict):
        scene.publish("dead", addition("dead", scene.ledger.head(7)))
    assert list(scene.index.segments(7)) == []
    assert scene.publish("heir", addition("heir", scene.ledger.head(7)))


def test_a_slow_worker_that_published_is_not_taken_over(scene: Scene) -> None:
    scene.claim("slow", T1)
    scene.publish("slow", addition("slow", scene.ledger.head(7)))
    scene.time[0] += 10 * LEASE
    assert scene.claim("heir", T1) == [Standing.DONE]


def test_an_abandoned_commit_frees_its_claims_at_once(scene: Scene) -> None:
    scene.claim("a", T1)
    scene.ledger.abandon("a", LATER)
    assert scene.claim("b", T1) == [Standing.OURS]
    with pytest.raises(Conflict):
        scene.publish("a", addition("a", scene.ledger.head(7)))


def test_what_is_published_cannot_be_abandoned(scene: Scene) -> None:
    scene.claim("a", T1)
    scene.publish("a", addition("a", scene.ledger.head(7)))
    scene.ledger.abandon("a", LATER)
    assert scene.claim("b", T1) == [Standing.DONE]


def test_publishing_again_changes_nothing(scene: Scene) -> None:
    added = addition("a", scene.ledger.head(7))
    assert scene.publish("a", added)
    assert scene.publish("a", added)
    assert list(scene.index.segments(7)) == [segment("a")]
    assert scene.ledger.head(7).rows == 3


def test_who_planned_for_an_older_head_adds_nothing(scene: Scene) -> None:
    old = scene.ledger.head(7)
    assert scene.publish("a", addition("a", old))
    other = scene.ledger.head(8)
    assert not scene.publish("b", addition("b", other), addition("b", old))
    assert list(scene.index.segments(8)) == []
    assert scene.publish("b", addition("b", other), addition("b", scene.ledger.head(7)))
    assert [(one.first, one.rows) for one in scene.index.segments(7)] == [(0, 3), (3, 3)]


def test_all_that_publish_at_once_get_rows_of_their_own(scene: Scene) -> None:
    def add(number: int) -> None:
        while not scene.publish(f"c{number}", addition(f"c{number}", scene.ledger.head(7))):
            pass

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(add, range(6)))
    assert [one.first for one in scene.index.segments(7)] == [0, 3, 6, 9, 12, 15]
    assert scene.ledger.head(7).rows == 18


def test_segments_are_found_by_their_hours(scene: Scene) -> None:
    for at, hour in enumerate(("2026-01-01T05", "2025-12-31T23", "2026-01-01T06")):
        scene.publish(f"c{at}", addition(f"c{at}", scene.ledger.head(7), hour=hour))
    assert [one.hour for one in scene.index.segments(7)] == ["2025-12-31T23", "2026-01-01T05", "2026-01-01T06"]
    assert [one.hour for one in scene.index.segments(7, "2026-01-01T05")] == ["2026-01-01T05", "2026-01-01T06"]
    assert [one.hour for one in scene.index.segments(7, "", "2026-01-01T05")] == ["2025-12-31T23", "2026-01-01T05"]
    assert [one.hour for one in scene.index.segments(7, "2026-01-01T05", "2026-01-01T05")] == ["2026-01-01T05"]


def test_batches_are_read_newest_first(scene: Scene) -> None:
    head = scene.ledger.head(7)
    added = replace(addition("a", head), batches=tuple(batch(number) for number in range(5)))
    scene.publish("a", added)
    assert [one.number for one in scene.index.batches(7, limit=2)] == [4, 3]
    assert [one.number for one in scene.index.batches(7, before=3)] == [2, 1, 0]
    assert scene.index.batch(7, 2) == batch(2)
    with pytest.raises(NotFound):
        scene.index.batch(7, 9)


def test_the_predictions_of_a_request_id_are_kept(scene: Scene) -> None:
    again = Ticket("r1", T1.moment + 5, (7, 8))
    scene.claim("a", again, T1, T2)
    assert list(scene.index.tickets("r1")) == [T1, again]
    assert list(scene.index.tickets("unknown")) == []


def test_s18_what_several_versions_said_of_one_request_at_one_moment_are_claimed_each(scene: Scene) -> None:
    ours, theirs = replace(T1, versions=(7,), external=7), replace(T1, versions=(80,), external=80)
    assert scene.claim("a", ours) == [Standing.OURS]
    assert scene.claim("b", theirs) == [Standing.OURS]
    assert scene.claim("c", ours, theirs) == [Standing.BUSY, Standing.BUSY]
    assert list(scene.index.tickets("r1")) == [ours, theirs]
