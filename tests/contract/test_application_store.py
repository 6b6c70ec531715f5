"""Applications change revision by revision, and their revisions are kept."""

import pytest
from msgspec.structs import replace

from functions.core.errors import Conflict, NotFound, PreconditionFailed
from functions.core.models import Graph
from functions.core.revisions import KEPT_REVISIONS, recorded
from tests.contract.all_stores import Stores, at_once
from tests.fakes import entities

pytestmark = pytest.mark.disable_socket


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
    with pytest.raises(PreconditionFailed):
        stores.applications.delete("a", 2)
    stores.applications.delete("a", 3)
    with pytest.raises(NotFound):
        stores.applications.delete("a", 3)


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
