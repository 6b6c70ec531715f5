"""What a caller put into the exchange before the call, taken up by its reference."""

import re
from collections.abc import Callable

from functions.core.errors import InvalidRequest, NotFound, PayloadTooLarge, Problem
from functions.gateway.announce_payload import INPUTS
from functions.gateway.ports import Ports

HEADER = "x-dewpoint-payload"
REFERENCE = re.compile(r"[0-9a-f]{32}")


# The payload of a reference, which stands at a JSON pointer
Fetch = Callable[[object, str], bytes]


class Payloads:
    """The payloads of one call: all of them together have `max_bytes` at most."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._largest = self._left = ports.max_bytes

    def fetch(self, reference: object, pointer: str) -> bytes:
        """Raises InvalidRequest for what is no reference, NotFound, PayloadTooLarge, Unavailable."""
        if not isinstance(reference, str) or not REFERENCE.fullmatch(reference):
            expected = "a reference as POST /gateway/payload gave it"
            raise InvalidRequest.of([Problem(pointer, expected, repr(reference)[:80])])
        payload = self._ports.exchange().read(f"{INPUTS}/{reference}", self._largest)
        if payload is None:
            raise NotFound(f"there is no payload {reference}: it was not uploaded, or is older than a day")
        self._left -= len(payload)
        if self._left < 0:
            came = self._largest - self._left
            raise PayloadTooLarge(f"the payloads of a call take {came} bytes; at most {self._largest} are accepted")
        return payload
