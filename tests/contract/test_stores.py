"""What every store promises, held against the fakes and against DynamoDB."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from functions.adapters.dynamo.applications import DynamoApplicationStore
from functions.adapters.dynamo.deployments import DynamoDeploymentStore
from functions.adapters.dynamo.keys import DynamoKeyStore
from functions.adapters.dynamo.models import DynamoModelStore
from functions.adapters.dynamo.quotas import DynamoQuotaStore
from functions.adapters.dynamo.servables import DynamoServableStore
from functions.adapters.dynamo.uploads import DynamoUploadStore
from functions.core.api_keys import ApiKey, Quota, Role
from functions.core.errors import Conflict, NotFound, PayloadTooLarge, PreconditionFailed
from functions.core.models import Graph, Replica, ServableStatus, VersionStatus
from functions.core.ports import (
    ApplicationStore,
    DeploymentStore,
    KeyStore,
    ModelStore,
    QuotaStore,
    ServableStore,
    UploadStore,
)
from functions.core.revisions import KEPT_REVISIONS, recorded
from functions.core.scaling import Scaling
from tests.fakes import entities
from tests.fakes.stores import (
    FakeApplicationStore,
    FakeDeploymentStore,
    FakeKeyStore,
    FakeModelStore,
    FakeQuotaStore,
    FakeServableStore,
    FakeUploadStore,
)

pytestmark = pytest.mark.disable_socket


class Stores(msgspec.Struct):
    keys: KeyStore
    uploads: UploadStore
    models: ModelStore
    servables: ServableStore
    applications: ApplicationStore
    deployments: DeploymentStore
    quotas: QuotaStore


@pytest.fixture(params=["fake", "dynamo"])
def stores(request: pytest.FixtureRequest) -> Stores:
    if request.param == "fake":
        return Stores(
            FakeKeyStore(),
            FakeUploadStore(),
            FakeModelStore(),
            FakeServableStore(),
            FakeApplicationStore(),
            FakeDeploymentStore(),
            FakeQuotaStore(),
        )
    prefix = request.getfixturevalue("tables")
    return Stores(
        DynamoKeyStore(prefix),
        DynamoUploadStore(prefix),
        DynamoModelStore(prefix),
        DynamoServableStore(prefix),
        DynamoApplicationStore(prefix),
        DynamoDeploymentStore(prefix),
        DynamoQuotaStore(prefix),
    )


def at_once(action: Callable[[int], Any], times: int) -> list[Any]:
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(action, range(times)))


def test_a_version_comes_back_as_it_went_in(stores: Stores) -> None:
    version = entities.version(metadata={"a": "b"}, monitoring={"batchSize": 7})
    stores.models.create(version)
    assert stores.models.get("penguins", 1) == version
    assert stores.models.by_id(1) == version
    assert stores.models.list() == stores.models.list("penguins") == [version]
    assert stores.models.list("other") == []


def test_a_version_that_its_index_does_not_have_yet_is_found(tables: str) -> None:
    """The command line asks for the log of a version by its id as soon as it has it."""
    looks: list[float] = []

    def appear(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) == 2:
            DynamoModelStore(tables).create(entities.version())

    store = DynamoModelStore(tables, appear)
    assert store.by_id(1) == entities.version()
    with pytest.raises(NotFound):
        store.by_id(2)
    assert len(looks) == 5


def test_what_no_item_can_hold_is_refused_and_says_so(tables: str) -> None:
    store = DynamoModelStore(tables)
    with pytest.raises(PayloadTooLarge, match=r"model version penguins:1 takes \d+ bytes, at most 399360 can be kept"):
        store.create(entities.version(metadata={"notes": "x" * 400_000}))
    with pytest.raises(NotFound):
        store.get("penguins", 1)
    store.create(entities.version(metadata={"notes": "x" * 398_000}))


def test_a_version_is_made_once(stores: Stores) -> None:
    stores.models.create(entities.version())
    with pytest.raises(Conflict):
        stores.models.create(entities.version(metadata={"late": "comer"}))
    assert stores.models.get("penguins", 1).metadata == {}


def test_what_is_not_there_is_not_found(stores: Stores) -> None:
    for read in (
        lambda: stores.models.get("penguins", 1),
        lambda: stores.models.by_id(1),
        lambda: stores.models.delete("penguins", 1),
        lambda: stores.uploads.get("u1"),
        lambda: stores.servables.get("s"),
        lambda: stores.servables.delete("s"),
        lambda: stores.applications.get("a"),
        lambda: stores.applications.delete("a"),
        lambda: stores.applications.update(entities.application("a", "s"), 1),
        lambda: stores.deployments.get("d"),
        lambda: stores.deployments.delete("d"),
        lambda: stores.keys.delete("digest"),
    ):
        with pytest.raises(NotFound):
            read()
    assert stores.applications.find("a") is None
    assert stores.keys.find("digest") is None
    assert stores.servables.update("s", lambda current: current) is None


def test_version_numbers_are_unique_under_concurrency(stores: Stores) -> None:
    numbers = at_once(lambda _: stores.models.next_version("penguins"), 40)
    assert sorted(numbers) == list(range(1, 41))
    assert stores.models.next_version("other") == 1


def test_version_ids_are_unique_under_concurrency(stores: Stores) -> None:
    assert len(set(at_once(lambda _: stores.models.next_id(), 40))) == 40


def test_a_model_has_one_id_however_many_ask_first(stores: Stores) -> None:
    ids = set(at_once(lambda _: stores.models.model_id("penguins"), 20))
    assert len(ids) == 1
    assert stores.models.model_id("other") not in ids
    assert {stores.models.model_id("penguins")} == ids


def test_a_version_changes_only_from_the_expected_status(stores: Stores) -> None:
    building = entities.version(status=VersionStatus.ASSEMBLING)
    stores.models.create(building)
    assert stores.models.update(replace(building, status=VersionStatus.RELEASED), VersionStatus.ASSEMBLING)
    assert not stores.models.update(replace(building, status=VersionStatus.FAILED), VersionStatus.ASSEMBLING)
    assert stores.models.get("penguins", 1).status is VersionStatus.RELEASED


def test_a_deleted_version_is_not_brought_back_by_a_late_update(stores: Stores) -> None:
    building = entities.version(status=VersionStatus.ASSEMBLING)
    stores.models.create(building)
    stores.models.delete("penguins", 1)
    assert not stores.models.update(building, VersionStatus.ASSEMBLING)
    assert stores.models.list() == []


def test_an_upload_becomes_one_version(stores: Stores) -> None:
    stores.uploads.put(entities.upload())
    assert stores.uploads.get("u1") == entities.upload()
    stores.uploads.close("nobody's")
    winners = set(at_once(lambda at: stores.uploads.assign_version("u1", at + 1), 8))
    assert len(winners) == 1
    assert stores.uploads.get("u1").version == winners.pop()
    stores.uploads.close("u1")
    assert stores.uploads.get("u1").closed


def test_a_key_deleted_twice_at_once_leaves_the_next_of_its_name_alone(tables: str) -> None:
    """The second had read the first key before it was gone; its name is another's by then."""

    class Late(DynamoKeyStore):
        def delete(self, digest: str) -> None:
            read = self._documents.read

            def read_early(*key: Any) -> Any:
                found = read(*key)
                DynamoKeyStore(tables).delete(digest)
                DynamoKeyStore(tables).put(key_of("b"))
                return found

            self._documents.read = read_early  # type: ignore[method-assign]
            super().delete(digest)

    def key_of(digest: str) -> ApiKey:
        return ApiKey(digest=digest * 64, name="ci", role=Role.VIEWER, created=entities.START)

    store = Late(tables)
    store.put(key_of("a"))
    with pytest.raises(NotFound):
        store.delete("a" * 64)
    assert store.list() == [key_of("b")]
    with pytest.raises(Conflict):
        store.put(key_of("c"))


