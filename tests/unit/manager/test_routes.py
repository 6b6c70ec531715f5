"""The management API as a client sees it: docs/api.md."""

from typing import Any

import pytest

from functions.manager.complete_upload import complete_upload
from functions.manager.deploy_servable import deploy_servable
from tests.fakes.entities import DIGEST
from tests.unit.manager.world import SIGNATURE, Http, World


def upload_body(**changes: Any) -> dict[str, Any]:
    payload = {"sha256": "0" * 64, "size": 10}
    return {"name": "penguins", "runtime": "sklearn", "modelSignature": SIGNATURE, "payload": payload} | changes


def application_body(version_id: int, **changes: Any) -> dict[str, Any]:
    stages = [{"modelVariants": [{"modelVersionId": version_id, "weight": 100}]}]
    return {"name": "shop", "executionGraph": {"stages": stages}} | changes


def test_an_announcement_is_answered_with_an_address(http: Http) -> None:
    answer = http.call("POST", "/model/upload", upload_body())
    assert answer.status_code == 201
    body = answer.json_body
    assert body["method"] == "PUT"
    assert body["uploadId"] in body["url"]
    assert body["headers"]["content-length"] == "10"
    assert body["expiresAt"] == "2026-01-01T01:00:00Z"


def test_a_bad_announcement_is_a_problem_with_pointers(http: Http) -> None:
    answer = http.call("POST", "/model/upload", upload_body(runtime="cobol", name="X"))
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert {problem["pointer"] for problem in answer.json_body["errors"]} == {"/runtime", "/name"}
    others: list[Any] = [b"", b"{", [], upload_body(payload=None), upload_body(colour="red")]
    for body in others:
        assert http.call("POST", "/model/upload", body).status_code == 400


def test_completing_answers_with_the_version(http: Http, world: World) -> None:
    upload_id = world.uploaded(metadata={"a": "b"})
    answer = http.call("POST", f"/model/upload/{upload_id}/complete")
    assert answer.status_code == 202
    assert answer.json_body == {
        "id": 1,
        "model": {"id": 1, "name": "penguins"},
        "modelVersion": 1,
        "modelSignature": {
            "signatureName": "predict",
            "inputs": [{"name": "x", "dtype": "DT_DOUBLE", "shape": {"dims": [-1, 2]}}],
            "outputs": [{"name": "y", "dtype": "DT_INT64", "shape": {"dims": [-1]}}],
        },
        "runtime": {"name": "sklearn", "tag": "sklearn-1", "sha256": None},
        "image": {"name": "registry/models", "tag": "penguins-1", "sha256": None},
        "status": "Assembling",
        "statusMessage": "",
        "created": "2026-01-01T00:00:00Z",
        "finished": None,
        "installCommand": None,
        "packageIndex": None,
        "container": None,
        "metadata": {"a": "b"},
        "monitoringConfiguration": {"batchSize": 100},
        "keepVersions": None,
        "batching": None,
        "isExternal": False,
        "applications": [],
    }


def test_m01_models_and_versions_are_listed_and_shown(http: Http, world: World) -> None:
    world.built()
    world.built()
    world.built("other")
    models = [{"id": 2, "name": "other", "versions": [1]}, {"id": 1, "name": "penguins", "versions": [1, 2]}]
    assert http.call("GET", "/model").json_body == models
    assert http.call("GET", "/model/1").json_body == models[1]
    assert [version["id"] for version in http.call("GET", "/model/version").json_body] == [1, 2, 3]
    shown = http.call("GET", "/model/version/penguins/2").json_body
    assert (shown["modelVersion"], shown["status"], shown["image"]["sha256"]) == (2, "Released", DIGEST)


def test_m08_a_version_tells_all_that_is_known_of_it(http: Http, world: World) -> None:
    metadata, monitoring = {"team": "birds", "git.sha": "abc"}, {"batchSize": 7}
    install = "pip install -r requirements.txt"
    upload = world.uploaded(install_command=install, metadata=metadata, monitoring_configuration=monitoring)
    version = complete_upload(world, upload)
    world.clock.advance(90)
    world.released(version)
    assert http.call("POST", "/application", application_body(version.id)).status_code == 201
    for path in ("/model/version/penguins/1", "/model/version"):
        shown = http.call("GET", path).json_body
        told = shown if isinstance(shown, dict) else shown[0]
        assert (told["metadata"], told["monitoringConfiguration"]) == (metadata, monitoring)
        assert told["runtime"] == {"name": "sklearn", "tag": "sklearn-1", "sha256": None}
        assert told["image"] == {"name": "registry/models", "tag": "penguins-1", "sha256": DIGEST}
        assert (told["created"], told["finished"]) == ("2026-01-01T00:00:00Z", "2026-01-01T00:01:30Z")
        assert told["modelSignature"] == SIGNATURE
        assert (told["installCommand"], told["applications"]) == (install, ["shop"])


