"""HTTP to one platform: the key in a header, JSON in and out, problem documents as errors.

Reading is repeated when the platform says "not now" (502, 503): it changes nothing. Everything else is sent once.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx

from dewpoint.errors import InvalidInput, Problem, TimedOut, Unreachable, refused
from dewpoint.version import __version__

KEY_HEADER = "x-api-key"
READ_ATTEMPTS = 3
NOT_NOW = (502, 503)
LONGEST_PAUSE = 5.0
PAGE = "1000"  # things; the most that a list gives at once
NEXT = "x-next"


class Transport:
    """`timeout` is in seconds and counts for each request. Close it, or use it in a `with`.

    Raises InvalidInput for a key that no header can carry.
    """

    def __init__(
        self, url: str, api_key: str = "", timeout: float = 60.0, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        if not (api_key.isascii() and api_key.isprintable()):
            raise InvalidInput("the API key holds characters that no key has")
        self.url = url.rstrip("/")
        own = {"user-agent": f"dewpoint/{__version__}", "accept": "application/json"}
        headers = own | ({KEY_HEADER: api_key} if api_key else {})
        self._client = open_client(self.url, base_url=self.url, headers=headers, timeout=timeout)
        self._sleep = sleep

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        """The JSON at `path`. Raises Unreachable, TimedOut, Refused."""
        return read(self._get(path, params))

    def get_all(self, path: str, query: Mapping[str, str] | None = None) -> list[Any]:
        """A list, read to its end page by page. Raises Unreachable, TimedOut, Refused."""
        found: list[Any] = []
        wanted = {**(query or {}), "limit": PAGE}
        params = wanted
        while True:
            response = self._get(path, params)
            found += read(response)
            token = response.headers.get(NEXT)
            if not token:
                return found
            params = {**wanted, "next": token}

    def get_pages(self, path: str, params: Mapping[str, str]) -> Iterator[Any]:
        """One page after the other, as they are asked for. Raises Unreachable, TimedOut, Refused."""
        asked = dict(params)
        while True:
            response = self._get(path, asked)
            yield read(response)
            token = response.headers.get(NEXT)
            if not token:
                return
            asked = {**params, "next": token}

    def send(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON answered to `body`. Raises InvalidInput, Unreachable, TimedOut, Refused."""
        if body is None:
            return read(self._send(method, path))
        return read(self._send(method, path, content=to_body(body), headers={"content-type": "application/json"}))

    def post(self, path: str, content: bytes, headers: Mapping[str, str]) -> httpx.Response:
        """What is answered, whatever it is. Raises Unreachable, TimedOut."""
        return self._send("POST", path, content=content, headers=headers)

    def close(self) -> None:
        self._client.close()

    def _get(self, path: str, params: Mapping[str, str] | None) -> httpx.Response:
        response = self._send("GET", path, params=params)
        for _ in range(READ_ATTEMPTS - 1):
            if response.status_code not in NOT_NOW:
                break
            self._sleep(pause(response))
            response = self._send("GET", path, params=params)
        return response

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        return answered(self.url, lambda: self._client.request(method, path, **options))


def to_body(body: Any) -> bytes:
    """`body` as JSON. Raises InvalidInput for what JSON cannot say."""
    try:
        return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    except UnicodeEncodeError as error:
        raise InvalidInput("a text holds a lone surrogate, which no encoding has") from error
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"this cannot be sent as JSON: {error}") from error


def open_client(url: str, **options: Any) -> httpx.Client:
    """An HTTP client for `url`; a loopback address is never asked of a proxy."""
    # plain HTTP has no certificates to check and redirects are not followed: loading the authorities would cost 30 ms
    encrypted = urlsplit(url).scheme != "http"
    return httpx.Client(trust_env=not is_loopback(url), verify=encrypted, **options)


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def answered(url: str, call: Callable[[], httpx.Response]) -> httpx.Response:
    """The response of `call`. Raises Unreachable or TimedOut, naming the address, when there is none."""
    try:
        return call()
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
        raise Unreachable(f"nothing answers at {url} ({error})") from error
    except httpx.TimeoutException as error:
        raise TimedOut(f"{url} did not answer in time") from error
    except httpx.TransportError as error:
        raise Unreachable(f"the connection to {url} broke: {error}") from error


def read(response: httpx.Response) -> Any:
    """The JSON of a response, None when it is empty. Raises Refused."""
    if response.is_success:
        return _json(response) if response.content else None
    raise refused(Problem.from_json(response.status_code, _json(response)))


def pause(response: httpx.Response) -> float:
    """Seconds that the platform asks to wait."""
    told = response.headers.get("retry-after", "1")
    return min(float(told), LONGEST_PAUSE) if told.isdigit() else 1.0


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        if response.is_success:
            message = "this is not a Dewpoint platform: the answer is not JSON"
            raise refused(Problem(response.status_code, "Not understood", message)) from None
        return response.text or response.reason_phrase
