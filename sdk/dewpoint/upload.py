"""Sending an archive to the presigned address that the platform gave. The API key is not sent there."""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from typing import IO

import httpx

from dewpoint.errors import Problem, Unreachable, refused
from dewpoint.payload import Archive
from dewpoint.transport import answered, open_client

CHUNK = 256 * 1024
ATTEMPTS = 3

Progress = Callable[[int, int], None]


def put(
    url: str,
    headers: Mapping[str, str],
    archive: Archive,
    progress: Progress,
    timeout: float,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Streams `archive` to `url`; `progress` is told bytes sent and bytes in all.

    The same bytes to the same address may be sent again, so a broken connection or a 5xx is tried three times.
    Raises Unreachable, TimedOut, Refused.
    """
    with open_client(url, timeout=timeout) as client:
        for attempt in range(1, ATTEMPTS + 1):
            last = attempt == ATTEMPTS
            try:
                response = answered(url.split("?")[0], lambda: _send(client, url, headers, archive, progress))
            except Unreachable:
                if last:
                    raise
            else:
                if response.is_success:
                    return
                if last or response.status_code < 500:
                    raise refused(Problem(response.status_code, "The upload was refused", _told(response.text)))
            sleep(attempt)


def _send(
    client: httpx.Client, url: str, headers: Mapping[str, str], archive: Archive, progress: Progress
) -> httpx.Response:
    archive.stream.seek(0)
    sent = httpx.Headers(dict(headers))
    sent["content-length"] = str(archive.size)  # storage does not take a body of unknown length
    return client.put(url, headers=sent, content=_chunks(archive.stream, archive.size, progress))


def _chunks(stream: IO[bytes], size: int, progress: Progress) -> Iterator[bytes]:
    sent = 0
    progress(0, size)
    while chunk := stream.read(CHUNK):
        yield chunk
        sent += len(chunk)
        progress(sent, size)


def _told(body: str) -> str:
    """The code and message of a storage error, which comes as XML."""
    found = (re.search(rf"<{tag}>(.*?)</{tag}>", body, re.DOTALL) for tag in ("Code", "Message"))
    return ": ".join(match[1] for match in found if match) or body[:300]
