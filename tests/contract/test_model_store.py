"""Model versions are numbered once, made once, and change only from where they are expected to be."""

import pytest
from msgspec.structs import replace

from functions.adapters.dynamo.models import DynamoModelStore
from functions.core.errors import Conflict, NotFound
from functions.core.models import VersionStatus
from tests.contract.all_stores import Stores, at_once
from tests.fakes import entities

pytestmark = pytest.mark.disable_socket


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


def test_a_version_is_made_once(stores: Stores) -> None:
    stores.models.create(entities.version())
    with pytest.raises(Conflict):
        stores.models.create(entities.version(metadata={"late": "comer"}))
    assert stores.models.get("penguins", 1).metadata == {}


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
