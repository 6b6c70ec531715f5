"""The client and the command line against the real routes of monitoring; files have addresses of their own."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from chalice.test import Client
from dewpoint import Dewpoint
from dewpoint.cli.log_commands import ended
from dewpoint.errors import BadRequest, InvalidInput, NotFound
from dewpoint.request_log import Filter

from app import app
from functions.adapters.parquet import columns, to_parquet
from functions.manager import wiring as manager_wiring
from functions.sonar import wiring
from functions.sonar.tend_log import tend_logs
from tests.unit.sdk.conftest import Cli
from tests.unit.sdk.loopback import Answer, LoopbackServer, Request
from tests.unit.sonar.world import START, X_TO_Y, World, call, number, prediction

STORAGE = "/storage/"
MOMENT = datetime.fromtimestamp(START, UTC)


class Platform:
    """Monitoring's routes, the manager's over the same versions, and the files of the log."""

    def __init__(self) -> None:
        self.world = World()
        self.server = LoopbackServer(self.answer)
        self.fetched: list[str] = []
        wiring.use(self.world)
        self._http = Client(app).http
        self.world.files.address = lambda key, _: f"{self.server.url}{STORAGE}{key}"  # type: ignore[method-assign]

    def answer(self, request: Request) -> Answer:
        if request.path.startswith(STORAGE):
            assert "x-api-key" not in request.headers
            self.fetched.append(request.path)
            return Answer(raw=to_parquet(X_TO_Y, self.world.files.rows[request.path.removeprefix(STORAGE)]))
        if request.path == "/api/v2/model/version":
            versions = [self._version(version) for version in self.world.models.list()]
            return Answer(versions)
        said = self._http.request(request.method, request.target, headers=request.headers, body=request.raw)
        return Answer(status=said.status_code, headers=dict(said.headers), raw=said.body)

    def _version(self, version: Any) -> dict[str, Any]:
        model = {"id": 1, "name": version.name}
        return {"id": version.id, "model": model, "modelVersion": version.version, "status": "Released"}


@pytest.fixture
def monitoring(socket_enabled: None) -> Iterator[Platform]:
    made = Platform()
    made.server.start()
    yield made
    made.server.stop()
    wiring.use(None)
    manager_wiring.use(None)


@pytest.fixture
def client(monitoring: Platform) -> Iterator[Dewpoint]:
    with Dewpoint(monitoring.server.url, "dp_key", timeout=30) as opened:
        yield opened


def fill(world: World, count: int = 30) -> None:
    for n in range(count):
        world.observe(prediction(f"r{n:02}", START + n * 600, x=float(n)))


def ids(rows: Any) -> list[str]:
    return [row["_hs_request_id"] for row in rows]


def test_s14_requests_are_fetched_as_they_are_taken(client: Dewpoint, monitoring: Platform) -> None:
    fill(monitoring.world)
    newest = [f"r{n:02}" for n in range(29, -1, -1)]
    assert ids(client.log.requests(1)) == newest
    assert ids(client.log.requests(1, limit=3)) == newest[:3]
    window = Filter(since=MOMENT + timedelta(hours=1), where="x < 9", error=False)
    assert ids(client.log.requests(1, window)) == ["r08", "r07", "r06"]
    assert ids(client.log.request("r07")) == ["r07"]
    assert client.log.sample(1, 4, seed=7) == client.log.sample(1, 4, seed=7)
    with pytest.raises(NotFound):
        client.log.request("none")
    with pytest.raises(BadRequest, match="where"):
        list(client.log.requests(1, Filter(where="nonsense")))
    with pytest.raises(InvalidInput, match="zone"):
        client.log.requests(1, Filter(since=datetime(2026, 1, 1)))  # noqa: DTZ001


def test_s16_versions_are_compared(client: Dewpoint, monitoring: Platform) -> None:
    monitoring.world.version(2)
    monitoring.world.servable(2, lambda _: {"y": number(2.0)})
    for n in range(4):
        made = prediction(f"r{n}", START + n, calls=(call(float(n), shadows=("servable-2",)),))
        monitoring.world.observe(made)
    assert client.log.compare(1, 2)["fields"]["y"]["share"] == 0.25
    assert [pair["requestId"] for pair in client.log.pairs(1, 2)] == ["r3", "r2", "r1", "r0"]


def test_s19_exported_files_hold_the_log(client: Dewpoint, monitoring: Platform, tmp_path: Path) -> None:
    fill(monitoring.world)
    monitoring.world.clock.advance(12 * 3600)
    tend_logs(monitoring.world, sweeps=False)
    seen: list[tuple[int, int]] = []
    paths = client.log.export(1, tmp_path, progress=lambda done, known: seen.append((done, known)))
    assert [path.parent.relative_to(tmp_path).as_posix() for path in paths] == [
        f"version=1/day=2026-01-01/hour={hour:02}" for hour in range(5)
    ]
    assert seen == [(6 * n, 30) for n in range(1, 6)]
    frame = pl.scan_parquet(tmp_path / "**/*.parquet", hive_partitioning=True).sort("at").collect()
    assert dict(frame.drop("version", "day", "hour").schema) == {
        n: pl.DataFrame(schema={n: k}).schema[n] for n, k in columns(X_TO_Y).items()
    }
    rows = list(client.log.requests(1))[::-1]
    assert frame["request_id"].to_list() == ids(rows)
    assert frame["in_x"].to_list() == [row["x"] for row in rows]
    assert frame["out_y"].to_list() == [row["y"] for row in rows]
    assert [round(at.timestamp() * 1000) for at in frame["at"]] == [row["_hs_timestamp"] for row in rows]
    fetched = len(monitoring.fetched)
    assert client.log.export(1, tmp_path) == paths
    assert len(monitoring.fetched) == fetched


def test_s19_an_export_into_the_same_folder_holds_no_row_twice(
    client: Dewpoint, monitoring: Platform, tmp_path: Path
) -> None:
    """Files were merged meanwhile."""
    fill(monitoring.world)
    client.log.export(1, tmp_path)
    monitoring.world.clock.advance(12 * 3600)
    tend_logs(monitoring.world, sweeps=False)
    half_past_one = MOMENT + timedelta(minutes=90)
    client.log.export(1, tmp_path, since=half_past_one, till=MOMENT + timedelta(hours=3))
    folders = [tmp_path / f"version=1/day=2026-01-01/hour={hour:02}" for hour in range(4)]
    assert [len(list(folder.glob("*.parquet"))) for folder in folders] == [6, 7, 1, 7]
    client.log.export(1, tmp_path)
    assert len(pl.read_parquet(tmp_path / "**/*.parquet")) == 30


@pytest.fixture
def command(monitoring: Platform, offline_cli: Cli) -> Cli:
    offline_cli("context", "add", "test", "--url", monitoring.server.url, "--api-key", "dp_key")
    return offline_cli


def test_k13_the_log_from_the_command_line(command: Cli, monitoring: Platform, tmp_path: Path) -> None:
    fill(monitoring.world)
    version = monitoring.world.models.by_id(1)
    name = version.name
    assert ids(command.json("log", "list", name, "-n", "2")) == ["r29", "r28"]
    assert ids(command.json("log", "list", name, "--where", "x < 2", "--no-error")) == ["r01", "r00"]
    assert ids(command.json("log", "list", name, "--till", "2026-01-01T00:10:00Z")) == ["r01", "r00"]
    assert ids(command.json("log", "list", name, "--till", "2026-01-01T00:10:00")) == ["r01", "r00"]
    assert command.json("log", "list", name, "--errored", "x") == []
    table = command("log", "list", name, "-n", "1").stdout
    assert "r29" in table
    assert "ERRORED" in table
    assert "REQUEST" in table
    assert command.json("log", "show", "r03")[0]["x"] == 3.0
    told = command.json("log", "export", name, "-d", tmp_path / "log")
    assert (told["files"], told["rows"]) == (30, 30)
    assert len(list((tmp_path / "log").rglob("*.parquet"))) == 30
    assert command.json("log", "compare", name, name)["pairs"] == 30
    command("log", "rm", name)
    assert [wish.version_id for wish in monitoring.world.care.wishes] == [1]
    assert "is no moment" in command("log", "list", name, "--from", "yesterday", code=2).stderr
    assert "/query/where" in command("log", "list", name, "--where", "z > 1", code=1).stderr


def test_what_failed_and_what_could_not_be_decided_are_told_apart() -> None:
    checks = [{"verdict": "failed"}, {"verdict": "passed"}]
    row: dict[str, object] = {"_hs_raw_checks": {"x": checks}, "_hs_metric_checks": {"far": {"verdict": "errored"}}}
    assert [ended(row, verdict) for verdict in ("failed", "errored")] == [["x"], ["far"]]
