"""What runs for metric specs, which share it, and what goes with them."""

from typing import Any

import pytest

from functions.core.errors import Conflict, NotFound
from functions.manager.delete_metric_spec import delete_metric_spec
from functions.manager.share_servable import METRICS, close, reopen
from tests.unit.manager.metric_specs import SPECS, created, metric_model, pointers
from tests.unit.manager.world import Http, World


def test_m17_creation_deploys_the_metric_model(world: World) -> None:
    spec = created(world)
    running, image, configuration = world.host.running[spec.servable_name]
    assert (running.model_name, running.metadata) == ("distance", {METRICS: "open"})
    assert "@sha256:" in image
    assert configuration.name == "default"


def test_m17_one_servable_measures_for_all_and_goes_with_the_last(world: World) -> None:
    first, second = created(world), created(world)
    assert first.servable_name == second.servable_name
    delete_metric_spec(world, first.id)
    assert first.servable_name in world.host
    third = created(world)
    assert third.servable_name == first.servable_name
    for spec in (second, third):
        delete_metric_spec(world, spec.id)
    assert world.host.stopped == [first.servable_name]
    assert len(world.servables) == 0


def test_m17_another_configuration_is_another_servable(world: World, http: Http) -> None:
    http.call("POST", "/deployment_configuration", {"name": "small"})
    assert created(world).servable_name != created(world, deployment_config_name="small").servable_name
    refused = http.call("DELETE", "/deployment_configuration/small")
    assert refused.status_code == 409
    assert "metric spec far of penguins:2" in refused.json_body["detail"]


def test_m21_a_servable_that_a_person_made_is_neither_shared_nor_stopped(world: World, http: Http) -> None:
    metric_model(world)
    made = http.call("POST", "/servable", {"modelName": "distance", "version": 1}).json_body["fullName"]
    spec = created(world)
    assert spec.servable_name != made
    delete_metric_spec(world, spec.id)
    assert set(world.host.running) == {made}
    mine = {"modelName": "distance", "version": 1, "metadata": {METRICS: "open"}}
    assert pointers(http.call("POST", "/servable", mine)) == [f"/metadata/{METRICS}"]


def test_m21_a_servable_of_metrics_that_an_application_uses_stays_until_that_goes_too(world: World, http: Http) -> None:
    spec = created(world)
    stages = [{"modelVariants": [{"servableName": spec.servable_name}]}]
    assert http.call("POST", "/application", {"name": "m", "executionGraph": {"stages": stages}}).status_code == 201
    delete_metric_spec(world, spec.id)
    assert spec.servable_name in world.host
    again = created(world)
    assert again.servable_name == spec.servable_name
    delete_metric_spec(world, again.id)
    http.call("DELETE", "/application/m")
    assert len(world.host) == 0


def test_m19_what_metric_specs_use_cannot_be_deleted(world: World, http: Http) -> None:
    spec = created(world)
    user = "metric spec far of penguins:1"
    for path in ("/model/version/penguins/1", "/model/version/distance/1", f"/servable/{spec.servable_name}"):
        refused = http.call("DELETE", path)
        assert refused.status_code == 409
        assert user in refused.json_body["detail"]
    for version in world.models.list():
        assert http.call("DELETE", f"/model/{version.model_id}").status_code == 409
    http.call("DELETE", f"{SPECS}/{spec.id}")
    assert http.call("DELETE", "/model/version/penguins/1").status_code == 200
    assert http.call("DELETE", "/model/version/distance/1").status_code == 200


def test_m09_what_only_watches_a_version_goes_when_that_is_no_longer_kept(world: World) -> None:
    metric_model(world)
    kept = created(world, watched=world.built(name="otters"))
    spec = created(world)
    world.built(keep_versions=1)
    assert [version.version for version in world.models.list("penguins")] == [2]
    with pytest.raises(NotFound):
        world.specs.get(spec.id)
    assert world.specs.list() == [kept]
    assert kept.servable_name in world.host


def test_m09_a_metric_model_in_use_is_kept(world: World) -> None:
    created(world)
    metric_model(world)
    metric_model(world, keep_versions=1)
    assert [version.version for version in world.models.list("distance")] == [1, 3]


def test_m17_a_metric_model_that_cannot_run_leaves_nothing_behind(world: World) -> None:
    watched = world.built()
    metric_model(world)
    world.host.refuses = RuntimeError("no capacity")
    with pytest.raises(RuntimeError):
        created(world, watched=watched)
    assert len(world.servables) == len(world.specs) == 0
    world.host.refuses = None
    world.specs.create = _taken  # type: ignore[method-assign]
    with pytest.raises(Conflict):
        created(world, watched=watched)
    assert len(world.servables) == len(world.host) == 0


def _taken(_: object) -> None:
    raise Conflict("somebody was quicker")


def test_m17_a_servable_that_is_stopped_while_it_is_chosen_is_replaced(world: World) -> None:
    """Between the choice and the spec somebody deletes the last spec that used the servable."""
    last = created(world)
    creating = world.specs.create

    def slowly(spec: Any) -> None:
        world.specs.create = creating  # type: ignore[method-assign]
        delete_metric_spec(world, last.id)
        creating(spec)

    world.specs.create = slowly  # type: ignore[method-assign]
    spec = created(world)
    assert spec.servable_name != last.servable_name
    assert set(world.host.running) == {spec.servable_name}
    assert world.specs.get(spec.id) == spec


def test_m17_who_closes_a_servable_last_decides_whether_it_opens(world: World) -> None:
    spec = created(world)
    first = close(world, spec.servable_name)
    second = close(world, spec.servable_name)
    reopen(world, spec.servable_name, first)
    assert world.servables.get(spec.servable_name).metadata[METRICS] == second
    reopen(world, spec.servable_name, second)
    assert world.servables.get(spec.servable_name).metadata[METRICS] == "open"
