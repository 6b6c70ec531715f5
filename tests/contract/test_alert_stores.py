"""What watches, the archive of alerts, bulletins and receivers promise, held against the fakes and against DynamoDB."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from functions.adapters.dynamo.alerts import DynamoAlertArchive, DynamoWatchStore
from functions.adapters.dynamo.bulletins import DynamoBulletinBoard, DynamoLogEnds
from functions.adapters.dynamo.ledger import DynamoLedger
from functions.adapters.dynamo.receivers import DynamoOutcomeStore, DynamoReceiverStore
from functions.core.alerts import Alert, AlertArchive, AlertState, Bucket, Silence, Watch, WatchStore
from functions.core.bulletins import Bulletin, BulletinBoard, LogEnds, Trouble
from functions.core.errors import Conflict, NotFound
from functions.core.ledger import Addition, Head, Ledger
from functions.core.receivers import Outcome, OutcomeStore, ReceiverStore
from tests.fakes import entities
from tests.fakes.alerts import FakeReceiverStore, FakeWatchStore
from tests.fakes.ledger import FakeLedger
from tests.unit.alerts.world import finding, receiver

pytestmark = pytest.mark.disable_socket

LATER = 2_000_000_000


class Stores(msgspec.Struct):
    ledger: Ledger
    board: BulletinBoard
    ends: LogEnds
    watches: WatchStore
    archive: AlertArchive
    receivers: ReceiverStore
    outcomes: OutcomeStore


@pytest.fixture(params=["fake", "dynamo"])
def stores(request: pytest.FixtureRequest) -> Stores:
    if request.param == "fake":
        ledger, watches, receivers = FakeLedger(), FakeWatchStore(), FakeReceiverStore()
        return Stores(ledger, ledger, ledger, watches, watches, receivers, receivers)
    prefix = request.getfixturevalue("tables")
    return Stores(
        DynamoLedger(prefix),
        DynamoBulletinBoard(prefix),
        DynamoLogEnds(prefix),
        DynamoWatchStore(prefix),
        DynamoAlertArchive(prefix),
        DynamoReceiverStore(prefix),
        DynamoOutcomeStore(prefix),
    )


def alert(number: int = 1, **changes: Any) -> Alert:
    fields: dict[str, Any] = {
        "version_id": 7,
        "number": number,
        "key": "check:x/max",
        "trouble": Trouble.CHECK,
        "field": "x",
        "name": "max",
        "model_name": "penguins",
        "model_version": 1,
        "application": None,
        "stage": 0,
        "metric_spec_id": None,
        "description": "",
        "threshold": "9",
        "value": "ü",
        "reason": "",
        "started": 1.5,
        "breached": 2.5,
        "first_seen": 1.0,
        "last_seen": 2.0,
        "failures": 3,
        "requests": 4,
        "examples": ("r1",),
        "row": 10,
    }
    return Alert(**fields | changes)


def over(number: int) -> Alert:
    return alert(number, state=AlertState.RESOLVED, ended=9.0)


def test_a_watch_begins_at_the_beginning(stores: Stores) -> None:
    assert stores.watches.get(7) == (Watch(version_id=7), 0)


def test_a_watch_is_read_as_it_was_written(stores: Stores) -> None:
    watch = Watch(
        version_id=7,
        rows=10,
        at=3.5,
        buckets=(Bucket(start=3, requests=4, failures={"check:x/max": 2}),),
        firing=(alert(),),
        silences=(Silence(id="all", key="", until=9.0, created=1.0),),
    )
    assert stores.watches.save(watch, 0, (), LATER)
    assert stores.watches.get(7) == (watch, 1)
    assert list(stores.watches.all()) == [watch]


def test_who_read_an_older_watch_writes_nothing(stores: Stores) -> None:
    first = Watch(version_id=7, rows=10)
    assert stores.watches.save(first, 0, (), LATER)
    assert not stores.watches.save(replace(first, rows=20), 0, (), LATER)
    assert not stores.watches.save(replace(first, rows=20), 5, (over(1),), LATER)
    assert stores.watches.get(7) == (first, 1)
    assert list(stores.archive.of_version(7)) == []
    assert stores.watches.save(replace(first, rows=20), 1, (), LATER)


def test_of_many_who_write_a_watch_at_once_one_does(stores: Stores) -> None:
    with ThreadPoolExecutor(6) as pool:
        watches = [Watch(version_id=7, rows=n) for n in range(6)]
        done = list(pool.map(lambda watch: stores.watches.save(watch, 0, (over(1),), LATER), watches))
    assert done.count(True) == 1


def test_alerts_that_are_over_are_written_with_the_watch_and_listed_newest_first(stores: Stores) -> None:
    watch = Watch(version_id=7)
    assert stores.watches.save(watch, 0, tuple(over(n) for n in range(1, 46)), LATER)
    assert stores.watches.save(watch, 1, (over(46),), LATER)
    assert [each.number for each in stores.archive.of_version(7)] == list(range(46, 0, -1))
    assert stores.archive.of_version(7)[0] == over(46)
    assert list(stores.archive.of_version(8)) == []


def publish(stores: Stores, version: int, commit: str, rows: int = 3) -> Bulletin:
    head = stores.ledger.head(version)
    bulletin = Bulletin(version_id=version, first=head.rows, rows=rows, at=5.5, findings=(finding(),))
    following = Head(version_id=version, rows=head.rows + rows)
    addition = Addition(head=head, segments=(), batches=(), next=following, bulletin=bulletin)
    assert stores.ledger.publish(commit, [addition], LATER)
    return bulletin


def test_bulletins_come_in_the_order_of_their_rows(stores: Stores) -> None:
    published = [publish(stores, 7, f"c{n}") for n in range(4)]
    publish(stores, 8, "other")
    assert list(stores.board.after(7, 0)) == published
    assert list(stores.board.after(7, 3, 2)) == published[1:3]
    assert list(stores.board.after(7, 4)) == published[2:]
    assert list(stores.board.after(7, 12)) == []
    assert list(stores.board.after(9, 0)) == []


def test_logs_end_where_their_last_rows_do(stores: Stores) -> None:
    assert dict(stores.ends.rows()) == {}
    for commit in ("a", "b"):
        publish(stores, 7, commit)
    publish(stores, 8, "c")
    assert dict(stores.ends.rows()) == {7: 6, 8: 3}


def test_receivers_are_kept_by_their_names(stores: Stores) -> None:
    first, second = receiver("b", models=("penguins",)), receiver("a")
    stores.receivers.create(first)
    stores.receivers.create(second)
    assert stores.receivers.list() == [second, first]
    assert stores.receivers.get("b") == first
    with pytest.raises(Conflict):
        stores.receivers.create(first)
    stores.receivers.delete("b")
    assert stores.receivers.list() == [second]
    for action in (stores.receivers.get, stores.receivers.delete):
        with pytest.raises(NotFound):
            action("b")


def test_the_last_outcome_is_kept_as_long_as_its_receiver(stores: Stores) -> None:
    stores.receivers.create(receiver("a"))
    stores.receivers.create(receiver("b"))
    assert stores.outcomes.all() == {}
    outcomes = [Outcome(at=entities.START, delivery=f"d{n}", reason="ü" * n) for n in range(2)]
    for outcome in outcomes:
        stores.outcomes.note("a", outcome)
    stores.outcomes.note("gone", outcomes[0])
    assert stores.outcomes.all() == {"a": outcomes[1]}
    assert [each.name for each in stores.receivers.list()] == ["a", "b"]
    stores.receivers.delete("a")
    assert stores.outcomes.all() == {}
