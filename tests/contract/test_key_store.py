"""Keys are found by their digest, and their calls are counted."""

from typing import Any

import pytest

from functions.adapters.dynamo.keys import DynamoKeyStore
from functions.core.api_keys import ApiKey, Quota, Role
from functions.core.errors import Conflict, NotFound
from tests.contract.all_stores import Stores, at_once
from tests.fakes import entities

pytestmark = pytest.mark.disable_socket


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
