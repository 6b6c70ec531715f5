"""A version's training profile, merged anew from the profiles of its files.

Several may do so at once: whoever sees other files after writing than it merged does it again, so that the last one
to write has seen them all. Who dies in between is delivered again.
"""

from collections.abc import Sequence

from functions.core.errors import Unavailable
from functions.core.observations import training_profile_key
from functions.core.training import TrainingFile, in_force
from functions.numerics.profiles.stored import Profiles, from_bytes, merge_profiles, to_bytes
from functions.sonar.ports import Ports

ATTEMPTS = 20
TOGETHER = 16  # profiles that are held at once


def merge_training_profile(ports: Ports, version_id: int) -> None:
    """Without any file the profile is an empty one. Raises Unavailable."""
    files = in_force(ports.training_files.of_version(version_id))
    for _ in range(ATTEMPTS):
        ports.profiles.write(training_profile_key(version_id), to_bytes(_merged(ports, files)))
        now = in_force(ports.training_files.of_version(version_id))
        if [file.profile_key for file in now] == [file.profile_key for file in files]:
            return
        files = now
    raise Unavailable(f"the training data of version {version_id} are being changed by too many at once")


def _merged(ports: Ports, files: Sequence[TrainingFile]) -> Profiles:
    parts: list[Profiles] = []
    for file in files:
        stored = ports.profiles.read(file.profile_key)
        if stored is None:
            raise Unavailable(f"the profile of training file {file.id} cannot be read")
        parts.append(from_bytes(stored))
        if len(parts) == TOGETHER:
            parts = [merge_profiles(parts)]
    return merge_profiles(parts)
