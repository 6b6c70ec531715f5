"""What the platform says of its own interface: OpenAPI documents, and example inputs."""

from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from functions.core.example import example_inputs
from functions.core.openapi.application import application_document
from functions.doors.http import Answer, Request
from functions.manager import wiring
from functions.manager.door import etag, route

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"


@route("GET", "/api/v2/openapi.json")
def get_openapi(_request: Request) -> Answer:
    """The OpenAPI document of the whole platform."""
    return Answer(platform_document())


@route("GET", "/api/v2/application/{name}/openapi.json")
def get_application_openapi(_request: Request, name: str) -> Answer:
    """The OpenAPI document of an application's predictions."""
    ports = wiring.ports()
    application = ports.applications.get(name)
    variants = ports.servables.get_many(variant.servable_name for variant in application.stages[-1].variants)
    answering = [servable.signature for servable in variants.values()]
    return Answer(application_document(application, answering), headers=etag(application.revision))


@route("GET", "/api/v2/application/generateInputs/{name}")
def generate_inputs(_request: Request, name: str) -> dict[str, Any]:
    """An example of an application's inputs."""
    return example_inputs(wiring.ports().applications.get(name).signature)


@cache
def platform_document() -> msgspec.Raw:
    """docs/openapi.json, which the function's zip holds at the same place."""
    return msgspec.Raw(DOCUMENT.read_bytes())
