"""Metric specs over HTTP: what is refused, what runs for them, and what goes with them."""

from typing import Any

import pytest
from msgspec.structs import replace

from functions.core.checks import Operator
from functions.core.errors import Conflict, NotFound
from functions.core.models import ModelVersion, VersionStatus
from functions.manager.create_metric_spec import NewMetricSpec, create_metric_spec
from functions.manager.delete_metric_spec import delete_metric_spec
from functions.manager.plan_metric import MetricConfig
from functions.manager.share_servable import METRICS, close, reopen
from tests.unit.manager.test_external_models import EXTERNAL
from tests.unit.manager.world import SIGNATURE, Http, World

SPECS = "/monitoring/metricspec"
MEASURE: dict[str, Any] = {
    "signatureName": "measure",
    "inputs": [*SIGNATURE["inputs"], *SIGNATURE["outputs"]],
    "outputs": [{"name": "value", "dtype": "DT_DOUBLE", "shape": {"dims": [-1]}}],
}


def metric_model(world: World, **more: Any) -> ModelVersion:
    return world.built(name="distance", model_signature=MEASURE, **more)


def body(watched: int, metric: int, name: str = "far", **config: Any) -> dict[str, Any]:
    described = {"modelVersionId": metric, "threshold": 4.5, "thresholdCmpOperator": {"kind": "LessEq"}}
    return {"name": name, "modelVersionId": watched, "config": described | config}


def created(world: World, name: str = "far", watched: ModelVersion | None = None, **config: Any) -> Any:
    """A spec of a version of its own, unless one is given."""
    watched = watched or world.built()
    known = world.models.list("distance")
    metric = known[0] if known else metric_model(world)
    asked = MetricConfig(model_version_id=metric.id, threshold=4.5, threshold_cmp_operator="<=", **config)
    return create_metric_spec(world, NewMetricSpec(name=name, model_version_id=watched.id, config=asked))


def pointers(answer: Any) -> list[str]:
    assert answer.status_code == 400, answer.json_body
    return [problem["pointer"] for problem in answer.json_body["errors"]]


def test_m17_a_metric_spec_is_created_shown_listed_and_deleted(world: World, http: Http) -> None:
    watched, metric = world.built(), metric_model(world)
    answer = http.call("POST", SPECS, body(watched.id, metric.id))
    assert answer.status_code == 201
    assert answer.headers["ETag"] == '"1"'
    spec = answer.json_body
    assert (spec["name"], spec["modelVersionId"], spec["model"]) == ("far", watched.id, "penguins:1")
    assert spec["healthy"] == "value <= 4.5"
    config = spec["config"]
    assert (config["modelVersionId"], config["monitoringModel"]) == (metric.id, "distance:1")
    assert (config["threshold"], config["thresholdCmpOperator"]) == (4.5, {"kind": "LessEq"})
    assert config["servable"]["modelVersion"]["model"]["name"] == "distance"
    assert config["servable"]["status"] == "Starting"
    path = f"{SPECS}/{spec['id']}"
    assert http.call("GET", path).json_body == spec
    assert http.call("GET", SPECS).json_body == [spec]
    assert http.call("GET", f"{SPECS}/modelversion/{watched.id}").json_body == [spec]
    assert http.call("GET", f"{SPECS}/modelversion/{metric.id}").json_body == []
    assert http.call("GET", f"{SPECS}/modelversion/99").status_code == 404
    assert http.call("DELETE", path, if_match='"7"').status_code == 412
    assert http.call("DELETE", path, if_match='"1"').json_body == spec
    assert http.call("GET", path).status_code == http.call("DELETE", path).status_code == 404


def test_m17_creation_deploys_the_metric_model(world: World) -> None:
    spec = created(world)
    running, image, configuration = world.host.running[spec.servable_name]
    assert (running.model_name, running.metadata) == ("distance", {METRICS: "open"})
    assert "@sha256:" in image
    assert configuration.name == "default"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ({"thresholdCmpOperator": {"kind": "GreaterEq"}}, Operator.GREATER_EQ),
        ({"thresholdCmpOperator": {"kind": ">="}}, Operator.GREATER_EQ),
        ({"thresholdCmpOperator": "NOT_EQ"}, Operator.NOT_EQ),
        ({"thresholdCmpOperator": None, "operator": "<"}, Operator.LESS),
        ({"thresholdCmpOperator": None, "operator": "=="}, Operator.EQ),
        ({"thresholdCmpOperator": None, "operator": "greater"}, Operator.GREATER),
    ],
)
def test_s10_the_operator_is_a_word_or_a_symbol(
    world: World, http: Http, said: dict[str, Any], meant: Operator
) -> None:
    answer = http.call("POST", SPECS, body(world.built().id, metric_model(world).id, **said))
    assert answer.status_code == 201
    assert answer.json_body["config"]["thresholdCmpOperator"] == {"kind": meant.value}
    assert answer.json_body["healthy"] == f"value {meant.symbol} 4.5"


