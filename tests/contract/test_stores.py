"""What every store promises, held against the fakes and against DynamoDB; larger stores have files of their own."""

from collections.abc import Callable
from typing import Any

import pytest

from functions.adapters.dynamo.models import DynamoModelStore
from functions.core.errors import Conflict, NotFound, PayloadTooLarge
from functions.core.scaling import Scaling
from tests.contract.all_stores import Stores, at_once
from tests.fakes import entities

pytestmark = pytest.mark.disable_socket


def test_what_no_item_can_hold_is_refused_and_says_so(tables: str) -> None:
    store = DynamoModelStore(tables)
    with pytest.raises(PayloadTooLarge, match=r"model version penguins:1 takes \d+ bytes, at most 399360 can be kept"):
        store.create(entities.version(metadata={"notes": "x" * 400_000}))
    with pytest.raises(NotFound):
        store.get("penguins", 1)
    store.create(entities.version(metadata={"notes": "x" * 398_000}))


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


def test_an_upload_becomes_one_version(stores: Stores) -> None:
    stores.uploads.put(entities.upload())
    assert stores.uploads.get("u1") == entities.upload()
    stores.uploads.close("nobody's")
    winners = set(at_once(lambda at: stores.uploads.assign_version("u1", at + 1), 8))
    assert len(winners) == 1
    assert stores.uploads.get("u1").version == winners.pop()
    stores.uploads.close("u1")
    assert stores.uploads.get("u1").closed


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
