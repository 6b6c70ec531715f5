from datetime import UTC, datetime

import pytest

from functions.core import access
from functions.core.api_keys import ApiKey, Role
from functions.core.errors import Forbidden, Unauthenticated


class OneKey:
    """A key store that knows a single key."""

    def __init__(self, key: ApiKey) -> None:
        self.key = key

    def find(self, digest: str) -> ApiKey | None:
        return self.key if digest == self.key.digest else None


def key_for(secret: str, role: Role) -> ApiKey:
    return ApiKey(digest=access.digest(secret), name="test", role=role, created=datetime(2026, 1, 1, tzinfo=UTC))


def test_secrets_are_long_and_never_alike() -> None:
    secrets = {access.new_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert all(secret.startswith("dp_") and len(secret) >= 46 for secret in secrets)


def test_a_key_is_recognised_by_its_digest_alone() -> None:
    secret = access.new_secret()
    keys = OneKey(key_for(secret, Role.VIEWER))
    assert access.identify(keys, secret).role is Role.VIEWER  # type: ignore[arg-type]
    assert secret not in repr(keys.key)


@pytest.mark.parametrize("secret", [None, "", "dp_unknown", "another-scheme"])
def test_anything_else_is_unauthenticated(secret: str | None) -> None:
    keys = OneKey(key_for(access.new_secret(), Role.ADMIN))
    with pytest.raises(Unauthenticated):
        access.identify(keys, secret)  # type: ignore[arg-type]


CALLS = [
    ("GET", "/v2/models/penguins", {"viewer", "operator", "admin"}),
    ("POST", "/v2/models/penguins/infer", {"viewer", "operator", "admin"}),
    ("POST", "/gateway/application/penguins", {"viewer", "operator", "admin"}),
    ("GET", "/api/v2/application", {"viewer", "operator", "admin"}),
    ("POST", "/api/v2/application", {"operator", "admin"}),
    ("PUT", "/api/v2/application/penguins", {"operator", "admin"}),
    ("DELETE", "/api/v2/servable/x", {"operator", "admin"}),
    ("GET", "/api/v2/api_key", {"admin"}),
    ("POST", "/api/v2/api_key", {"admin"}),
    ("DELETE", "/api/v2/api_key/ci", {"admin"}),
]


@pytest.mark.parametrize(("method", "path", "allowed"), CALLS)
@pytest.mark.parametrize("role", Role)
def test_x01_roles(role: Role, method: str, path: str, allowed: set[str]) -> None:
    assert access.permits(role, method, path) == (role in allowed)
    if role not in allowed:
        with pytest.raises(Forbidden, match=role):
            access.require(key_for("dp_x", role), method, path)