def test_m17_everything_that_is_wrong_is_told_at_once_and_nothing_is_started(world: World, http: Http) -> None:
    watched = world.built()
    poor = world.built(name="poor", model_signature=SIGNATURE)
    config = {"threshold": "4", "thresholdCmpOperator": {"kind": "=<"}, "deploymentConfigName": "no-such"}
    answer = http.call("POST", SPECS, body(watched.id, poor.id, "Far out", **config))
    assert pointers(answer) == [
        "/name",
        "/config/threshold",
        "/config/thresholdCmpOperator/kind",
        "/config/deploymentConfigName",
        "/config/modelVersionId/outputs",
    ]
    answer = http.call("POST", SPECS, {"config": {}})
    assert pointers(answer) == [
        "/name",
        "/modelVersionId",
        "/config/modelVersionId",
        "/config/threshold",
        "/config/thresholdCmpOperator",
    ]
    assert len(world.servables) == len(world.specs) == 0


@pytest.mark.parametrize("threshold", [None, True, "1", [1], 10**400])
def test_m17_the_threshold_is_a_finite_number(world: World, http: Http, threshold: Any) -> None:
    answer = http.call("POST", SPECS, body(world.built().id, metric_model(world).id, threshold=threshold))
    assert pointers(answer) == ["/config/threshold"]


def test_m17_what_is_wrong_with_the_metric_models_signature_is_named(world: World, http: Http) -> None:
    wrong = {
        "signatureName": "measure",
        "inputs": [
            {"name": "x", "dtype": "DT_INT64", "shape": {"dims": [-1, 2]}},
            {"name": "z", "dtype": "DT_DOUBLE", "shape": {"dims": []}},
        ],
        "outputs": [{"name": "value", "dtype": "DT_DOUBLE", "shape": {"dims": [3]}}],
    }
    metric = world.built(name="wrong", model_signature=wrong)
    answer = http.call("POST", SPECS, body(world.built().id, metric.id))
    inside = "/config/modelVersionId"
    assert pointers(answer) == [f"{inside}/outputs/value/shape", f"{inside}/inputs/x/dtype", f"{inside}/inputs/z"]
    assert "x, y" in answer.json_body["errors"][2]["expected"]


def test_m17_only_released_versions_measure_and_are_watched(world: World, http: Http) -> None:
    watched, metric = world.built(), metric_model(world)
    for version in (watched, metric):
        key = (version.name, version.version)
        world.models.items[key] = replace(version, status=VersionStatus.ASSEMBLING)
        answer = http.call("POST", SPECS, body(watched.id, metric.id))
        assert "which is Assembling" in answer.json_body["errors"][0]["received"]
        world.models.items[key] = version
    assert pointers(http.call("POST", SPECS, body(98, 99))) == ["/modelVersionId", "/config/modelVersionId"]
    assert pointers(http.call("POST", SPECS, body(watched.id, "2"))) == ["/config/modelVersionId"]  # type: ignore[arg-type]


def test_m07_an_external_model_is_watched_but_measures_nothing(world: World, http: Http) -> None:
    external = http.call("POST", "/externalmodel", EXTERNAL).json_body
    spec = http.call("POST", SPECS, body(external["id"], metric_model(world).id))
    assert spec.status_code == 201
    assert spec.json_body["model"] == "elsewhere:1"
    refused = http.call("POST", SPECS, body(external["id"], external["id"], "other"))
    assert "which is external: it runs elsewhere" in refused.json_body["errors"][0]["received"]


