"""API keys: who may call, what for, and how often."""

import enum
from datetime import datetime

from functions.core.models import Entity


class Role(enum.StrEnum):
    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"


class Quota(Entity, frozen=True, kw_only=True):
    """How often a key may call: on average, and at once."""

    requests_per_second: float
    burst: int


class ApiKey(Entity, frozen=True, kw_only=True):
    """The key itself is shown once and never stored: `digest` is its SHA-256 (the key has 256 random bits, so a
    slow password hash would add nothing)."""

    digest: str
    name: str
    role: Role
    quota: Quota | None = None
    created: datetime

    @property
    def id(self) -> str:
        """Enough of the digest to tell keys apart, and too little to find one."""
        return self.digest[:16]
