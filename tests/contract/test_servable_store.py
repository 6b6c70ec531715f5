"""Servables have a name of their own, and no change of one is lost."""

import pytest
from msgspec.structs import replace

from functions.core.errors import Conflict
from functions.core.models import Replica, ServableStatus
from tests.contract.all_stores import Stores, at_once
from tests.fakes import entities

pytestmark = pytest.mark.disable_socket


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