def test_m17_a_name_is_had_once_by_a_version(world: World, http: Http) -> None:
    watched, metric = world.built(), metric_model(world)
    assert http.call("POST", SPECS, body(watched.id, metric.id)).status_code == 201
    again = http.call("POST", SPECS, body(watched.id, metric.id))
    assert again.status_code == 409
    assert "model version penguins:1 has a metric far already" in again.json_body["detail"]
    assert http.call("POST", SPECS, body(world.built().id, metric.id)).status_code == 201
    assert len(world.servables) == 1


def test_m17_a_creation_that_is_repeated_with_its_key_happens_once(world: World, http: Http) -> None:
    asked = body(world.built().id, metric_model(world).id)
    first, again = (http.call("POST", SPECS, asked, idempotency_key="k") for _ in range(2))
    assert first.json_body["id"] == again.json_body["id"]
    assert again.headers["Idempotency-Replayed"] == "true"


def test_m17_lists_come_in_pages(world: World, http: Http) -> None:
    watched = world.built()
    ids = [created(world, name, watched).id for name in ("a", "b", "c")]
    for path in (SPECS, f"{SPECS}/modelversion/{watched.id}"):
        page = http.call("GET", f"{path}?limit=2")
        rest = http.call("GET", f"{path}?limit=2&next={page.headers['x-next']}")
        assert [spec["id"] for spec in page.json_body + rest.json_body] == ids


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


def test_m17_a_change_keeps_id_name_and_servable(world: World, http: Http) -> None:
    spec = created(world)
    path = f"{SPECS}/{spec.id}"
    config = body(1, spec.metric_version_id, threshold=9, thresholdCmpOperator=">")["config"]
    answer = http.call("PUT", path, {"name": "far", "modelVersionId": spec.model_version_id, "config": config})
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    assert (answer.json_body["id"], answer.json_body["healthy"]) == (spec.id, "value > 9.0")
    assert world.specs.get(spec.id).servable_name == spec.servable_name
    assert http.call("PUT", path, {"config": config}).headers["ETag"] == '"2"'  # nothing new
    assert http.call("PUT", path, {"config": config}, if_match='"1"').status_code == 412
    wrong = http.call("PUT", path, {"name": "near", "modelVersionId": 77, "config": {}})
    assert pointers(wrong)[:2] == ["/name", "/modelVersionId"]
    assert http.call("PUT", f"{SPECS}/none", {"config": config}).status_code == 404


def test_m17_a_change_of_the_metric_model_starts_it_and_stops_the_one_before(world: World, http: Http) -> None:
    spec = created(world)
    newer = metric_model(world)
    config = body(1, newer.id)["config"]
    changed = http.call("PUT", f"{SPECS}/{spec.id}", {"config": config}).json_body
    assert changed["config"]["monitoringModel"] == "distance:2"
    assert set(world.host.running) == {changed["config"]["servable"]["fullName"]}
    assert world.host.stopped == [spec.servable_name]


def test_m17_a_metric_model_that_failed_to_start_is_started_anew_by_the_same_words(world: World, http: Http) -> None:
    spec = created(world)
    world.fail(spec.servable_name, "no memory")
    assert http.call("GET", f"{SPECS}/{spec.id}").json_body["config"]["servable"]["status"] == "NotServing"
    config = body(1, spec.metric_version_id)["config"]
    changed = http.call("PUT", f"{SPECS}/{spec.id}", {"config": config}).json_body
    assert changed["config"]["servable"]["fullName"] != spec.servable_name
    assert changed["config"]["servable"]["status"] == "Starting"
    assert world.host.stopped == [spec.servable_name]


def test_m20_every_change_of_a_metric_spec_is_an_event(world: World, http: Http) -> None:
    watched, metric = world.built(), metric_model(world)
    cursor = http.call("GET", "/events", accept="application/json").json_body["next"]
    spec = http.call("POST", SPECS, body(watched.id, metric.id)).json_body
    http.call("PUT", f"{SPECS}/{spec['id']}", {"config": body(1, metric.id, threshold=1)["config"]})
    http.call("DELETE", f"{SPECS}/{spec['id']}")
    events = http.call("GET", f"/events?after={cursor}").json_body["events"]
    told = [event for event in events if event["type"].startswith("MetricSpec")]
    assert [event["type"] for event in told] == ["MetricSpecUpdate", "MetricSpecUpdate", "MetricSpecRemove"]
    assert [told[0]["data"]["healthy"], told[1]["data"]["healthy"]] == ["value <= 4.5", "value <= 1.0"]
    assert told[2]["data"] == spec["id"]


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
