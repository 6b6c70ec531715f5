"""Takes an API key back. It stops working at once, but for the moments that doors may remember it."""

from functions.core.api_keys import ApiKey
from functions.core.errors import Conflict, NotFound
from functions.core.ports import KeyStore


def delete_key(keys: KeyStore, name: str, caller: str | None) -> ApiKey:
    """`caller` is the name of the key that asks. It cannot be its own end, so one administrator's key is always left.

    Raises Conflict, NotFound.
    """
    if name == caller:
        raise Conflict(f"API key {name} is the one that asks: delete it with another administrator's key")
    for key in keys.list():
        if key.name == name:
            keys.delete(key.digest)
            return key
    raise NotFound(f"there is no API key {name}")
