"""A caller with inputs too large for a call asks where to put them, and then predicts with the reference.

The address is signed for exactly the size that is announced, so that what is too large is refused before it is sent.
Whoever knows a reference may use it: it is 122 random bits, and forgotten after a day.
"""

import re
import uuid
from datetime import UTC, datetime, timedelta

import msgspec

from functions.core.errors import InvalidRequest, PayloadTooLarge, Problem
from functions.gateway.ports import Ports

INPUTS = "inputs"  # the prefix of the keys
EXPIRY = 900  # seconds that an address, in or out, can be used
SHA256 = re.compile(r"[0-9a-fA-F]{64}")


class NewPayload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`size` in bytes; with a `sha256` (hexadecimal) the store refuses every other body."""

    size: int
    sha256: str | None = None


class Announced(msgspec.Struct, frozen=True, rename="camel"):
    """PUT the payload to `url` with exactly these `headers`, then send `reference` where the inputs would be."""

    reference: str
    url: str
    headers: dict[str, str]
    expires_at: datetime
    method: str = "PUT"


def announce_payload(ports: Ports, wanted: NewPayload) -> Announced:
    """Raises InvalidRequest, PayloadTooLarge."""
    check(wanted, ports.max_bytes)
    reference = uuid.uuid4().hex
    target = ports.exchange().accept(f"{INPUTS}/{reference}", wanted.size, wanted.sha256, EXPIRY)
    expires = datetime.fromtimestamp(ports.now(), UTC) + timedelta(seconds=EXPIRY)
    return Announced(reference, target.url, target.headers, expires)


def check(wanted: NewPayload, largest: int) -> None:
    """Raises InvalidRequest, PayloadTooLarge."""
    problems = []
    if wanted.size < 1:
        problems.append(Problem("/size", "a number of bytes, at least 1", str(wanted.size)))
    if wanted.sha256 is not None and not SHA256.fullmatch(wanted.sha256):
        problems.append(Problem("/sha256", "64 hexadecimal digits", repr(wanted.sha256[:80])))
    if problems:
        raise InvalidRequest.of(problems)
    if wanted.size > largest:
        raise PayloadTooLarge(f"the payload takes {wanted.size} bytes; at most {largest} are accepted")
