"""Sonar's routes through Chalice's own test client."""

import json
from typing import Any

from chalice.test import Client, HTTPResponse

from app import app
from functions.sonar import wiring
from tests.unit.sonar.world import World


class Http:
    def __init__(self, world: World) -> None:
        wiring.use(world)
        # The real application: Chalice can register a blueprint only once.
        self.http = Client(app).http

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> HTTPResponse:
        """Bytes go as they are, anything else as JSON; `_` in a header's name is `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        raw = body or b""
        if not isinstance(raw, bytes):
            raw, named = json.dumps(body).encode(), {"content-type": "application/json", **named}
        return self.http.request(method, f"/monitoring{path}", headers=named, body=raw)

    def json(self, method: str, path: str, body: Any = None, status: int = 200, **headers: str) -> Any:
        answer = self.call(method, path, body, **headers)
        assert answer.status_code == status, answer.body
        return json.loads(answer.body)
