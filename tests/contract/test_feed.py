"""The feed's promises, held against the fakes and against DynamoDB: nothing missed, nothing twice, all in order."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
from msgspec.structs import replace
from pynamodb.exceptions import TransactWriteError

from functions.adapters.dynamo.applications import DynamoApplicationStore
from functions.adapters.dynamo.deployments import DynamoDeploymentStore
from functions.adapters.dynamo.events import DynamoEventFeed
from functions.adapters.dynamo.journal import FEED, KEPT
from functions.adapters.dynamo.models import DynamoModelStore
from functions.adapters.dynamo.servables import DynamoServableStore
from functions.adapters.dynamo.tables import EventRow, bind
from functions.core.errors import Conflict, Gone, NotFound, PreconditionFailed
from functions.core.feed import Event, EventFeed
from functions.core.models import ServableStatus, VersionStatus
from functions.core.ports import ApplicationStore, DeploymentStore, ModelStore, ServableStore
from tests.fakes import entities
from tests.fakes.clock import FakeClock
from tests.fakes.feed import FakeEventFeed
from tests.fakes.stores import FakeApplicationStore, FakeDeploymentStore, FakeModelStore, FakeServableStore

pytestmark = pytest.mark.disable_socket


class Registry(msgspec.Struct):
    feed: EventFeed
    models: ModelStore
    servables: ServableStore
    applications: ApplicationStore
    deployments: DeploymentStore
    forget: Callable[[int], None]

    def told(self) -> list[tuple[str, str]]:
        return [(event.change.type.value, event.change.name) for event in self.feed.after(0, 1000)]


@pytest.fixture(params=["fake", "dynamo"])
def registry(request: pytest.FixtureRequest) -> Registry:
    if request.param == "fake":
        fake = FakeEventFeed()
        return Registry(
            fake,
            FakeModelStore(fake),
            FakeServableStore(feed=fake),
            FakeApplicationStore(feed=fake),
            FakeDeploymentStore(fake),
            fake.forget,
        )
    prefix = request.getfixturevalue("tables")

    def forget(count: int) -> None:
        for row in list(bind(EventRow, prefix).query(FEED, limit=count)):
            row.delete()

    return Registry(
        DynamoEventFeed(prefix),
        DynamoModelStore(prefix),
        DynamoServableStore(prefix),
        DynamoApplicationStore(prefix),
        DynamoDeploymentStore(prefix),
        forget,
    )


def test_every_change_of_every_kind_is_an_event(registry: Registry) -> None:
    building = entities.version(status=VersionStatus.ASSEMBLING)
    registry.models.create(building)
    registry.models.update(replace(building, status=VersionStatus.RELEASED), VersionStatus.ASSEMBLING)
    registry.servables.create(entities.servable("s"))
    registry.servables.update("s", lambda servable: replace(servable, status=ServableStatus.NOT_SERVING))
    application = entities.application("a", "s")
    registry.applications.create(application)
    registry.applications.update(replace(application, revision=2), 1)
    registry.deployments.create(entities.configuration())
    registry.deployments.delete("small")
    registry.applications.delete("a")
    registry.servables.delete("s")
    registry.models.delete("penguins", 1)
    assert registry.told() == [
        ("ModelUpdate", "penguins:1"),
        ("ModelUpdate", "penguins:1"),
        ("ServableUpdate", "s"),
        ("ServableUpdate", "s"),
        ("ApplicationUpdate", "a"),
        ("ApplicationUpdate", "a"),
        ("DeploymentConfigurationUpdate", "small"),
        ("DeploymentConfigurationRemove", "small"),
        ("ApplicationRemove", "a"),
        ("ServableRemove", "s"),
        ("ModelRemove", "penguins:1"),
    ]
    assert registry.feed.head() == 11


def test_an_event_holds_the_entity_as_it_was_then(registry: Registry) -> None:
    registry.servables.create(entities.servable("s"))
    changed = registry.servables.update("s", lambda s: replace(s, status=ServableStatus.NOT_AVAILABLE))
    registry.servables.delete("s")
    told = [event.change.entity for event in registry.feed.after(0, 10)]
    assert told == [entities.servable("s"), changed, None]
    assert all(event.at.tzinfo for event in registry.feed.after(0, 10))


def test_what_was_refused_or_changed_nothing_is_no_event(registry: Registry) -> None:
    registry.servables.create(entities.servable("s"))
    registry.models.create(entities.version())
    registry.applications.create(entities.application("a", "s"))
    before = registry.told()
    registry.servables.update("s", lambda servable: servable)
    assert not registry.models.update(entities.version(), VersionStatus.ASSEMBLING)
    with pytest.raises(Conflict):
        registry.servables.create(entities.servable("s"))
    with pytest.raises(PreconditionFailed):
        registry.applications.update(replace(entities.application("a", "s"), revision=9), 8)
    with pytest.raises(NotFound):
        registry.deployments.delete("nobody")
    assert registry.told() == before


@pytest.mark.slow
def test_readers_see_each_event_once_in_order_while_many_write(registry: Registry) -> None:
    names = [f"s{number}" for number in range(12)]

    def live(name: str) -> None:
        registry.servables.create(entities.servable(name))
        registry.servables.update(name, lambda servable: replace(servable, message="changed"))
        registry.servables.delete(name)

    with ThreadPoolExecutor(8) as writers, ThreadPoolExecutor(2) as readers:
        reading = [readers.submit(read_until, registry.feed, 3 * len(names), limit) for limit in (3, 100)]
        assert [writer.result() for writer in [writers.submit(live, name) for name in names]] == [None] * len(names)
        first, second = (reader.result(timeout=60) for reader in reading)
    assert [event.id for event in first] == list(range(1, 3 * len(names) + 1))
    assert first == second
    for name in names:
        lived = [event.change.type.value for event in first if event.change.name == name]
        assert lived == ["ServableUpdate", "ServableUpdate", "ServableRemove"]


def read_until(feed: EventFeed, count: int, limit: int) -> list[Event]:
    """As a client reads: from the cursor on, again and again."""
    seen: list[Event] = []
    deadline = time.monotonic() + 50
    while len(seen) < count and time.monotonic() < deadline:
        seen += feed.after(seen[-1].id if seen else 0, limit)
        time.sleep(0.005)
    return seen


def test_a_reader_goes_on_where_it_was(registry: Registry) -> None:
    for name in "abc":
        registry.deployments.create(entities.configuration(name))
    assert [event.id for event in registry.feed.after(0, 2)] == [1, 2]
    assert [event.id for event in registry.feed.after(2, 2)] == [3]
    assert list(registry.feed.after(3, 2)) == []


def test_a_cursor_that_is_too_old_or_from_elsewhere_is_gone(registry: Registry) -> None:
    for name in "abc":
        registry.deployments.create(entities.configuration(name))
    registry.forget(2)
    for cursor in (0, 1, 4, -1):
        with pytest.raises(Gone):
            registry.feed.after(cursor, 10)
    assert [event.change.name for event in registry.feed.after(2, 10)] == ["c"]
    assert registry.feed.oldest() == 2
    registry.forget(1)
    assert registry.feed.oldest() == registry.feed.head() == 3
    registry.deployments.delete("a")
    assert [event.id for event in registry.feed.after(3, 10)] == [4]


def test_an_empty_feed_begins_at_nothing(registry: Registry) -> None:
    assert registry.feed.head() == registry.feed.oldest() == 0
    assert list(registry.feed.after(0, 10)) == []


def test_what_has_expired_is_not_the_oldest_although_it_is_there(tables: str) -> None:
    DynamoDeploymentStore(tables).create(entities.configuration())
    later = FakeClock(DynamoEventFeed(tables).after(0, 1)[0].at + KEPT)
    assert DynamoEventFeed(tables, later).oldest() == 1


def test_without_its_event_a_change_is_not_written(tables: str) -> None:
    store = DynamoDeploymentStore(tables)
    bind(EventRow, tables).delete_table(wait=False)
    with pytest.raises(TransactWriteError):
        store.create(entities.configuration())
    assert store.list() == []
    with pytest.raises(NotFound):
        store.get("small")
