"""What the store of metric specs promises, held against the fake and against DynamoDB."""

import msgspec
import pytest
from msgspec.structs import replace

from functions.adapters.dynamo.events import DynamoEventFeed
from functions.adapters.dynamo.metric_specs import DynamoMetricSpecStore
from functions.core.errors import Conflict, NotFound, PreconditionFailed
from functions.core.feed import EventFeed
from functions.core.metric_specs import MetricSpecStore
from tests.fakes.entities import metric_spec
from tests.fakes.feed import FakeEventFeed
from tests.fakes.monitoring import FakeMetricSpecStore

pytestmark = pytest.mark.disable_socket


class Kept(msgspec.Struct):
    specs: MetricSpecStore
    feed: EventFeed

    def told(self) -> list[tuple[str, str, object]]:
        return [(e.change.type.value, e.change.name, e.change.entity) for e in self.feed.after(0, 100)]


@pytest.fixture(params=["fake", "dynamo"])
def kept(request: pytest.FixtureRequest) -> Kept:
    if request.param == "fake":
        feed = FakeEventFeed()
        return Kept(FakeMetricSpecStore(feed=feed), feed)
    prefix = request.getfixturevalue("tables")
    return Kept(DynamoMetricSpecStore(prefix), DynamoEventFeed(prefix))


def test_m17_a_spec_comes_back_as_it_went_in(kept: Kept) -> None:
    spec = metric_spec(threshold=4.236688464332743)
    kept.specs.create(spec)
    assert kept.specs.get("m1") == spec
    assert kept.specs.list() == list(kept.specs.of_version(1)) == [spec]
    assert list(kept.specs.of_version(2)) == []


def test_m17_those_of_a_version_come_by_name_and_all_by_version_and_name(kept: Kept) -> None:
    for id_, version, name in (("a", 10, "b"), ("b", 9, "z"), ("c", 10, "a")):
        kept.specs.create(metric_spec(id_, model_version_id=version, name=name))
    assert [spec.name for spec in kept.specs.of_version(10)] == ["a", "b"]
    assert [spec.id for spec in kept.specs.list()] == ["b", "c", "a"]


def test_m17_a_version_has_one_metric_of_a_name(kept: Kept) -> None:
    kept.specs.create(metric_spec("first"))
    with pytest.raises(Conflict, match="model version penguins:1 has a metric far already"):
        kept.specs.create(metric_spec("second"))
    kept.specs.create(metric_spec("third", model_version_id=7))
    assert {spec.id for spec in kept.specs.list()} == {"first", "third"}


def test_m17_who_changes_an_older_revision_is_told(kept: Kept) -> None:
    spec = metric_spec()
    kept.specs.create(spec)
    changed = replace(spec, threshold=1.0, revision=2)
    kept.specs.update(changed, 1)
    with pytest.raises(PreconditionFailed):
        kept.specs.update(replace(spec, threshold=2.0, revision=2), 1)
    kept.specs.update(replace(changed, revision=3), 2)
    assert kept.specs.get("m1") == replace(changed, revision=3)
    with pytest.raises(PreconditionFailed):
        kept.specs.delete("m1", 2)
    kept.specs.delete("m1", 3)


def test_what_is_not_there_is_not_found(kept: Kept) -> None:
    for absent in (
        lambda: kept.specs.get("m1"),
        lambda: kept.specs.delete("m1"),
        lambda: kept.specs.update(metric_spec(revision=2), 1),
    ):
        with pytest.raises(NotFound):
            absent()


def test_a_spec_of_the_same_name_is_not_changed_by_one_that_is_gone(kept: Kept) -> None:
    kept.specs.create(metric_spec("old"))
    kept.specs.delete("old")
    kept.specs.create(metric_spec("new"))
    with pytest.raises(NotFound):
        kept.specs.update(metric_spec("old", threshold=9.0, revision=2), 1)
    assert kept.specs.get("new") == metric_spec("new")


def test_m20_changes_of_specs_are_events_by_their_id(kept: Kept) -> None:
    spec = metric_spec()
    changed = replace(spec, threshold=1.0, revision=2)
    kept.specs.create(spec)
    with pytest.raises(Conflict):
        kept.specs.create(metric_spec("other"))
    kept.specs.update(changed, 1)
    kept.specs.delete("m1")
    assert kept.told() == [
        ("MetricSpecUpdate", "m1", spec),
        ("MetricSpecUpdate", "m1", changed),
        ("MetricSpecRemove", "m1", None),
    ]
