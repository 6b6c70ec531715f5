"""The feed and the pages of lists, through the client and the command line, against the manager's real code."""

import json
from collections.abc import Iterator
from itertools import islice

import pytest
from dewpoint import Dewpoint
from dewpoint.errors import Gone, TimedOut
from dewpoint.transport import Transport
from dewpoint.waiting import Patience

from functions.manager import wiring
from tests.fakes import entities
from tests.unit.sdk.conftest import Cli
from tests.unit.sdk.loopback import Answer, LoopbackServer, Request
from tests.unit.sdk.managed_platform import Platform


class Flaky(Platform):
    """`away` is how many requests are not answered; `deploys` are named after each look at the feed."""

    def __init__(self) -> None:
        super().__init__()
        self.away = 0
        self.deploys: list[str] = []
        self.requests: list[Request] = []

    def answer(self, request: Request) -> Answer:
        self.requests.append(request)
        if self.away:
            self.away -= 1
            return Answer({"status": 503, "title": "Unavailable"}, 503, {"retry-after": "0"})
        answer = super().answer(request)
        if self.deploys and "after" in request.query:
            self.make(self.deploys.pop(0))
        return answer

    def make(self, *names: str) -> None:
        for name in names:
            self.world.deployments.create(entities.configuration(name))


@pytest.fixture
def platform(socket_enabled: None) -> Iterator[Flaky]:
    flaky = Flaky()
    flaky.server.start()
    yield flaky
    flaky.server.stop()
    wiring.use(None)


@pytest.fixture
def client(platform: Flaky) -> Iterator[Dewpoint]:
    with Dewpoint(platform.server.url) as opened:
        yield opened


def test_following_from_now_on_misses_nothing_while_the_platform_is_away(client: Dewpoint, platform: Flaky) -> None:
    platform.make("before")
    platform.deploys = ["a", "b", "c"]
    following = client.events.follow(patience=Patience(10, first=0), wait=0)
    seen = [next(following).name]
    platform.away = 5
    seen += [event.name for event in islice(following, 2)]
    assert seen == ["a", "b", "c"]


def test_following_ends_when_nothing_answers(client: Dewpoint, platform: Flaky) -> None:
    platform.make("a")
    following = client.events.follow(0, patience=Patience(0, first=0), wait=0)
    assert next(following).name == "a"
    platform.away = 1000
    with pytest.raises(TimedOut):
        next(following)


def test_json_is_asked_for_by_name(client: Dewpoint, platform: Flaky) -> None:
    """Who does not is held until nothing is on its way (docs/compatibility.md)."""
    client.events.cursor()
    assert platform.requests[-1].headers["accept"] == "application/json"


def test_a_reader_who_was_away_too_long_is_told(client: Dewpoint, platform: Flaky) -> None:
    platform.make("a", "b", "c")
    platform.world.feed.forget(2)
    with pytest.raises(Gone):
        next(client.events.follow(0))
    assert [event.name for event in client.events.kept()] == ["c"]


def test_names_of_all_kinds(client: Dewpoint, platform: Flaky) -> None:
    platform.world.models.create(entities.version())
    platform.world.servables.create(entities.servable("s"))
    platform.world.applications.create(entities.application("a", "s"))
    platform.make("small")
    platform.world.models.delete("penguins", 1)
    assert [(event.type, event.name) for event in client.events.kept()] == [
        ("ModelUpdate", "penguins:1"),
        ("ServableUpdate", "s"),
        ("ApplicationUpdate", "a"),
        ("DeploymentConfigurationUpdate", "small"),
        ("ModelRemove", "penguins:1"),
    ]


def test_the_command_shows_what_is_kept_and_follows(platform: Flaky, offline_cli: Cli) -> None:
    offline_cli("context", "add", "test", "--url", platform.server.url)
    platform.make("a", "b")
    assert [event["id"] for event in offline_cli.json("events")] == [1, 2]
    assert [event["id"] for event in offline_cli.json("events", "--after", "1")] == [2]
    assert "DeploymentConfigurationUpdate" in offline_cli("events").stdout
    assert offline_cli("events", "--after", "soon", code=2)
    platform.world.feed.forget(1)
    assert "(410)" in offline_cli("events", "--after", "0", code=1).stderr


def test_the_command_follows_line_by_line(platform: Flaky, offline_cli: Cli) -> None:
    offline_cli("context", "add", "test", "--url", platform.server.url)
    platform.make("a", "b")
    deploy, platform.make = platform.make, lambda *_: platform.world.feed.forget(99)  # type: ignore[method-assign]
    platform.deploys = ["the feed forgets all, so that following ends"]
    deploy("c")
    ended = offline_cli("events", "-f", "--after", "0", "-o", "json", code=1)
    assert [json.loads(line)["id"] for line in ended.stdout.splitlines()] == [1, 2, 3]


def test_lists_are_read_to_their_end(socket_enabled: None) -> None:
    def answer(request: Request) -> Answer:
        at = int(request.query.get("next", ["0"])[0])
        assert request.query["limit"] == ["1000"]
        return Answer([at, at + 1], headers={"x-next": str(at + 2)} if at < 4 else {})

    server = LoopbackServer(answer)
    server.start()
    try:
        assert Transport(server.url).get_all("/things") == [0, 1, 2, 3, 4, 5]
    finally:
        server.stop()


def test_the_client_sees_everything_of_a_long_list(client: Dewpoint, platform: Flaky) -> None:
    platform.make(*[f"d{number:04}" for number in range(1001)])
    assert len(client.deployment_configurations.list()) == 1002
    lists = [r for r in platform.requests if r.path.endswith("/deployment_configuration")]
    assert len(lists) == 2
