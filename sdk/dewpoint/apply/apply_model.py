"""A model version is uploaded unless the newest one is made of the same things.

What a version is made of is recognised by the digest in its metadata. A version that failed to build is tried again.
All models are uploaded before any build is waited for: they build side by side.
"""

from dataclasses import dataclass

from dewpoint.apply.outcome import Action, Outcome
from dewpoint.client import Dewpoint
from dewpoint.entities import ModelVersion
from dewpoint.models import DIGEST_KEY, ModelSpec
from dewpoint.waiting import Patience, Watcher


@dataclass(frozen=True)
class Begun:
    """A version that is built, or that was there already."""

    version: ModelVersion
    action: Action

    def outcome(self, version: ModelVersion | None = None) -> Outcome:
        """As it stands, or as `version`, which is the same one later, says."""
        shown = version or self.version
        return Outcome("Model", shown.full_name, self.action, shown.status)


def begin_model(client: Dewpoint, spec: ModelSpec, watcher: Watcher) -> Begun:
    """Uploads what is new. Raises Unreachable, TimedOut, Refused."""
    same = find_same(client, spec)
    return Begun(same, "unchanged") if same else Begun(client.models.upload(spec, watcher), "created")


def finish_model(client: Dewpoint, begun: Begun, watcher: Watcher, patience: Patience | None) -> Outcome:
    """Waits for the build with `patience`, or not at all when None. Raises Ended, TimedOut, Unreachable, Refused."""
    if patience is None or begun.version.status != "Assembling":
        return begun.outcome()
    return begun.outcome(client.models.wait_released(begun.version, watcher, patience))


def find_same(client: Dewpoint, spec: ModelSpec) -> ModelVersion | None:
    """The newest version that did not fail, when it is made of the same things."""
    versions = [version for version in client.models.versions(spec.name) if version.status != "Failed"]
    same = versions and versions[-1].metadata.get(DIGEST_KEY) == spec.digest()
    return versions[-1] if same else None
