"""contract.json: what a model's image knows of itself, and where the build finds it.

A contract without signature tells the build to infer one and to leave it at `signature_key`.
"""

from typing import Any

import msgspec

from functions.core.models import Image, ModelVersion

PAYLOAD, CONTRACT, SIGNATURE = "payload.tar.gz", "contract.json", "signature.json"


def stored_at(name: str, number: int, file: str) -> str:
    """Where one of a version's files is stored."""
    return f"models/{name}/{number}/{file}"


def contract_key(version: ModelVersion) -> str:
    return stored_at(version.name, version.version, CONTRACT)


def signature_key(version: ModelVersion) -> str:
    return stored_at(version.name, version.version, SIGNATURE)


def model_image(repository: str, name: str, number: int) -> Image:
    """Where the build of a version puts its image."""
    return Image(name=repository, tag=f"{name}-{number}")


def to_contract(version: ModelVersion) -> bytes:
    """The contract of `version`, as JSON."""
    contract: dict[str, Any] = {
        "name": version.name,
        "version": version.version,
        "runtime": version.runtime,
        "signature": version.signature,
        "installCommand": version.install_command,
    }
    if version.batching:
        contract["batching"] = version.batching
    return msgspec.json.encode(contract)
