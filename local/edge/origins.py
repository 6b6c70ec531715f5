"""From an origin's public name to its address on this machine.

API Gateway's and S3's names do not resolve here; the emulator serves both under paths of its one address. An origin
that is neither is not reachable from a local cloud and is refused rather than called.
"""

import re
from dataclasses import dataclass

from local.edge.distribution import Origin

# API Gateway's documented limit for a request's payload; S3 behind CloudFront has none that matters for a UI
API_PAYLOAD_LIMIT = 10 * 1024 * 1024

API = re.compile(r"(?P<api>[a-z0-9]+)\.execute-api\..+", re.IGNORECASE)
BUCKET = re.compile(
    r"(?P<bucket>[a-z0-9][a-z0-9.-]+?)\.s3(?:[.-][a-z0-9-]+)??\.(?:amazonaws\.com|localhost(?:[.:].+)?)", re.IGNORECASE
)


class UnknownOrigin(Exception):
    """An origin of the distribution that does not exist on this machine."""


@dataclass(frozen=True)
class Address:
    """Where to send a request: `base` goes before the path. `limit` is the largest request body in bytes."""

    base: str
    is_bucket: bool = False
    limit: int | None = None


def locate(origin: Origin, emulator: str) -> Address:
    """The local address of an origin. Raises UnknownOrigin for a name that is neither an API nor a bucket."""
    if match := API.fullmatch(origin.domain):
        return Address(f"{emulator}/_aws/execute-api/{match['api']}{origin.path}", limit=API_PAYLOAD_LIMIT)
    if match := BUCKET.fullmatch(origin.domain):
        return Address(f"{emulator}/{match['bucket']}{origin.path}", is_bucket=True)
    raise UnknownOrigin(f"origin {origin.domain} is neither an API nor a bucket of the local cloud")
