"""The command line against the platform's real management code: the client and docs/api.md cannot drift apart.

The manager's own world in memory stands behind a real HTTP server; builds succeed and servables serve when looked at.
"""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from functions.core.ports import Presigned
from functions.manager import wiring
from functions.manager.finish_build import finish_build
from tests.unit.manager.world import Http, World
from tests.unit.sdk.conftest import Cli

STORAGE = "/storage/"
API = "/api/v2"


class Platform:
    """An HTTP server on loopback before the manager's routes, and storage beside them."""

    def __init__(self) -> None:
        self.world = World()
        self.http = Http(self.world)
        self.signed: dict[str, Presigned] = {}
        self.server = HTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        signing = self.world.payloads.presign
        self.world.payloads.presign = lambda *args: self._reachable(signing(*args))  # type: ignore[method-assign]

    def _reachable(self, presigned: Presigned) -> Presigned:
        number = str(len(self.signed))
        self.signed[number] = presigned
        return Presigned(f"{self.url}{STORAGE}{number}", presigned.headers)

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        if path.startswith(STORAGE):
            return self.world.payloads.upload(self.signed[path.removeprefix(STORAGE)], body), b""
        self.go_on()
        answer = self.http.call(method, path.removeprefix(API), body)
        return answer.status_code, answer.body

    def go_on(self) -> None:
        """What builder and host would have done in the meantime."""
        for build_id in self.world.builder.started:
            self.world.builder.succeed(build_id)
            finish_build(self.world, build_id)
        self.world.serve(*self.world.host.running)


def _handler(platform: Platform) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            status, content = platform.answer(self.command, self.path, body)
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815 (http.server finds them by these names)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    return Handler


@pytest.fixture
def manager(socket_enabled: None, offline_cli: Cli) -> Iterator[Cli]:
    platform = Platform()
    thread = threading.Thread(target=platform.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    offline_cli("context", "add", "manager", "--url", platform.url)
    yield offline_cli
    platform.server.shutdown()
    platform.server.server_close()
    thread.join()
    wiring.use(None)


def outcomes(applied: list[dict[str, str]]) -> list[tuple[str, str, str]]:
    return [(outcome["name"], outcome["action"], outcome["status"]) for outcome in applied]


def test_apply_twice_then_a_new_version(manager: Cli, model_folder: Path) -> None:
    created = manager.json("apply", "-f", model_folder)
    assert outcomes(created) == [("adder:1", "created", "Released"), ("adder", "created", "Ready")]
    before = manager.json("app", "show", "adder")
    assert {outcome["action"] for outcome in manager.json("apply", "-f", model_folder)} == {"unchanged"}
    assert manager.json("app", "show", "adder") == before
    (model_folder / "requirements.txt").write_text("numpy\nscipy")
    changed = manager.json("apply", "-f", model_folder)
    assert outcomes(changed) == [("adder:2", "created", "Released"), ("adder", "updated", "Ready")]
    after = manager.json("app", "show", "adder")
    assert after["id"] == before["id"]
    assert after["executionGraph"]["stages"][0]["modelVariants"][0]["modelVersion"] == 2


def test_a_configuration_is_found_again_as_it_was_written(manager: Cli, tmp_path: Path) -> None:
    document = tmp_path / "small.yaml"
    document.write_text(
        "kind: DeploymentConfiguration\nname: small\nhpa: {minReplicas: 1, maxReplicas: 4, cpuUtilization: 80}\n"
        "container: {resources: {limits: {cpu: 0.5, memory: 1G}, requests: {cpu: 250m}}, env: {THREADS: 2}}\n"
        "deployment: {replicaCount: 2}\npod: {nodeSelector: {im: a_map}}\n"
    )
    assert manager.json("apply", "-f", document)[0]["action"] == "created"
    assert manager.json("apply", "-f", document)[0]["action"] == "unchanged"
    assert "small" in manager("depconf", "list").stdout
    manager("depconf", "rm", "small")
    assert "(404)" in manager("depconf", "show", "small", code=1).stderr


def test_everything_is_listed_shown_and_removed(manager: Cli, model_folder: Path) -> None:
    manager("apply", "-f", model_folder)
    assert "adder:1" in manager("model", "list").stdout
    assert manager.json("model", "show", "adder:1")["applications"] == ["adder"]
    manager("model", "logs", "adder:1")
    (own,) = manager.json("servable", "list")
    manager("servable", "logs", own["fullName"])
    assert "(409)" in manager("servable", "rm", own["fullName"], code=1).stderr
    assert "(409)" in manager("model", "rm", "adder", code=1).stderr
    (deployed,) = manager.json("servable", "deploy", "adder:1", "-m", "team=blue")
    assert (deployed["status"], deployed["metadata"]["team"]) == ("Serving", "blue")
    manager("app", "rm", "adder")
    manager("servable", "rm", deployed["fullName"])
    assert manager.json("servable", "list") == []
    manager("model", "rm", "adder")
    assert manager.json("model", "list") == []
    assert manager.json("buildinfo")["platform"]["name"]


def test_refusals_are_told_field_by_field(manager: Cli, model_folder: Path) -> None:
    document = model_folder / "serving.yaml"
    document.write_text(document.read_text().replace("runtime: python", "runtime: fortran"))
    assert "/runtime: expected one of the runtimes" in manager("apply", "-f", model_folder, code=1).stderr
