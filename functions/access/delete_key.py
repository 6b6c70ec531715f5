"""Takes an API key back. It stops working at once, but for the moments that doors may remember it."""

from functions.core.api_keys import ApiKey
from functions.core.errors import NotFound
from functions.core.ports import KeyStore


def delete_key(keys: KeyStore, name: str) -> ApiKey:
    """Raises NotFound."""
    for key in keys.list():
        if key.name == name:
            keys.delete(key.digest)
            return key
    raise NotFound(f"there is no API key {name}")
