"""Issues a key to whoever may invoke this function: the way to the first key of an environment."""

from typing import Any

from functions.access import wiring
from functions.access.create_key import create_key
from functions.access.views import to_view


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """`event` is {"name", "role"} with a "quota" at will; the answer holds the key. Raises as create_key does."""
    ports = wiring.ports()
    key, secret = create_key(ports.keys, ports.clock, event.get("name"), event.get("role"), event.get("quota"))
    return {**to_view(key), "key": secret}
