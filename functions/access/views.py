"""API keys as the API shows them: never their digests."""

from typing import Any

import msgspec

from functions.core.api_keys import ApiKey


def to_view(key: ApiKey) -> dict[str, Any]:
    quota = msgspec.to_builtins(key.quota)
    return {"name": key.name, "role": key.role.value, "quota": quota, "created": msgspec.to_builtins(key.created)}
