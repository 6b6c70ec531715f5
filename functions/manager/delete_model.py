"""Removes versions that nobody uses, with payload and image. A number is never given again.

Somebody may put a version to use at the very moment at which it is deleted. He looks for the version when his servable
is written down (deploy_servable.py), and we look for servables when the version is gone, and bring it back if there
are any: one of the two sees the other.
"""

from functions.core.errors import Conflict, NotFound
from functions.core.models import ModelVersion
from functions.core.naming import MODEL
from functions.manager.contract import CONTRACT, PAYLOAD, SIGNATURE, model_image, stored_at
from functions.manager.find_models import Model, find_model
from functions.manager.find_uses import refuse_when_used, users_of_version
from functions.manager.ports import Ports


def delete_version(ports: Ports, name: str, number: int) -> ModelVersion:
    """Raises NotFound, Conflict naming the users."""
    try:
        version = ports.models.get(name, number)
    except NotFound:
        if MODEL.fullmatch(name):
            discard(ports, name, number)  # whoever deleted it may not have come so far
        raise
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
    """Raises NotFound, and Conflict when somebody began to use it meanwhile."""
    ports.models.delete(version.name, version.version)
    try:
        refuse_when_used(f"model version {version.full_name}", users_of_version(ports, version.name, version.version))
    except Conflict:
        ports.models.create(version)
        raise
    if not version.is_external:  # which never had a payload
        discard(ports, version.name, version.version)


def discard(ports: Ports, name: str, number: int) -> None:
    """What was stored for a version that is gone. Repeating it changes nothing."""
    for file in (PAYLOAD, CONTRACT, SIGNATURE):
        ports.payloads.delete(stored_at(name, number, file))
    ports.images.remove(model_image(ports.rules.model_repository, name, number))
