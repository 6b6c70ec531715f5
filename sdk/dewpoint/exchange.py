"""A call whose inputs or answer are too large for it: the inputs are uploaded first, the answer is fetched afterwards.

The API key is not sent to where they wait.
"""

import io
from collections.abc import Mapping
from typing import Any

import httpx

from dewpoint.payload import Archive
from dewpoint.transport import Transport, answered, open_client, read, to_body
from dewpoint.upload import put

LARGEST_BODY = 4 * 1024 * 1024  # bytes; the function behind the API takes 6 MB of what is a third more on the way
PAYLOAD_HEADER = "x-dewpoint-payload"
TIMEOUT = 300.0  # seconds for each large transfer


def exchange(
    transport: Transport, path: str, body: Any, headers: Mapping[str, str], largest: int = LARGEST_BODY
) -> tuple[Any, httpx.Headers]:
    """POSTs `body` as JSON; the JSON answered, and its headers. Raises InvalidInput, Unreachable, TimedOut, Refused."""
    content = to_body(body)
    if len(content) > largest:
        headers = {**headers, PAYLOAD_HEADER: _upload(transport, content)}
        content = b""
    response = transport.post(path, content, {"content-type": "application/json", **headers})
    if response.status_code == httpx.codes.SEE_OTHER:
        return _fetch(response.headers["location"]), response.headers
    return read(response), response.headers


def _upload(transport: Transport, content: bytes) -> str:
    """The reference of the uploaded bytes."""
    # a checksum would be one more pass over the bytes: the size is signed, and TLS and storage check the rest
    announced = transport.send("POST", "/gateway/payload", {"size": len(content)})
    archive = Archive(io.BytesIO(content), "", len(content))
    put(announced["url"], announced["headers"], archive, lambda _sent, _size: None, TIMEOUT)
    return str(announced["reference"])


def _fetch(url: str) -> Any:
    with open_client(url, timeout=TIMEOUT) as client:
        return read(answered(url.split("?")[0], lambda: client.get(url)))
