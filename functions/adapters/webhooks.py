"""POST to addresses that an administrator named, and nowhere else.

The name is resolved here, once, and the connection goes to the address that was looked at: a name cannot lead to
another address a moment later. Nothing that is not public is spoken to (RFC 6890), redirects are not followed, and no
answer is read beyond its status.
"""

import ipaddress
import socket
from http.client import HTTPException
from urllib.parse import urlsplit

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.exceptions import HTTPError

from functions.core.errors import InvalidRequest, Unavailable

TIMEOUT = Timeout(connect=3.0, read=10.0, total=12.0)
PORTS = {"https": 443, "http": 80}


class GuardedPoster:
    """`allow_private`: plain HTTP and addresses that are not public are spoken to as well."""

    def __init__(self, *, allow_private: bool = False) -> None:
        self._allow_private = allow_private

    def post(self, url: str, body: bytes, headers: dict[str, str]) -> None:
        parts = urlsplit(url)
        if parts.scheme != "https" and not (self._allow_private and parts.scheme == "http"):
            raise InvalidRequest(f"only https is spoken, not {parts.scheme}")
        host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
        pool = _pool(parts.scheme, self._address(host, port), host, port)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            with pool:
                answer = pool.urlopen(
                    "POST",
                    target,
                    body=body,
                    headers={**headers, "host": parts.netloc},
                    retries=False,
                    redirect=False,
                    timeout=TIMEOUT,
                    preload_content=False,
                )
                status = answer.status
                answer.close()
        except (HTTPError, HTTPException) as error:
            raise Unavailable(f"{host} cannot be spoken to: {type(error).__name__}") from error
        if not 200 <= status < 300:
            raise Unavailable(f"{host} answered {status}")

    def _address(self, host: str, port: int) -> str:
        """Functions have no way to the internet by IPv6."""
        try:
            found = socket.getaddrinfo(host, port, socket.AF_INET, socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise Unavailable(f"{host} has no address") from error
        addresses = [str(entry[4][0]) for entry in found]
        if not self._allow_private and not all(map(is_public, addresses)):
            raise InvalidRequest(f"{host} is not a public address")
        return addresses[0]


def is_public(address: str) -> bool:
    known = ipaddress.ip_address(address)
    return known.is_global and not known.is_multicast


def _pool(scheme: str, address: str, host: str, port: int) -> HTTPConnectionPool:
    """To `address`; the certificate must be `host`'s."""
    if scheme == "http":
        return HTTPConnectionPool(address, port)
    return HTTPSConnectionPool(address, port, cert_reqs="CERT_REQUIRED", assert_hostname=host, server_hostname=host)
