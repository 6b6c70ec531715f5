"""docs/openapi.json: there, valid, and complete."""

import re
from typing import Any

import msgspec
import pytest
from openapi_spec_validator import validate

from app import app
from cdk.openapi import requests
from cdk.openapi.__main__ import TARGET, render
from cdk.openapi.document import DECLARED, build_document
from functions.access.routes import NewKey
from functions.doors.pages import DEFAULT_LIMIT, MAX_LIMIT
from functions.gateway.options import STICKY_HEADER, VARIANT_HEADER
from functions.manager.announce_upload import NewUpload, Payload
from functions.manager.register_external import NewExternalModel

LISTS = [
    "/model",
    "/model/version",
    "/servable",
    "/application",
    "/deployment_configuration",
    "/monitoring/metricspec",
]
SHORT_LISTS = ["/api_key", "/application/{name}/revisions", "/monitoring/metricspec/modelversion/{version_id}"]


def parameters(document: Any, path: str, method: str) -> dict[str, Any]:
    return {each["name"]: each for each in document["paths"][path][method].get("parameters", ())}


def test_the_committed_document_is_fresh() -> None:
    assert TARGET.read_text() == render(), "docs/openapi.json is stale: make openapi"


@pytest.mark.slow
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


@pytest.mark.slow
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


def test_every_list_of_the_management_comes_in_pages(document: Any) -> None:
    lists = {
        path.removeprefix("/api/v2")
        for path, item in document["paths"].items()
        if path.startswith("/api/v2") and "get" in item and "x-next" in item["get"]["responses"]["200"]["headers"]
    }
    assert lists == {*LISTS, *SHORT_LISTS}
    for path in lists:
        named = parameters(document, f"/api/v2{path}", "get")
        assert "next" in named
        limit = named["limit"]["schema"]
        assert (limit["minimum"], limit["maximum"], limit["default"]) == (1, MAX_LIMIT, DEFAULT_LIMIT)


def test_exactly_the_posts_that_may_be_repeated_say_so(document: Any) -> None:
    """Behind the manager's door every POST is wrapped, which keeps what it wraps."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            repeatable = method == "post" and operation["tags"] == ["Management"]
            assert ("Idempotency-Key" in parameters(document, path, method)) == repeatable, path
            success = operation["responses"][min(operation["responses"])]
            assert ("Idempotency-Replayed" in success["headers"]) == repeatable, path


@pytest.mark.parametrize(
    ("declared", "read"),
    [
        (requests.NewUpload, NewUpload),
        (requests.UploadedPayload, Payload),
        (requests.NewExternalModel, NewExternalModel),
        (requests.NewKey, NewKey),
    ],
)
def test_declared_requests_have_the_fields_that_the_handlers_read(declared: type, read: type) -> None:
    def fields(kind: type) -> dict[str, bool]:
        return {field.encode_name: field.required for field in msgspec.structs.fields(kind)}

    assert fields(declared) == fields(read)


def test_raw_tensors_and_their_header_are_declared(document: Any) -> None:
    infer = document["paths"]["/v2/models/{name}/infer"]["post"]
    assert set(infer["requestBody"]["content"]) == {"application/json", "application/octet-stream"}
    assert "Inference-Header-Content-Length" in {each["name"] for each in infer["parameters"]}
    assert "Inference-Header-Content-Length" in infer["responses"]["200"]["headers"]


@pytest.mark.parametrize(
    ("path", "chosen"),
    [
        ("/v2/models/{name}/infer", True),
        ("/v2/models/{name}/versions/{version}/infer", True),
        ("/gateway/application/{name}", True),
        ("/gateway/servable/{name}", False),  # a servable has no variants
    ],
)
def test_what_chooses_a_variant_is_declared_where_there_is_a_choice(document: Any, path: str, chosen: bool) -> None:
    named = set(parameters(document, path, "post"))
    assert "x-dewpoint-observe" in named
    assert named & {STICKY_HEADER, VARIANT_HEADER} == ({STICKY_HEADER, VARIANT_HEADER} if chosen else set())
