"""The client against the platform's real gateway: what is too large for a call goes another way, unseen by the user."""

from collections.abc import Iterator
from urllib.parse import quote, unquote

import pytest
from dewpoint import Dewpoint
from dewpoint import exchange as large

from functions.core.dtypes import DType
from functions.doors.http import LARGEST_ANSWER
from tests.unit.gateway.http_client import HttpGateway
from tests.unit.gateway.worlds import World, field, signature
from tests.unit.sdk.loopback import Answer, LoopbackServer, Request

STORAGE = "/storage/"
TEXT = signature([field("s", DType.STRING)], [field("s", DType.STRING)])


class Platform:
    """The gateway's routes on loopback, and storage beside them that wants no key."""

    def __init__(self) -> None:
        self.world = World()
        echo = self.world.servable("echo", 1, lambda inputs: {"s": inputs["s"]}, TEXT)
        self.world.application("echo", [(echo, 100)])
        self.http = HttpGateway(self.world)
        self.requests: list[Request] = []
        self.server = LoopbackServer(self.answer)

    def answer(self, request: Request) -> Answer:
        self.requests.append(request)
        if request.path.startswith(STORAGE):
            return self.store(request, unquote(request.path.removeprefix(STORAGE)))
        answer = self.http.post(request.target, request.raw, request.headers)
        said = answer.body.replace(b"memory://", f"{self.server.url}{STORAGE}memory:%2F%2F".encode())
        headers = {
            name: value.replace("memory://", self.address("memory://")) for name, value in answer.headers.items()
        }
        return Answer(status=answer.status_code, raw=said, headers=headers)

    def address(self, url: str) -> str:
        return f"{self.server.url}{STORAGE}{quote(url, safe=':')}"

    def store(self, request: Request, url: str) -> Answer:
        assert "x-api-key" not in request.headers
        url = f"{url}?expires=900"
        if request.method == "PUT":
            return Answer(status=self.world.exchange.upload(url, request.raw))
        return Answer(raw=self.world.exchange.download(url))


@pytest.fixture
def platform(socket_enabled: None) -> Iterator[Platform]:
    platform = Platform()
    platform.server.start()
    yield platform
    platform.server.stop()


@pytest.fixture
def client(platform: Platform) -> Iterator[Dewpoint]:
    with Dewpoint(platform.server.url, "dp_key", timeout=30) as opened:
        yield opened


def around(size: int) -> dict[str, str]:
    """Inputs whose JSON has `size` bytes."""
    return {"s": "a" * (size - len('{"s":""}'))}


@pytest.mark.parametrize(("beyond", "calls"), [(0, 1), (1, 3)])
def test_g20_inputs_beyond_the_limit_of_a_call_are_uploaded_first(
    platform: Platform, client: Dewpoint, monkeypatch: pytest.MonkeyPatch, beyond: int, calls: int
) -> None:
    inputs = around(large.LARGEST_BODY + beyond)
    assert client.predictions.predict("echo", inputs) == inputs
    assert len(platform.requests) == calls
    assert max(len(request.raw) for request in platform.requests) == large.LARGEST_BODY + beyond


def test_g20_an_answer_beyond_the_limit_is_fetched(platform: Platform, client: Dewpoint) -> None:
    inputs = around(LARGEST_ANSWER + 1)
    answer = client.predictions.call("echo", inputs)
    assert answer.outputs == inputs
    assert answer.request_id
    assert [request.method for request in platform.requests] == ["POST", "PUT", "POST", "GET"]
