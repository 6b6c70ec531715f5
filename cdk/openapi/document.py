"""The document: every route of the Chalice application, with what is declared about it.

A route that nobody declared is in it all the same: its docstring is the summary, its bodies are any JSON.
"""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from chalice.app import Chalice, RouteEntry
from msgspec.structs import replace

from cdk.openapi.management import MANAGEMENT
from cdk.openapi.monitoring import MONITORING
from cdk.openapi.operation import BINARY, FORM, JSON, STREAM, Header, Operation, Operations
from cdk.openapi.predictions import PREDICTIONS
from functions.core.openapi.application import VERSION as OPENAPI
from functions.core.openapi.problems import PROBLEM_SCHEMAS, SECURITY, SECURITY_SCHEMES, problem_responses
from functions.core.version import VERSION

DECLARED: Operations = {**PREDICTIONS, **MANAGEMENT, **MONITORING}
NUMBERS = {"model_id", "version_id", "other_id"}  # path parameters that are numbers wherever they stand
MANAGEMENT_NUMBERS = {"version"}  # a version of an application may be spelled model:number
REQUEST_ID = Header("x-request-id", "The caller's own, if it sent one.")
EVENTS = {STREAM: {"schema": {"type": "string"}}}
STREAM_ENDS: dict[str, Any] = {
    "204": {"description": "The stream has ended: do not come back."},
    "307": {"description": "Nothing yet: ask at `Location`."},
}
LOCATION = Header("Location", "Where the answer is, for a quarter of an hour.")
TAGS = {
    "gateway": "Predictions",
    "manager": "Management",
    "access": "API keys",
    "alerts": "Monitoring",
    "sonar": "Monitoring",
}


def build_document(app: Chalice, declared: Operations = DECLARED) -> dict[str, Any]:
    """The OpenAPI 3.1 document of `app`."""
    known = [(entry, declared.get((entry.method, entry.uri_pattern)) or undeclared(entry)) for entry in routes(app)]
    schemas = Schemas([REQUEST_ID.kind, *(kind for _, operation in known for kind in kinds(operation))])
    paths: dict[str, Any] = {}
    for entry, operation in known:
        paths.setdefault(entry.uri_pattern, {})[entry.method.lower()] = describe(entry, operation, schemas)
    return {
        "openapi": OPENAPI,
        "info": {"title": "Dewpoint", "version": VERSION, "description": "Predictions and management."},
        "servers": [{"url": "/"}],
        "security": SECURITY,
        "paths": paths,
        "components": {"securitySchemes": SECURITY_SCHEMES, "schemas": schemas.components | PROBLEM_SCHEMAS},
    }


class Schemas:
    """JSON Schemas of types; those of structs are components that others refer to."""

    def __init__(self, kinds: list[Any]) -> None:
        self._kinds = kinds
        schemas, components = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
        self._schemas = schemas
        self.components: dict[str, Any] = dict(sorted(components.items()))

    def of(self, kind: Any) -> Any:
        return self._schemas[self._kinds.index(kind)]


def routes(app: Chalice) -> Iterator[RouteEntry]:
    """In a stable order."""
    for path in sorted(app.routes):
        yield from (app.routes[path][method] for method in sorted(app.routes[path]))


def kinds(operation: Operation) -> list[Any]:
    """The types an operation speaks of."""
    small = [each.kind for each in operation.parameters] + [each.kind for each in operation.headers]
    large = (operation.request, operation.answer, operation.unready, operation.form, operation.accepted)
    return [kind for kind in (*large, operation.elsewhere, *small) if kind is not None]


def undeclared(entry: RouteEntry) -> Operation:
    said = (entry.view_function.__doc__ or "").strip().partition("\n")[0]
    request = Any if entry.method in ("POST", "PUT", "PATCH") else None
    summary = said or entry.view_function.__name__.replace("_", " ").capitalize()
    return Operation(summary=summary, request=request, optional=True)


def describe(entry: RouteEntry, operation: Operation, schemas: Schemas) -> dict[str, Any]:
    """The OpenAPI operation object."""
    parameters = [path_parameter(entry, name) for name in re.findall(r"{(\w+)}", entry.uri_pattern)]
    parameters += [
        {"name": each.name, "in": each.place, "description": each.description, "schema": schemas.of(each.kind)}
        for each in operation.parameters
    ]
    described = {
        "operationId": operation_id(entry),
        "summary": operation.summary,
        "tags": [TAGS[str(entry.view_function.__module__).split(".")[1]]],
        "parameters": parameters,
        "requestBody": body(operation, schemas),
        "responses": responses(entry, operation, schemas),
    }
    return {key: value for key, value in described.items() if value}


def path_parameter(entry: RouteEntry, name: str) -> dict[str, Any]:
    managed = entry.uri_pattern.startswith("/api/")
    is_number = name in NUMBERS or (managed and name in MANAGEMENT_NUMBERS)
    schema = {"type": "integer", "minimum": 1} if is_number else {"type": "string", "minLength": 1}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def operation_id(entry: RouteEntry) -> str:
    """get_model_version_key_version: the method and the words of the path, which no other operation has."""
    words = re.findall(r"\w+", entry.uri_pattern.removeprefix("/api/v2"))
    return "_".join([entry.method.lower(), *words])


def body(operation: Operation, schemas: Schemas) -> dict[str, Any] | None:
    if operation.request is None:
        return None
    form = {} if operation.form is None else {FORM: {"schema": schemas.of(operation.form)}}
    files = {media: {"schema": {"type": "string", "format": "binary"}} for media in operation.files}
    bodies = content(operation, schemas.of(operation.request)) | form | files
    return {"required": not operation.optional, "content": bodies}


def responses(entry: RouteEntry, operation: Operation, schemas: Schemas) -> dict[str, Any]:
    success = {
        "description": "Done.",
        "headers": headers(operation, schemas),
        "content": content(operation, schemas.of(operation.answer)) | (EVENTS if operation.streams else {}),
    }
    refusals = set(operation.refusals)
    refusals |= {404} if "{" in entry.uri_pattern else set()
    refusals |= {400, 413} if operation.request is not None else set()
    described = {str(operation.status): success, **problem_responses(*refusals)}
    if operation.accepted is not None:
        schema = schemas.of(operation.accepted)
        described["202"] = success | {"description": "Accepted.", "content": content(operation, schema)}
    if operation.streams:
        described |= STREAM_ENDS
    if operation.unready is not None:
        described["503"] = {"description": "Not ready.", "content": content(operation, schemas.of(operation.unready))}
    if operation.elsewhere is not None:
        described["303"] = {
            "description": "The answer is too large for HTTP: it is at the address in Location.",
            "headers": headers(replace(operation, headers=(*operation.headers, LOCATION)), schemas),
            "content": {JSON: {"schema": schemas.of(operation.elsewhere)}},
        }
    return described


def headers(operation: Operation, schemas: Schemas) -> dict[str, Any]:
    named = (*operation.headers, REQUEST_ID)
    return {each.name: {"description": each.description, "schema": schemas.of(each.kind)} for each in named}


def content(operation: Operation, schema: Any) -> dict[str, Any]:
    raw = {BINARY: {"schema": {"type": "string", "format": "binary"}}} if operation.tensors else {}
    return {JSON: {"schema": schema}, **raw}
