"""API keys, for administrators."""

from typing import Any

import msgspec
from chalice.app import Blueprint

from functions.access import wiring
from functions.access.create_key import create_key
from functions.access.delete_key import delete_key
from functions.access.views import to_view
from functions.doors.http import Answer, Door, Request
from functions.doors.pages import paged

routes = Blueprint(__name__)
route = Door(routes)


class NewKey(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    role: str
    quota: dict[str, Any] | None = None


@route("GET", "/api/v2/api_key")
def list_keys(request: Request) -> Answer:
    keys = wiring.ports().keys.list()
    return paged(request, keys, lambda key: key.name, lambda page: list(map(to_view, page)))


@route("POST", "/api/v2/api_key")
def post_key(request: Request) -> Answer:
    body = request.json_as(NewKey)
    ports = wiring.ports()
    key, secret = create_key(ports.keys, ports.clock, body.name, body.role, body.quota)
    return Answer({**to_view(key), "key": secret}, 201)


@route("DELETE", "/api/v2/api_key/{name}")
def remove_key(request: Request, name: str) -> dict[str, Any]:
    return to_view(delete_key(wiring.ports().keys, name, request.caller.get("name")))
