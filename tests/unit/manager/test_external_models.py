"""Models that run elsewhere: registered, listed, deleted; never deployed."""

from typing import Any

from tests.unit.manager.test_routes import upload_body
from tests.unit.manager.world import SIGNATURE, Http, World

EXTERNAL: dict[str, Any] = {
    "name": "elsewhere",
    "modelSignature": SIGNATURE,
    "metadata": {"team": "birds"},
    "monitoringConfiguration": {"batchSize": 50},
}


def test_m07_an_external_model_is_released_at_once(http: Http) -> None:
    answer = http.call("POST", "/externalmodel", EXTERNAL)
    assert answer.status_code == 201
    body = answer.json_body
    assert (body["isExternal"], body["status"], body["modelVersion"]) == (True, "Released", 1)
    assert (body["runtime"], body["image"]) == (None, None)
    assert (body["metadata"], body["monitoringConfiguration"]) == ({"team": "birds"}, {"batchSize": 50})
    assert body["modelSignature"]["inputs"][0]["name"] == "x"
    assert http.call("POST", "/externalmodel", EXTERNAL).json_body["modelVersion"] == 2


def test_s22_a_monitoring_configuration_that_cannot_be_is_refused(http: Http) -> None:
    answer = http.call(
        "POST", "/externalmodel", EXTERNAL | {"monitoringConfiguration": {"logDays": 0, "batchSize": "x"}}
    )
    assert answer.status_code == 400
    pointers = [problem["pointer"] for problem in answer.json_body["errors"]]
    assert pointers == ["/monitoringConfiguration/batchSize", "/monitoringConfiguration/logDays"]
    unknown = http.call("POST", "/externalmodel", EXTERNAL | {"monitoringConfiguration": {"batch_size": 7}})
    assert unknown.json_body["errors"][0]["pointer"] == "/monitoringConfiguration/batch_size"
    body = upload_body(monitoringConfiguration={"logDays": 0})
    answer = http.call("POST", "/model/upload", body)
    assert answer.json_body["errors"][0]["pointer"] == "/monitoringConfiguration/logDays"


def test_it_is_listed_with_the_others(world: World, http: Http) -> None:
    world.built()
    http.call("POST", "/externalmodel", EXTERNAL)
    listed = {item["model"]["name"]: item["isExternal"] for item in http.call("GET", "/model/version").json_body}
    assert listed == {"penguins": False, "elsewhere": True}
    assert http.call("GET", "/model/version/elsewhere/1").json_body["isExternal"] is True


def test_signature_is_another_word_for_model_signature(http: Http) -> None:
    short = {"name": "elsewhere", "signature": SIGNATURE}
    assert http.call("POST", "/externalmodel", short).status_code == 201
    wrong = http.call("POST", "/externalmodel", {"name": "Else where", "signature": {}}).json_body
    assert {problem["pointer"] for problem in wrong["errors"]} >= {"/name", "/signature/signatureName"}
    missing = http.call("POST", "/externalmodel", {"name": "elsewhere"}).json_body
    assert [problem["pointer"] for problem in missing["errors"]] == ["/modelSignature"]


def test_m07_it_cannot_be_deployed(world: World, http: Http) -> None:
    version = http.call("POST", "/externalmodel", EXTERNAL).json_body
    refused = http.call("POST", "/servable", {"modelName": "elsewhere", "version": 1})
    assert refused.status_code == 409
    assert "is external: it runs elsewhere and cannot be deployed here" in refused.json_body["detail"]
    graph = {"stages": [{"modelVariants": [{"modelVersionId": version["id"]}]}]}
    refused = http.call("POST", "/application", {"name": "a", "executionGraph": graph})
    assert refused.status_code == 400
    assert refused.json_body["errors"] == [
        {
            "pointer": "/executionGraph/stages/0/modelVariants/0",
            "expected": "a version that can be deployed",
            "received": "elsewhere:1, which is external: it runs elsewhere",
        }
    ]
    assert len(world.servables) == 0


def test_it_has_no_build_log_and_can_be_deleted(world: World, http: Http) -> None:
    version = http.call("POST", "/externalmodel", EXTERNAL).json_body
    log = http.call("GET", f"/model/version/{version['id']}/logs").json_body
    assert log == {"lines": [], "next": None, "ended": True}
    assert http.call("DELETE", "/model/version/elsewhere/1").status_code == 200
    assert len(world.models) == 0


def test_s17_alert_rules_that_cannot_be_are_refused(http: Http) -> None:
    rules = {"window": 60, "minShare": 0.05}
    good = EXTERNAL | {"monitoringConfiguration": {"batchSize": 50, "alerts": rules}}
    assert http.call("POST", "/externalmodel", good).status_code == 201
    for wrong, pointer in (({"minShare": 2}, "minShare"), ({"every": 5}, "every"), ({"window": 0}, "window")):
        bad = EXTERNAL | {"monitoringConfiguration": {"alerts": wrong}}
        answer = http.call("POST", "/externalmodel", bad)
        assert answer.status_code == 400
        assert [each["pointer"] for each in answer.json_body["errors"]] == [
            f"/monitoringConfiguration/alerts/{pointer}"
        ]
