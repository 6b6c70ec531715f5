"""Servables."""

from collections.abc import Collection, Iterable, Mapping
from functools import partial

import msgspec

from functions.core.errors import InvalidRequest, Problem
from functions.core.models import ModelVersion, Servable
from functions.doors.http import Answer, Request
from functions.doors.pages import paged
from functions.manager import wiring
from functions.manager.delete_servable import delete_servable
from functions.manager.deploy_servable import OWNER, deploy_servable
from functions.manager.door import route
from functions.manager.log_answers import answer_log
from functions.manager.read_log import read_servable_log
from functions.manager.share_servable import METRICS
from functions.manager.views import View, servable_view, version_view

METADATA = "metadata."  # of a query parameter: ?metadata.team=fraud
OURS = (OWNER, METRICS)
NOT_OURS = "metadata that the platform does not write"


class NewServable(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    model_name: str
    version: int
    deployment_config_name: str = msgspec.field(default="default", name="deploymentConfigName")
    metadata: dict[str, str] = {}


@route("GET", "/api/v2/servable")
def get_servables(request: Request) -> Answer:
    ports = wiring.ports()
    wanted = [servable for servable in ports.servables.list() if has_metadata(servable, request.query)]
    return paged(request, wanted, lambda each: each.name, lambda page: _views(page, ports.models.list()))


@route("POST", "/api/v2/servable")
def post_servable(request: Request) -> Answer:
    body = request.json_as(NewServable)
    if written := [Problem(f"/metadata/{key}", NOT_OURS, key) for key in OURS if key in body.metadata]:
        raise InvalidRequest.of(written)
    ports = wiring.ports()
    version = ports.models.get(body.model_name, body.version)
    servable = deploy_servable(ports, version, body.deployment_config_name, body.metadata)
    return Answer(_views([servable], [version])[0], 201)


@route("GET", "/api/v2/servable/{name}")
def get_servable(_request: Request, name: str) -> View:
    return _view(wiring.ports().servables.get(name))


@route("DELETE", "/api/v2/servable/{name}")
def remove_servable(_request: Request, name: str) -> View:
    return _view(delete_servable(wiring.ports(), name))


@route("GET", "/api/v2/servable/{name}/logs")
def get_servable_log(request: Request, name: str) -> Answer:
    return answer_log(request, partial(read_servable_log, wiring.ports(), name), ends=False)


def has_metadata(servable: Servable, query: Mapping[str, str]) -> bool:
    """Does the servable carry all metadata that a query asks for?"""
    wanted = {key.removeprefix(METADATA): value for key, value in query.items() if key.startswith(METADATA)}
    return wanted.items() <= servable.metadata.items()


def servable_views(servables: Collection[Servable]) -> list[View]:
    """With the versions that they run."""
    models = wiring.ports().models
    names = sorted({servable.model_name for servable in servables})
    return _views(servables, [version for name in names for version in models.list(name)])


def _view(servable: Servable) -> View:
    return servable_views([servable])[0]


def _views(servables: Iterable[Servable], versions: Iterable[ModelVersion]) -> list[View]:
    applications = wiring.ports().applications.list()
    known = {version.id: version_view(version, applications) for version in versions}
    return [servable_view(servable, known.get(servable.model_version_id), applications) for servable in servables]
