"""docs/openapi.json is true of what the handlers answer: bodies, statuses and headers."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from functions.core.errors import InvalidRequest, NotFound, Problem
from functions.core.feed import EventType
from functions.core.problem import to_problem
from functions.doors.pages import MAX_LIMIT
from functions.manager.about_routes import ABSENT
from functions.manager.complete_upload import complete_upload
from tests.unit.manager.metric_specs import MEASURE, SPECS
from tests.unit.manager.metric_specs import body as metric_body
from tests.unit.manager.test_legacy_clients import described, form, post
from tests.unit.manager.test_routes import application_body, upload_body
from tests.unit.manager.world import SIGNATURE, Http, World, archive
from tests.unit.openapi.test_document import LISTS

EXTERNAL = {"name": "elsewhere", "signature": SIGNATURE, "metadata": {"team": "birds"}}


def check(document: Any, method: str, pattern: str, answer: Any) -> None:
    """Does the answer fit what the document says of the operation? Problems may bring headers of their own."""
    responses = document["paths"][pattern][method.lower()]["responses"]
    response = responses.get(str(answer.status_code), responses["default"])
    kind = answer.headers["Content-Type"]
    assert kind in response["content"]
    assert set(answer.headers) - {"Content-Type"} <= set(response.get("headers", ())) or answer.status_code >= 400
    schema = response["content"][kind]["schema"] | {"components": document["components"]}
    Draft202012Validator(schema).validate(answer.json_body)


@pytest.mark.parametrize("error", [NotFound("gone"), InvalidRequest.of([Problem("/x", "a number", "text")])])
def test_problems_fit_their_schema(document: Any, error: Any) -> None:
    schema = {"$ref": "#/components/schemas/Problem", "components": document["components"]}
    Draft202012Validator(schema).validate(to_problem(error, "/x", "r1"))


def fill(http: Http, world: World) -> None:
    version = world.built(metadata={"a": "b"})
    http.call("POST", "/application", application_body(version.id))
    world.serve(*world.applications.get("shop").servables)
    http.call("POST", "/deployment_configuration", {"name": "small", "hpa": {"minReplicas": 1}})
    http.call("POST", "/externalmodel", EXTERNAL)
    complete_upload(world, world.uploaded(name="unread", model_signature=None, keep_versions=3))
    metric = world.built(name="distance", model_signature=MEASURE)
    for name in ("far", "near"):
        assert http.call("POST", SPECS, metric_body(version.id, metric.id, name)).status_code == 201


READS = [
    ("/model", "/model"),
    ("/model/{model_id}", "/model/1"),
    ("/model/version", "/model/version"),
    ("/model/version/{key}/{version}", "/model/version/penguins/1"),
    ("/model/version/{key}/{version}", "/model/version/elsewhere/1"),
    ("/model/version/{key}/{version}", "/model/version/unread/1"),
    ("/model/version/{key}/logs", "/model/version/1/logs"),
    ("/servable", "/servable"),
    ("/application", "/application"),
    ("/application/{name}", "/application/shop"),
    ("/application/{name}/revisions", "/application/shop/revisions"),
    ("/application/generateInputs/{name}", "/application/generateInputs/shop"),
    ("/application/{name}/openapi.json", "/application/shop/openapi.json"),
    ("/monitoring/metricspec", "/monitoring/metricspec"),
    ("/monitoring/metricspec/modelversion/{version_id}", "/monitoring/metricspec/modelversion/1"),
    ("/deployment_configuration", "/deployment_configuration"),
    ("/deployment_configuration/{name}", "/deployment_configuration/small"),
    ("/events", "/events"),
    ("/events", "/events?after=0"),
    ("/buildinfo", "/buildinfo"),
    ("/openapi.json", "/openapi.json"),
]


@pytest.mark.parametrize(("pattern", "path"), READS)
def test_reads_answer_as_declared(document: Any, http: Http, world: World, pattern: str, path: str) -> None:
    fill(http, world)
    answer = http.call("GET", path)
    assert answer.status_code == 200
    assert answer.json_body
    check(document, "GET", f"/api/v2{pattern}", answer)


def test_events_of_every_type_are_as_declared(document: Any, http: Http, world: World) -> None:
    fill(http, world)
    http.call("DELETE", "/application/shop")
    http.call("DELETE", "/deployment_configuration/small")
    http.call("DELETE", "/model/version/elsewhere/1")
    http.call("DELETE", f"{SPECS}/{world.specs.list()[0].id}")
    answer = http.call("GET", "/events?after=oldest")
    check(document, "GET", "/api/v2/events", answer)
    assert {event["type"] for event in answer.json_body["events"]} == {each.value for each in EventType}
    assert http.call("GET", "/events?after=999").status_code == 410
    assert "410" in document["paths"]["/api/v2/events"]["get"]["responses"]


@pytest.mark.parametrize("path", LISTS)
def test_a_page_and_its_way_on_are_as_declared(document: Any, http: Http, world: World, path: str) -> None:
    fill(http, world)
    second = application_body(world.built(name="others").id)
    http.call("POST", "/application", second | {"name": "second"})
    first = http.call("GET", f"{path}?limit=1")
    assert {"x-next", "Link"} <= set(first.headers)
    check(document, "GET", f"/api/v2{path}", first)
    following = http.call("GET", f"{path}?limit=1&next={first.headers['x-next']}")
    assert following.json_body != first.json_body
    check(document, "GET", f"/api/v2{path}", following)
    assert http.call("GET", f"{path}?limit={MAX_LIMIT + 1}").status_code == 400


def test_an_answer_given_again_is_as_declared(document: Any, http: Http) -> None:
    first, again = (http.call("POST", "/externalmodel", EXTERNAL, idempotency_key="k1") for _ in range(2))
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json_body == first.json_body
    check(document, "POST", "/api/v2/externalmodel", again)


def test_writes_answer_as_declared(document: Any, http: Http, world: World) -> None:
    calls: list[tuple[str, str, str, Any]] = [
        ("POST", "/model/upload", "/model/upload", upload_body()),
        ("POST", "/model/upload", "/model/upload", upload_body(name="X")),
        ("POST", "/model/upload/{upload_id}/complete", f"/model/upload/{world.uploaded()}/complete", None),
        ("POST", "/model/upload/{upload_id}/complete", "/model/upload/none/complete", None),
        ("POST", "/externalmodel", "/externalmodel", EXTERNAL),
        ("POST", "/externalmodel", "/externalmodel", {"name": "elsewhere"}),
    ]
    fill(http, world)
    changed = application_body(world.built(name="others").id)
    calls += [
        ("PUT", "/application/{name}", "/application/shop", changed),
        ("GET", "/application", "/application", None),
        ("POST", "/application/{name}/rollback", "/application/shop/rollback", {"revision": 1}),
        ("POST", "/application/{name}/rollback", "/application/second/rollback", None),
        ("POST", "/application", "/application", changed | {"name": "second"}),
        ("POST", "/servable", "/servable", {"modelName": "others", "version": 1}),
        ("DELETE", "/application/{name}", "/application/shop", None),
        ("DELETE", "/deployment_configuration/{name}", "/deployment_configuration/small", None),
        ("DELETE", "/model/{model_id}", "/model/99", None),
    ]
    statuses = []
    for method, pattern, path, body in calls:
        answer = http.call(method, path, body)
        check(document, method, f"/api/v2{pattern}", answer)
        statuses.append(answer.status_code)
    assert statuses == [201, 400, 202, 404, 201, 400, 200, 200, 200, 404, 201, 201, 200, 200, 404]


def test_metric_specs_are_as_declared(document: Any, http: Http, world: World) -> None:
    fill(http, world)
    spec = world.specs.list()[0]
    asked = metric_body(spec.model_version_id, spec.metric_version_id, "new")
    calls: list[tuple[str, str, Any, int]] = [
        ("POST", "", asked, 201),
        ("POST", "", asked, 409),
        ("POST", "", {"config": {}}, 400),
        ("GET", f"/{spec.id}", None, 200),
        ("PUT", f"/{spec.id}", {"config": asked["config"] | {"threshold": 1}}, 200),
        ("DELETE", f"/{spec.id}", None, 200),
        ("DELETE", f"/{spec.id}", None, 404),
    ]
    for method, path, body, status in calls:
        answer = http.call(method, f"{SPECS}{path}", body)
        assert answer.status_code == status
        check(document, method, f"/api/v2{SPECS}{path and '/{spec_id}'}", answer)


def test_the_answer_to_a_form_is_as_declared(document: Any, http: Http) -> None:
    answer = post(http, form(payload=archive(), metadata=described()))
    assert answer.status_code == 202
    check(document, "POST", "/api/v2/model/upload", answer)
    assert "multipart/form-data" in document["paths"]["/api/v2/model/upload"]["post"]["requestBody"]["content"]


@pytest.mark.parametrize("path", ["/api/buildinfo", *(f"/{service}/buildinfo" for service in ABSENT)])
def test_what_runs_is_told_as_declared(document: Any, http: Http, path: str) -> None:
    check(document, "GET", path, http.http.get(path))


def test_a_view_with_a_field_that_is_not_declared_is_noticed(document: Any, http: Http, world: World) -> None:
    fill(http, world)
    body = http.call("GET", "/application/shop").json_body
    schema = {"$ref": "#/components/schemas/Application", "components": document["components"]}
    assert Draft202012Validator(schema).is_valid(body)
    assert not Draft202012Validator(schema).is_valid(body | {"colour": "red"})
