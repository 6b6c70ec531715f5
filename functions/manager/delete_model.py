"""Removes versions that nobody uses, with payload and image. A number is never given again."""

from functions.core.models import ModelVersion
from functions.manager.contract import contract_key, signature_key
from functions.manager.find_models import Model, find_model
from functions.manager.find_uses import refuse_when_used, users_of_version
from functions.manager.ports import Ports


def delete_version(ports: Ports, name: str, number: int) -> ModelVersion:
    """Raises NotFound, Conflict naming the users."""
    version = ports.models.get(name, number)
    refuse_when_used(f"model version {version.full_name}", users_of_version(ports, name, number))
    remove_version(ports, version)
    return version


def delete_model(ports: Ports, model_id: int) -> Model:
    """All its versions, or none. Raises NotFound, Conflict naming the users."""
    model = find_model(ports, model_id)
    users = [user for version in model for user in users_of_version(ports, version.name, version.version)]
    refuse_when_used(f"model {model[0].name}", list(dict.fromkeys(users)))
    for version in model:
        remove_version(ports, version)
    return model


def remove_version(ports: Ports, version: ModelVersion) -> None:
    """Whoever uses it. Raises NotFound."""
    ports.models.delete(version.name, version.version)
    if version.is_external:
        return  # it never had a payload
    discard(ports, version)


def discard(ports: Ports, version: ModelVersion) -> None:
    """What was stored for a version that is gone. Repeating it changes nothing."""
    for key in (version.payload_key, contract_key(version), signature_key(version)):
        ports.payloads.delete(key)
    ports.images.remove(version.image)
