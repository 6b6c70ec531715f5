"""A model version is uploaded unless the newest one is made of the same things.

What a version is made of is recognised by the digest in its metadata. A version that failed to build is tried again.
"""

from dewpoint.apply.outcome import Outcome
from dewpoint.client import Dewpoint
from dewpoint.entities import ModelVersion
from dewpoint.models import DIGEST_KEY, ModelSpec
from dewpoint.waiting import Patience, Watcher


def apply_model(client: Dewpoint, spec: ModelSpec, watcher: Watcher, patience: Patience | None) -> Outcome:
    """Waits for the build with `patience`, or not at all when None. Raises Ended, TimedOut, Unreachable, Refused."""
    same = find_same(client, spec)
    version = same or client.models.upload(spec, watcher)
    if patience and version.status == "Assembling":
        version = client.models.wait_released(version, watcher, patience)
    return Outcome("Model", version.full_name, "unchanged" if same else "created", version.status)


def find_same(client: Dewpoint, spec: ModelSpec) -> ModelVersion | None:
    """The newest version that did not fail, when it is made of the same things."""
    versions = [version for version in client.models.versions(spec.name) if version.status != "Failed"]
    same = versions and versions[-1].metadata.get(DIGEST_KEY) == spec.digest()
    return versions[-1] if same else None
