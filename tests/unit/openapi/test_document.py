"""docs/openapi.json: there, valid, complete, and true of what the handlers answer."""

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from app import app
from cdk.openapi import requests
from cdk.openapi.__main__ import TARGET, render
from cdk.openapi.document import DECLARED, build_document
from functions.access.routes import NewKey
from functions.core.errors import InvalidRequest, NotFound, Problem
from functions.core.problem import to_problem
from functions.manager import wiring
from functions.manager.announce_upload import NewUpload, Payload
from tests.unit.manager.test_routes import application_body, upload_body
from tests.unit.manager.world import Http, World


@pytest.fixture(scope="module")
def document() -> Any:
    return json.loads(TARGET.read_text())


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def http(world: World) -> Iterator[Http]:
    yield Http(world)
    wiring.use(None)


def check(document: Any, method: str, pattern: str, answer: Any) -> None:
    """Does the answer fit what the document says of the operation?"""
    responses = document["paths"][pattern][method.lower()]["responses"]
    response = responses.get(str(answer.status_code), responses["default"])
    [kind] = response["content"]
    assert answer.headers["Content-Type"] == kind
    schema = response["content"][kind]["schema"] | {"components": document["components"]}
    Draft202012Validator(schema).validate(answer.json_body)


def test_the_committed_document_is_fresh() -> None:
    assert TARGET.read_text() == render(), "docs/openapi.json is stale: make openapi"


def test_it_is_openapi_3_1(document: Any) -> None:
    assert document["openapi"].startswith("3.1.")
    validate(document)


def test_every_route_is_in_it_and_nothing_else(document: Any) -> None:
    declared = {(method.lower(), path) for path, entries in app.routes.items() for method in entries}
    described = {(method, path) for path, item in document["paths"].items() for method in item}
    assert len(described) > 30
    assert described == declared
    names = [operation["operationId"] for item in document["paths"].values() for operation in item.values()]
    assert len(set(names)) == len(names)
    for path, item in document["paths"].items():
        for operation in item.values():
            placed = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "path"}
            assert placed == set(re.findall(r"{(\w+)}", path))


def test_no_declaration_outlives_its_route() -> None:
    routes = {(method, path) for path, entries in app.routes.items() for method in entries}
    assert set(DECLARED) <= routes


def test_a_route_that_nobody_declared_is_in_it_by_its_docstring() -> None:
    document = build_document(app, {})
    operation = document["paths"]["/api/v2/openapi.json"]["get"]
    assert operation["summary"] == "The OpenAPI document of the whole platform."
    assert "requestBody" in document["paths"]["/api/v2/application"]["post"]
    validate(document)


def test_every_call_needs_the_key_and_may_be_refused_as_a_problem(document: Any) -> None:
    [scheme] = document["components"]["securitySchemes"].values()
    assert scheme == {"type": "apiKey", "in": "header", "name": "x-api-key"}
    assert document["security"] == [{"apiKey": []}]
    for item in document["paths"].values():
        for operation in item.values():
            assert {"401", "403", "default"} <= set(operation["responses"])


@pytest.mark.parametrize("error", [NotFound("gone"), InvalidRequest.of([Problem("/x", "a number", "text")])])
def test_problems_fit_their_schema(document: Any, error: Any) -> None:
    schema = {"$ref": "#/components/schemas/Problem", "components": document["components"]}
    Draft202012Validator(schema).validate(to_problem(error, "/x", "r1"))


def fill(http: Http, world: World) -> None:
    version = world.built(metadata={"a": "b"})
    http.call("POST", "/application", application_body(version.id))
    world.serve(*world.applications.get("shop").servables)
    http.call("POST", "/deployment_configuration", {"name": "small", "hpa": {"minReplicas": 1}})


READS = [
    ("/model", "/model"),
    ("/model/{model_id}", "/model/1"),
    ("/model/version", "/model/version"),
    ("/model/version/{key}/{version}", "/model/version/penguins/1"),
    ("/model/version/{key}/logs", "/model/version/1/logs"),
    ("/servable", "/servable"),
    ("/application", "/application"),
    ("/application/{name}", "/application/shop"),
    ("/application/generateInputs/{name}", "/application/generateInputs/shop"),
    ("/application/{name}/openapi.json", "/application/shop/openapi.json"),
    ("/deployment_configuration", "/deployment_configuration"),
    ("/deployment_configuration/{name}", "/deployment_configuration/small"),
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


def test_writes_answer_as_declared(document: Any, http: Http, world: World) -> None:
    calls: list[tuple[str, str, str, Any]] = [
        ("POST", "/model/upload", "/model/upload", upload_body()),
        ("POST", "/model/upload", "/model/upload", upload_body(name="X")),
        ("POST", "/model/upload/{upload_id}/complete", f"/model/upload/{world.uploaded()}/complete", None),
        ("POST", "/model/upload/{upload_id}/complete", "/model/upload/none/complete", None),
    ]
    fill(http, world)
    changed = application_body(world.built(name="others").id)
    calls += [
        ("PUT", "/application/{name}", "/application/shop", changed),
        ("GET", "/application", "/application", None),
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
    assert statuses == [201, 400, 202, 404, 200, 200, 201, 201, 200, 200, 404]


def test_a_view_with_a_field_that_is_not_declared_is_noticed(document: Any, http: Http, world: World) -> None:
    fill(http, world)
    body = http.call("GET", "/application/shop").json_body
    schema = {"$ref": "#/components/schemas/Application", "components": document["components"]}
    assert Draft202012Validator(schema).is_valid(body)
    assert not Draft202012Validator(schema).is_valid(body | {"colour": "red"})


@pytest.mark.parametrize(
    ("declared", "read"),
    [(requests.NewUpload, NewUpload), (requests.UploadedPayload, Payload), (requests.NewKey, NewKey)],
)
def test_declared_requests_have_the_fields_that_the_handlers_read(declared: type, read: type) -> None:
    def fields(kind: type) -> dict[str, bool]:
        return {field.encode_name: field.required for field in msgspec.structs.fields(kind)}

    assert fields(declared) == fields(read)


def test_raw_tensors_and_their_header_are_declared(document: Any) -> None:
    infer = document["paths"]["/v2/models/{name}/infer"]["post"]
    assert set(infer["requestBody"]["content"]) == {"application/json", "application/octet-stream"}
    assert "Inference-Header-Content-Length" in {each["name"] for each in infer["parameters"]}
