"""The training data of versions that are gone go as well: the daily round's part of deleting a version."""

from functions.core.errors import NotFound
from functions.core.observations import training_profile_key
from functions.core.training import begun_key, file_profile_key
from functions.sonar.ports import Ports


def forget_training_data(ports: Ports) -> None:
    """The record of a file goes last, so that who dies in between is followed by somebody who finds it."""
    for version_id in ports.training_files.versions():
        if _is_there(ports, version_id):
            continue
        for file in ports.training_files.of_version(version_id):
            if file.is_upload:
                ports.training_objects.remove(file.location)
            kept = file_profile_key(version_id, file.id), begun_key(version_id, file.id)
            ports.profiles.remove(*kept, training_profile_key(version_id))
            ports.training_files.delete(version_id, file.id)


def _is_there(ports: Ports, version_id: int) -> bool:
    try:
        ports.models.by_id(version_id)
    except NotFound:
        return False
    return True
