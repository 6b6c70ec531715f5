"""API keys. Only an admin may use these calls."""

from enum import StrEnum
from typing import Any
from urllib.parse import quote

from dewpoint.entities import ApiKey
from dewpoint.transport import Transport

ROOT = "/api/v2/api_key"


class Role(StrEnum):
    """What a key may do; each role may do what the one before it may."""

    viewer = "viewer"
    operator = "operator"
    admin = "admin"


class Keys:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self) -> list[ApiKey]:
        return sorted(map(ApiKey.from_json, self._transport.get_all(ROOT)), key=lambda key: key.name)

    def create(self, name: str, role: Role, rate: float | None = None, burst: int | None = None) -> ApiKey:
        """A new key; its secret is in this answer and nowhere else. Raises BadRequest, Conflict, Forbidden.

        With a `rate` it may call so many times a second on average, and `burst` times at once.
        """
        body: dict[str, Any] = {"name": name, "role": role.value}
        if rate is not None:
            body["quota"] = {"requestsPerSecond": rate} | ({} if burst is None else {"burst": burst})
        return ApiKey.from_json(self._transport.send("POST", ROOT, body))

    def delete(self, name: str) -> None:
        """Raises NotFound, Forbidden."""
        self._transport.send("DELETE", f"{ROOT}/{quote(name, safe='')}")
