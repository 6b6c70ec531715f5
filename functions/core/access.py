"""API keys: how they are made and recognised, and what each role may do. Used by the authorizer and the gRPC door."""

import hashlib
import re
import secrets
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import lru_cache

from functions.core.api_keys import ApiKey, Role
from functions.core.errors import Forbidden, Unauthenticated
from functions.core.ports import KeyStore

HEADER = "x-api-key"
AUTHORIZATION = "authorization"
BEARER = re.compile(r"Bearer +(\S+)", re.IGNORECASE)
PREFIX = "dp_"

# METHOD/path patterns; the first role that allows a call is enough, and each role has what the one before has.
# A deny beats an allow, as in IAM, because the authorizer's policy is made from this table.
ALLOWED: dict[Role, tuple[str, ...]] = {
    Role.VIEWER: ("GET/*", "POST/v2/*", "POST/gateway/*"),
    Role.OPERATOR: ("*/*",),
    Role.ADMIN: ("*/*",),
}
ADMINS_ONLY = ("*/api/v2/api_key*", "*/monitoring/receivers*", "*/monitoring/dead_letters*")
DENIED: dict[Role, tuple[str, ...]] = {
    Role.VIEWER: ADMINS_ONLY,
    Role.OPERATOR: ADMINS_ONLY,
    Role.ADMIN: (),
}


def new_secret() -> str:
    """A fresh key: 256 random bits."""
    return PREFIX + secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def secret_in(headers: Mapping[str, str]) -> str | None:
    """The key that a call brings, in its own header or as a bearer token. Names of `headers` are lower case."""
    bearer = BEARER.fullmatch(headers.get(AUTHORIZATION, ""))
    return headers.get(HEADER) or (bearer[1] if bearer else None)


def identify(keys: KeyStore, secret: str | None) -> ApiKey:
    """The key that `secret` opens. Raises Unauthenticated for none, a malformed one, or one nobody issued."""
    if not secret:
        raise Unauthenticated(f"no API key: send one in {HEADER}")
    key = keys.find(digest(secret)) if secret.startswith(PREFIX) else None
    if key is None:
        raise Unauthenticated("the API key is not known")
    return key


@lru_cache(1024)
def permits(role: Role, method: str, path: str) -> bool:
    """May `role` call `method` on `path` ("/v2/models/x/infer")?"""
    call = f"{method}{path}"
    if any(fnmatchcase(call, pattern) for pattern in DENIED[role]):
        return False
    return any(fnmatchcase(call, pattern) for pattern in ALLOWED[role])


def require(key: ApiKey, method: str, path: str) -> None:
    """Raises Forbidden when the key's role does not permit the call."""
    if not permits(key.role, method, path):
        raise Forbidden(f"role {key.role} may not {method} {path}")
