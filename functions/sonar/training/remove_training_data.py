"""A file is taken out of a version's training data: out of the profile, and what is kept of it goes as well."""

from functions.core.training import TrainingFile, begun_key, file_profile_key
from functions.sonar.ports import Ports
from functions.sonar.training.merge_training_profile import merge_training_profile


def remove_training_data(ports: Ports, version_id: int, file_id: str) -> TrainingFile:
    """An upload is deleted; an object that was given by its path is not the platform's to delete. Raises NotFound."""
    file = ports.training_files.get(version_id, file_id)
    ports.training_files.delete(version_id, file_id)
    merge_training_profile(ports, version_id)
    ports.profiles.remove([file_profile_key(version_id, file_id), begun_key(version_id, file_id)])
    if file.is_upload and all(other.location != file.location for other in ports.training_files.of_version(version_id)):
        ports.training_objects.remove(file.location)
    return file
