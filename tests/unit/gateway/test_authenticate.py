"""The gRPC door's guard: remembers a key for a moment, no longer, and not many."""

from datetime import UTC, datetime

import pytest

from functions.core.access import digest, new_secret
from functions.core.api_keys import ApiKey, Role
from functions.core.errors import Forbidden, Unauthenticated
from functions.gateway.authenticate import KeyGuard
from tests.fakes.stores import FakeKeyStore, FakeQuotaStore

PREDICT = ("POST", "/v2/models")


class CountingStore(FakeKeyStore):
    def __init__(self, *keys: ApiKey) -> None:
        super().__init__(*keys)
        self.looked_up = 0

    def find(self, digest: str) -> ApiKey | None:
        self.looked_up += 1
        return super().find(digest)


def issue(store: FakeKeyStore, name: str = "k", role: Role = Role.VIEWER) -> str:
    secret = new_secret()
    store.put(ApiKey(digest=digest(secret), name=name, role=role, created=datetime.now(UTC)))
    return secret


def test_a_known_key_is_looked_up_once_in_its_moment_and_again_after() -> None:
    store, now = CountingStore(), [0.0]
    secret = issue(store)
    guard = KeyGuard(store, FakeQuotaStore(), memory=5.0, clock=lambda: now[0])
    for at in (0.0, 4.9):
        now[0] = at
        guard(secret, *PREDICT)
    assert store.looked_up == 1
    store.delete(digest(secret))
    now[0] = 5.0
    with pytest.raises(Unauthenticated):
        guard(secret, *PREDICT)


@pytest.mark.parametrize("secret", [None, "", "dp_nobody", "something else"])
def test_a_key_nobody_issued_is_refused(secret: str | None) -> None:
    with pytest.raises(Unauthenticated):
        KeyGuard(FakeKeyStore(), FakeQuotaStore())(secret, *PREDICT)


def test_a_new_key_works_at_once_though_it_was_refused_before() -> None:
    store = FakeKeyStore()
    guard, secret = KeyGuard(store, FakeQuotaStore()), new_secret()
    with pytest.raises(Unauthenticated):
        guard(secret, *PREDICT)
    store.put(ApiKey(digest=digest(secret), name="new", role=Role.VIEWER, created=datetime.now(UTC)))
    guard(secret, *PREDICT)


def test_rights_are_asked_each_time_also_of_a_remembered_key() -> None:
    store = FakeKeyStore()
    secret, guard = issue(store), KeyGuard(store, FakeQuotaStore())
    guard(secret, *PREDICT)
    with pytest.raises(Forbidden):
        guard(secret, "DELETE", "/api/v2/model/1")


def test_the_memory_is_bounded() -> None:
    store = CountingStore()
    secrets = [issue(store, str(number)) for number in range(3)]
    guard = KeyGuard(store, FakeQuotaStore(), size=2)
    for secret in (*secrets, secrets[0]):
        guard(secret, *PREDICT)
    assert store.looked_up == 4
