"""Reading CloudWatch Logs page by page: no line twice, none left out."""

import time

import boto3
import pytest

from functions.adapters.clients import client
from functions.adapters.logs import CloudWatchLogs
from functions.core.errors import InvalidRequest

pytestmark = pytest.mark.disable_socket

GROUP = "/contract/logs"
START = int(time.time() * 1000) - 60_000


class Writer:
    def __init__(self) -> None:
        self._logs = boto3.client("logs")
        self._logs.create_log_group(logGroupName=GROUP)
        self._streams: set[str] = set()

    def write(self, stream: str, *lines: tuple[int, str]) -> None:
        if stream not in self._streams:
            self._logs.create_log_stream(logGroupName=GROUP, logStreamName=stream)
            self._streams.add(stream)
        events = [{"timestamp": START + at, "message": text} for at, text in lines]
        self._logs.put_log_events(logGroupName=GROUP, logStreamName=stream, logEvents=events)  # type: ignore[arg-type]


@pytest.fixture
def writer(aws: str) -> Writer:
    return Writer()


@pytest.fixture
def logs(writer: Writer) -> CloudWatchLogs:
    return CloudWatchLogs(client("logs"))


def test_a_reader_who_comes_back_gets_what_is_new(writer: Writer, logs: CloudWatchLogs) -> None:
    writer.write("a/1", (0, "one"), (5, "two"))
    first = logs.page(GROUP, "a/")
    assert first.lines == ("one", "two")
    again = logs.page(GROUP, "a/", first.next)
    assert again.lines == ()
    assert again.next == first.next
    writer.write("a/1", (5, "three"), (9, "four"))
    assert logs.page(GROUP, "a/", again.next).lines == ("three", "four")


def test_several_streams_are_read_in_order_of_time(writer: Writer, logs: CloudWatchLogs) -> None:
    writer.write("a/1", (0, "one"), (4, "three"))
    writer.write("a/2", (2, "two"), (6, "four"))
    writer.write("b/1", (3, "a stranger"))
    assert logs.page(GROUP, "a/").lines == ("one", "two", "three", "four")


def test_a_long_log_comes_in_pages(writer: Writer, logs: CloudWatchLogs) -> None:
    for begin in range(0, 2500, 500):
        writer.write("a/1", *((at // 100, f"line {at}") for at in range(begin, begin + 500)))
    lines: list[str] = []
    token: str | None = None
    while (page := logs.page(GROUP, "a/", token)).lines:
        assert len(page.lines) <= 1000
        lines.extend(page.lines)
        token = page.next
    assert lines == [f"line {at}" for at in range(2500)]


def test_what_nobody_wrote_to_is_empty(logs: CloudWatchLogs) -> None:
    assert logs.page("/no/such/group", "a/").lines == ()
    assert logs.page(GROUP, "a/").next is None
    assert logs.tail(GROUP, "a/1", 5) == ()
    assert logs.tail("/no/such/group", "a/1", 5) == ()


def test_the_tail_is_the_end(writer: Writer, logs: CloudWatchLogs) -> None:
    writer.write("a/1", *((at, f"line {at}\n") for at in range(50)))
    assert logs.tail(GROUP, "a/1", 3) == ("line 47", "line 48", "line 49")


@pytest.mark.parametrize("token", ["x", "1", "1.", "-1.0", "1.2.3", "9" * 40 + ".1"])
def test_a_token_of_ones_own_is_refused(logs: CloudWatchLogs, token: str) -> None:
    with pytest.raises(InvalidRequest):
        logs.page(GROUP, "a/", token)