@pytest.mark.parametrize(
    "path",
    [
        "/model/7",
        "/model/x",
        "/model/version/penguins/7",
        "/model/version/penguins/x",
        "/model/version/penguins/-1",
        "/model/version/7/logs",
        "/model/version/x/logs",
        "/servable/x",
        "/servable/x/logs",
        "/application/x",
        "/deployment_configuration/x",
    ],
)
def test_m25_what_is_not_there_is_404(http: Http, path: str) -> None:
    answer = http.call("GET", path)
    assert answer.status_code == 404
    assert answer.json_body["status"] == 404


def test_m04_a_build_log_is_followed_to_its_end(http: Http, world: World) -> None:
    version = world.built()
    world.builder.say(version.build_id, "one", "two")
    first = http.call("GET", f"/model/version/{version.id}/logs").json_body
    assert (first["lines"], first["ended"]) == (["one", "two"], False)
    last = http.call("GET", f"/model/version/{version.id}/logs?after={first['next']}").json_body
    assert last == {"lines": [], "next": first["next"], "ended": True}


def test_m01_a_model_is_deleted_once_nobody_uses_it(http: Http, world: World) -> None:
    version = world.built()
    assert http.call("POST", "/application", application_body(version.id)).status_code == 201
    for path in ("/model/version/penguins/1", "/model/1"):
        answer = http.call("DELETE", path)
        assert answer.status_code == 409
        assert "application shop" in answer.json_body["detail"]
    assert http.call("GET", "/model/version/penguins/1").json_body["applications"] == ["shop"]
    assert http.call("DELETE", "/application/shop").status_code == 200
    assert http.call("DELETE", "/model/1").status_code == 200
    assert http.call("GET", "/model").json_body == []
    assert not any(key.startswith("models/") for key in world.payloads.objects)


def test_a_number_is_never_given_again(http: Http, world: World) -> None:
    world.built()
    assert http.call("DELETE", "/model/version/penguins/1").status_code == 200
    assert world.built().version == 2


def test_m10_a_servable_is_deployed_listed_and_stopped(http: Http, world: World) -> None:
    world.built()
    body = {"modelName": "penguins", "version": 1, "metadata": {"team": "fraud"}}
    answer = http.call("POST", "/servable", body)
    assert answer.status_code == 201
    made = answer.json_body
    assert (made["status"], made["usedApps"], made["metadata"]) == ("Starting", [], {"team": "fraud"})
    assert made["replicas"] == {"desired": 1, "healthy": 0}
    assert made["deploymentConfigurationName"] == "default"
    assert made["modelVersion"]["modelVersion"] == 1
    world.serve(made["fullName"])
    assert http.call("GET", f"/servable/{made['fullName']}").json_body["status"] == "Serving"
    assert http.call("DELETE", f"/servable/{made['fullName']}").status_code == 200
    assert http.call("GET", "/servable").json_body == []


def test_m10_servables_are_found_by_their_metadata(http: Http, world: World) -> None:
    version = world.built()
    mine = deploy_servable(world, version, "default", {"team": "fraud", "x": "1"}).name
    deploy_servable(world, version, "default", {"team": "ads"})
    found = http.call("GET", "/servable?metadata.team=fraud").json_body
    assert [servable["fullName"] for servable in found] == [mine]
    assert http.call("GET", "/servable?metadata.team=fraud&metadata.x=2").json_body == []
    assert len(http.call("GET", "/servable").json_body) == 2


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"modelName": "nobody", "version": 1}, 404),
        ({"modelName": "penguins", "version": 1, "deploymentConfigName": "nowhere"}, 404),
        ({"modelName": "penguins"}, 400),
        ({"modelName": "penguins", "version": "1"}, 400),
        ({"modelName": "penguins", "version": 1, "metadata": {"dewpoint.application": "x"}}, 400),
        ({"modelName": "penguins", "version": 1, "colour": "red"}, 400),
    ],
)
def test_servables_that_cannot_be(http: Http, world: World, body: dict[str, Any], status: int) -> None:
    world.built()
    assert http.call("POST", "/servable", body).status_code == status
    assert len(world.servables) == 0


