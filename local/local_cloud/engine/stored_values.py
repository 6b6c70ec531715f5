"""Values that builds and tasks take from Parameter Store and Secrets Manager."""

from __future__ import annotations

import json
from typing import Any


def parameter(ssm: Any, reference: str) -> str:
    """A parameter by name or ARN; raises LookupError when there is none."""
    found = ssm.get_parameters(Names=_names(reference), WithDecryption=True)["Parameters"]
    if not found:
        raise LookupError(f"no parameter {reference}")
    return str(found[0]["Value"])


def secret(secrets: Any, reference: str) -> str:
    """A secret by `id:json-key:version-stage:version-id`; everything after the id may be left out.

    Raises:
        LookupError: the secret has no such key; else what the client raises.
    """
    count = 7 if reference.startswith("arn:") else 1
    parts = reference.split(":")
    name, key = ":".join(parts[:count]), "".join(parts[count : count + 1])
    text = secrets.get_secret_value(SecretId=name)["SecretString"]
    return str(json.loads(text)[key] if key else text)


def _names(reference: str) -> list[str]:
    """An ARN does not show whether a name of one part begins with a slash."""
    if not reference.startswith("arn:"):
        return [reference]
    path = reference.split(":parameter/", 1)[1]
    return [f"/{path}"] if "/" in path else [path, f"/{path}"]
