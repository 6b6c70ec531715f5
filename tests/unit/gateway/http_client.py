"""The gateway's routes through Chalice's own test client, over a world of fakes."""

import json
from typing import Any

from chalice.app import Chalice
from chalice.test import Client, HTTPResponse

from functions.gateway.routes import build_routes
from tests.unit.gateway.worlds import World


class HttpGateway:
    def __init__(self, world: World) -> None:
        app = Chalice("gateway-test")
        app.api.binary_types = []
        app.register_blueprint(build_routes(lambda: world.ports))
        self._client = Client(app)

    def get(self, path: str) -> HTTPResponse:
        return self._client.http.get(path)

    def post(self, path: str, body: Any = b"", headers: dict[str, str] | None = None) -> HTTPResponse:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self._client.http.post(path, body=raw, headers=headers or {})