def test_m10_a_servables_log_is_followed(http: Http, world: World) -> None:
    name = deploy_servable(world, world.built(), "default", {}).name
    world.host.say(name, "ready")
    page = http.call("GET", f"/servable/{name}/logs").json_body
    assert (page["lines"], page["ended"]) == (["ready"], False)
    world.host.say(name, "called")
    assert http.call("GET", f"/servable/{name}/logs?after={page['next']}").json_body["lines"] == ["called"]


def test_m12_an_application_is_created_updated_and_deleted(http: Http, world: World) -> None:
    version = world.built()
    created = http.call("POST", "/application", application_body(version.id, metadata={"a": "b"}))
    assert created.status_code == 201
    body = created.json_body
    [stage] = body["executionGraph"]["stages"]
    [variant] = stage["modelVariants"]
    assert variant == {
        "modelVersionId": 1,
        "modelName": "penguins",
        "modelVersion": 1,
        "servableName": variant["servableName"],
        "deploymentConfigurationName": "default",
        "weight": 100,
    }
    assert (body["status"], body["revision"], body["metadata"]) == ("Assembling", 1, {"a": "b"})
    world.serve(variant["servableName"])
    shown = http.call("GET", "/application/shop")
    assert shown.json_body["status"] == "Ready"
    assert shown.headers["ETag"] == '"2"'
    updated = http.call("PUT", "/application/shop", application_body(world.built().id), if_match='"2"')
    assert updated.status_code == 200
    assert updated.json_body["id"] == body["id"]
    assert updated.json_body["status"] == "Assembling"
    assert "an update is starting" in updated.json_body["message"]
    assert updated.json_body["candidateGraph"]["stages"][0]["modelVariants"][0]["modelVersion"] == 2
    assert http.call("PUT", "/application/shop", application_body(1), if_match='"2"').status_code == 412
    assert http.call("PUT", "/application/shop", application_body(1), if_match="yesterday").status_code == 400
    assert http.call("DELETE", "/application/shop").status_code == 200
    assert http.call("GET", "/application").json_body == []


def test_what_an_answer_shows_can_be_sent_back(http: Http, world: World) -> None:
    http.call("POST", "/application", application_body(world.built().id))
    shown = http.call("GET", "/application/shop").json_body
    [servable] = world.applications.get("shop").servables
    again = http.call("PUT", "/application/shop", shown)  # what was answered may come back as it is
    assert again.status_code == 200, again.json_body
    assert world.applications.get("shop").servables == (servable,)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"metdata": {}}, "/metdata"),
        ({"kafkaStreaming": [{"sourceTopic": "a"}]}, "/kafkaStreaming"),
        (
            {"executionGraph": {"stages": [{"modelVariants": [{"modelVersionId": 1}], "name": "x"}]}},
            "/executionGraph/stages/0/name",
        ),
    ],
)
def test_m12_a_field_that_nobody_knows_is_refused_by_its_name(
    http: Http, changes: dict[str, Any], pointer: str
) -> None:
    for method, path in (("POST", "/application"), ("PUT", "/application/shop")):
        answer = http.call(method, path, application_body(1, **changes))
        assert answer.status_code == 400
        assert [problem["pointer"] for problem in answer.json_body["errors"]] == [pointer]


def test_m14_a_version_that_is_not_released_is_refused_by_name(http: Http, world: World) -> None:
    http.call("POST", f"/model/upload/{world.uploaded()}/complete")
    answer = http.call("POST", "/application", application_body(1))
    assert answer.status_code == 400
    assert answer.json_body["errors"][0]["received"] == "penguins:1, which is Assembling"


def test_m18_a_deployment_configuration_is_created_listed_and_deleted_but_for_the_default(http: Http) -> None:
    body = {
        "name": "small",
        "container": {"resources": {"limits": {"cpu": "500m", "memory": "1Gi"}}, "env": {"KEY": "value"}},
        "deployment": {"replicaCount": 1},
    }
    created = http.call("POST", "/deployment_configuration", body)
    assert created.status_code == 201
    assert created.json_body == body | {"provisioned": {"cpu": 0.5, "memory": 1024}}
    assert http.call("GET", "/deployment_configuration/small").json_body == created.json_body
    assert [item["name"] for item in http.call("GET", "/deployment_configuration").json_body] == ["default", "small"]
    assert http.call("POST", "/deployment_configuration", body).status_code == 409
    assert http.call("DELETE", "/deployment_configuration/small").status_code == 200
    assert http.call("DELETE", "/deployment_configuration/default").status_code == 409


def test_what_runs(http: Http) -> None:
    info = http.call("GET", "/buildinfo").json_body
    assert info["name"] == "dewpoint-manager"
    assert info["runtimes"] == ["custom", "onnx", "python", "sklearn"]
