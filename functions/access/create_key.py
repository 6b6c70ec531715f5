"""Issues an API key. The key itself leaves here once; only its digest is kept."""

from functions.core import access
from functions.core.errors import InvalidRequest, Problem
from functions.core.models import ApiKey, Role
from functions.core.naming import APPLICATION, check_name
from functions.core.ports import Clock, KeyStore


def create_key(keys: KeyStore, clock: Clock, name: object, role: object) -> tuple[ApiKey, str]:
    """The stored key and its secret. Raises InvalidRequest for a bad name or role, Conflict for a taken name."""
    secret = access.new_secret()
    key = ApiKey(
        digest=access.digest(secret),
        name=check_name(APPLICATION, name),
        role=check_role(role),
        created=clock.now(),
    )
    keys.put(key)
    return key, secret


def check_role(role: object) -> Role:
    """Raises InvalidRequest for what is not a role."""
    if not isinstance(role, str) or role not in list(Role):
        raise InvalidRequest.of([Problem("/role", f"one of {', '.join(Role)}", repr(role))])
    return Role(role)
