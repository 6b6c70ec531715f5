"""Sonar's routes over a world of fakes."""

from typing import Any

from chalice.test import Client

from app import app
from functions.sonar import wiring
from tests.unit.sonar.world import World


class MonitoringHttp:
    """A client of `/monitoring`."""

    def __init__(self, world: World) -> None:
        wiring.use(world)
        self._http = Client(app).http

    def call(self, method: str, path: str) -> Any:
        return self._http.request(method, f"/monitoring{path}", headers={"accept": "application/json"}, body=b"")

    def get(self, path: str) -> Any:
        answer = self.call("GET", path)
        assert answer.status_code == 200, answer.body
        return answer.json_body

    def refused(self, path: str, status: int = 400) -> Any:
        """The problems of a call that is refused."""
        answer = self.call("GET", path)
        assert answer.status_code == status, answer.body
        return answer.json_body