def test_a_servable_name_is_taken_once(stores: Stores) -> None:
    stores.servables.create(entities.servable())
    with pytest.raises(Conflict):
        stores.servables.create(entities.servable())


def test_no_change_of_a_servable_is_lost(stores: Stores) -> None:
    stores.servables.create(entities.servable("s"))

    def add(at: int) -> None:
        replica = Replica(task=f"t{at}", address=f"10.0.0.{at}:9091", healthy=True, version=1)
        stores.servables.update("s", lambda current: replace(current, replicas=(*current.replicas, replica)))

    at_once(add, 12)
    assert len(stores.servables.get("s").endpoints) == 12


def test_a_change_answers_with_what_is_stored(stores: Stores) -> None:
    stores.servables.create(entities.servable("s"))
    changed = stores.servables.update("s", lambda current: replace(current, status=ServableStatus.SERVING))
    assert changed == stores.servables.get("s")
    assert changed is not None
    assert changed.status is ServableStatus.SERVING


def test_many_servables_are_read_together_and_the_missing_left_out(stores: Stores) -> None:
    for name in "abc":
        stores.servables.create(entities.servable(name))
    assert set(stores.servables.get_many(["a", "c", "a", "nobody"])) == {"a", "c"}
    assert stores.servables.get_many([]) == {}
    stores.servables.delete("b")
    assert [servable.name for servable in stores.servables.list()] == ["a", "c"]


def test_an_application_comes_back_as_it_went_in(stores: Stores) -> None:
    application = entities.application("a", "s1", "s2")
    application = replace(
        application, candidate=Graph(stages=application.stages, signature=application.signature), notice="n"
    )
    stores.applications.create(application)
    assert stores.applications.get("a") == stores.applications.find("a") == application
    assert stores.applications.list() == [application]
    with pytest.raises(Conflict):
        stores.applications.create(application)


def test_of_two_changes_of_one_revision_one_wins(stores: Stores) -> None:
    application = entities.application("a", "s")
    stores.applications.create(application)

    def change(at: int) -> bool:
        try:
            stores.applications.update(replace(application, message=str(at), revision=2), 1)
        except PreconditionFailed:
            return False
        return True

    assert sum(at_once(change, 6)) == 1
    assert stores.applications.get("a").revision == 2
    stores.applications.update(replace(application, revision=3), 2)
    assert stores.applications.get("a").revision == 3


