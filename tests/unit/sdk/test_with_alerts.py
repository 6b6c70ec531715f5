"""The command line against the real routes of alerts and dead letters: neither can drift from the other."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from chalice.test import Client

from app import app
from functions.alerts import wiring as alerts_wiring
from functions.sonar import wiring as sonar_wiring
from tests.fakes.clock import FakeClock
from tests.unit.alerts.world import World as Alerts
from tests.unit.alerts.world import finding
from tests.unit.sdk.conftest import Cli
from tests.unit.sdk.loopback import Answer, LoopbackServer, Request
from tests.unit.sonar.world import World as Sonar

PENGUINS = {"id": 1, "model": {"id": 1, "name": "penguins"}, "modelVersion": 1, "status": "Released"}


class Platform:
    """An HTTP server on loopback before the routes of both slices. Whatever version is asked for is penguins:1."""

    def __init__(self) -> None:
        self.alerts, self.sonar = Alerts(), Sonar()
        self.server = LoopbackServer(self.answer)

    def answer(self, request: Request) -> Answer:
        if request.path.startswith("/api/v2/model/version/"):
            return Answer(PENGUINS)
        with Client(app) as client:
            answer = client.http.request(request.method, request.target, body=request.raw)
        return Answer(status=answer.status_code, raw=answer.body, headers=dict(answer.headers))


@pytest.fixture
def platform(socket_enabled: None, offline_cli: Cli) -> Iterator[Platform]:
    made = Platform()
    alerts_wiring.use(made.alerts)
    sonar_wiring.use(made.sonar)
    made.server.start()
    offline_cli("context", "add", "test", "--url", made.server.url)
    yield made
    made.server.stop()
    alerts_wiring.use(None)
    sonar_wiring.use(None)


def test_s17_alerts_are_listed_and_silenced(platform: Platform, offline_cli: Cli) -> None:
    platform.alerts.happen(finding())
    [alert] = offline_cli.json("alert", "list", "penguins:1")
    assert (alert["check"], alert["state"], alert["failures"]) == ("check:x/max", "firing", 5)
    table = offline_cli("alert", "list", "penguins:1", "--state", "firing").stdout
    assert "check:x/max" in table
    assert "5 of 10" in table
    assert offline_cli.json("alert", "list", "penguins:1", "--state", "resolved") == []
    platform.alerts.clock = FakeClock(datetime.now(UTC))  # the command line's own day
    made = offline_cli.json(
        "alert", "silence", "penguins:1", "--check", "check:x/max", "--hours", "2", "--comment", "k"
    )
    assert (made["check"], made["comment"]) == ("check:x/max", "k")
    assert "firing, silenced" in offline_cli("alert", "list", "penguins:1").stdout
    assert [each["id"] for each in offline_cli.json("alert", "silences", "penguins:1")] == [made["id"]]
    offline_cli("alert", "end-silence", "penguins:1", made["id"])
    assert "silenced" not in offline_cli("alert", "list", "penguins:1").stdout
    offline_cli("alert", "silence", "penguins:1", "--hours", "1e12", code=2)


def test_dead_letters_are_listed_and_redriven_to_the_last(platform: Platform, offline_cli: Cli) -> None:
    for n in range(12):
        platform.sonar.dead_letters.bury(f"b{n}", "not JSON" if n else "no such claim")
    platform.sonar.clock.advance(1)
    listed = offline_cli.json("dead-letters", "list")
    assert [(each["reason"], each["count"]) for each in listed] == [("not JSON", 11), ("no such claim", 1)]
    assert "no such claim" in offline_cli("dead-letters", "list").stdout
    assert offline_cli.json("dead-letters", "redrive", "--reason", "no such claim") == {"redriven": 1}
    assert offline_cli.json("dead-letters", "redrive") == {"redriven": 11}
    assert offline_cli.json("dead-letters", "list") == []
    assert len(platform.sonar.desk.redriven) == 12
    assert "b0" in platform.sonar.desk.redriven
