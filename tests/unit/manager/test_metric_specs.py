"""Metric specs over HTTP: created, shown, changed and deleted, and what is refused."""

from typing import Any

import pytest
from msgspec.structs import replace

from functions.core.checks import Operator
from functions.core.models import VersionStatus
from tests.unit.manager.metric_specs import SPECS, body, created, metric_model, pointers
from tests.unit.manager.test_external_models import EXTERNAL
from tests.unit.manager.world import SIGNATURE, Http, World


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
