"""CloudWatch Logs, read a page at a time.

CloudWatch's own tokens end with a query; ours say where the reader stands ("<milliseconds>.<lines read of that
millisecond>"), so that one may come back for more at any time, over several streams.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from functions.core.errors import InvalidRequest, Problem
from functions.core.ports import LogPage

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

TOKEN = re.compile(r"(\d{1,15})\.(\d{1,9})")
PAGE = 1000  # lines
NOT_YET = "ResourceNotFoundException"  # nothing was logged so far


class CloudWatchLogs:
    def __init__(self, client: "CloudWatchLogsClient") -> None:
        self._client = client

    def page(self, group: str, stream_prefix: str, after: str | None = None) -> LogPage:
        """Up to 1000 lines of all streams that begin with `stream_prefix`. Raises InvalidRequest for a bad token."""
        moment, read = read_token(after)
        events = self._events(group, stream_prefix, moment)
        page = list(islice(_unread(events, moment, read), PAGE))
        for event in page:
            read = read + 1 if event["timestamp"] == moment else 1
            moment = event["timestamp"]
        lines = tuple(event["message"].rstrip("\n") for event in page)
        return LogPage(lines, f"{moment}.{read}" if page else after)

    def tail(self, group: str, stream: str, lines: int) -> tuple[str, ...]:
        """The last `lines` lines of one stream; none when it does not exist."""
        try:
            answer = self._client.get_log_events(
                logGroupName=group, logStreamName=stream, limit=lines, startFromHead=False
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == NOT_YET:
                return ()
            raise
        return tuple(event["message"].rstrip("\n") for event in answer["events"][-lines:])

    def _events(self, group: str, stream_prefix: str, since: int) -> Iterator[Any]:
        pages = self._client.get_paginator("filter_log_events").paginate(
            logGroupName=group, logStreamNamePrefix=stream_prefix, startTime=since
        )
        try:
            for page in pages:
                # The service filters by itself; an emulator may not.
                own = [event for event in page["events"] if event["logStreamName"].startswith(stream_prefix)]
                yield from sorted(own, key=lambda event: event["timestamp"])
        except ClientError as error:
            if error.response["Error"]["Code"] != NOT_YET:
                raise


def read_token(after: str | None) -> tuple[int, int]:
    """Milliseconds since the epoch, and how many lines of that millisecond are read. Raises InvalidRequest."""
    if not after:
        return 0, 0
    match = TOKEN.fullmatch(after)
    if match is None:
        raise InvalidRequest.of([Problem("/after", "a token from an earlier page", repr(after)[:80])])
    return int(match[1]), int(match[2])


def _unread(events: Iterator[Any], moment: int, read: int) -> Iterator[Any]:
    for event in events:
        if event["timestamp"] == moment and read:
            read -= 1
            continue
        yield event