def test_m12_revisions_are_written_with_their_change_or_not_at_all(stores: Stores) -> None:
    application = entities.application("a", "s", answered=(1,))
    stores.applications.create(application)
    first = recorded(application, application.created)
    assert stores.applications.revisions(application.id) == [first]
    changed = replace(application, metadata={"a": "b"}, revision=2)
    second = recorded(changed, entities.START, rolled_back_to=1)
    stores.applications.revise(changed, 1, second)
    with pytest.raises(PreconditionFailed):
        stores.applications.revise(changed, 1, replace(second, metadata={"late": "comer"}))
    assert stores.applications.get("a") == changed
    assert stores.applications.revisions(application.id) == [first, second]
    assert stores.applications.revisions(application.id + 1) == []
    stores.applications.delete("a")
    assert stores.applications.revisions(application.id) == []
    with pytest.raises(NotFound):
        stores.applications.revise(changed, 1, second)


def test_m12_the_newest_revisions_are_kept(stores: Stores) -> None:
    application = entities.application("a", "s")
    stores.applications.create(application)
    for number in range(2, KEPT_REVISIONS + 4):
        application = replace(application, revision=number)
        stores.applications.revise(application, number - 1, recorded(application, entities.START))
    kept = [revision.number for revision in stores.applications.revisions(application.id)]
    assert kept == list(range(4, KEPT_REVISIONS + 4))


def test_application_ids_are_unique(stores: Stores) -> None:
    assert len(set(at_once(lambda _: stores.applications.next_id(), 20))) == 20


def test_a_configuration_is_kept_whole(stores: Stores) -> None:
    configuration = entities.configuration(
        environment={"A": "b"}, limits={"cpu": "1"}, autoscaling=Scaling(max_replicas=3), placement={"nodeSelector": {}}
    )
    stores.deployments.create(configuration)
    assert stores.deployments.get("small") == configuration
    assert stores.deployments.list() == [configuration]
    with pytest.raises(Conflict):
        stores.deployments.create(configuration)
    stores.deployments.delete("small")
    assert stores.deployments.list() == []


def api_key(name: str, digest: str) -> ApiKey:
    return ApiKey(digest=digest, name=name, role=Role.VIEWER, created=entities.START)


def test_a_key_is_found_by_its_digest_alone(stores: Stores) -> None:
    key = api_key("ci", "d1")
    stores.keys.put(key)
    assert stores.keys.find("d1") == key
    assert stores.keys.find("name:ci") is None
    assert stores.keys.list() == [key]


def test_a_key_name_is_taken_until_the_key_is_gone(stores: Stores) -> None:
    stores.keys.put(api_key("ci", "d1"))
    with pytest.raises(Conflict):
        stores.keys.put(api_key("ci", "d2"))
    assert stores.keys.find("d2") is None
    stores.keys.delete("d1")
    assert stores.keys.list() == []
    stores.keys.put(api_key("ci", "d2"))
    assert [key.digest for key in stores.keys.list()] == ["d2"]


def test_x01_calls_are_counted_as_a_bucket_that_fills_again(stores: Stores) -> None:
    quota = Quota(requests_per_second=2.0, burst=3)
    now = 1_700_000_000.25
    first = [stores.quotas.take("k", quota, now) for _ in range(4)]
    assert [(each.allowed, each.remaining) for each in first] == [(True, 2), (True, 1), (True, 0), (False, 0)]
    assert first[-1].retry_after == pytest.approx(0.5, abs=1e-3)
    assert first[-1].reset == pytest.approx(1.5, abs=1e-3)
    assert stores.quotas.take("other", quota, now).remaining == 2
    assert stores.quotas.take("k", quota, now + 0.5).allowed
    assert not stores.quotas.take("k", quota, now + 0.5).allowed
    assert stores.quotas.take("k", quota, now + 60).remaining == 2


def test_x01_of_many_calls_at_once_exactly_the_burst_is_allowed(stores: Stores) -> None:
    quota = Quota(requests_per_second=0.001, burst=5)
    allowed = at_once(lambda _: stores.quotas.take("k", quota, 1_700_000_000.0).allowed, 12)
    assert sum(allowed) == 5


@pytest.mark.parametrize("name", ["", "a" * 3000, "\u00e9" * 1025])
def test_a_name_that_nothing_can_have_is_not_there(stores: Stores, name: str) -> None:
    def absent(action: Callable[[], Any]) -> None:
        with pytest.raises(NotFound):
            action()

    for store in (stores.servables, stores.applications, stores.deployments, stores.uploads):
        absent(lambda store=store: store.get(name))
    for named in (stores.servables, stores.applications, stores.deployments):
        absent(lambda store=named: store.delete(name))
    absent(lambda: stores.models.get(name, 1))
    assert stores.servables.get_many([name]) == {}


def test_a_number_that_nothing_can_have_is_not_there(stores: Stores) -> None:
    for number in (10**50, -(10**50)):
        with pytest.raises(NotFound):
            stores.models.get("penguins", number)
        with pytest.raises(NotFound):
            stores.models.by_id(number)
