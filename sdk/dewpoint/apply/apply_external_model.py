"""An external model gets a new version unless its newest one says the same."""

from dewpoint.apply.outcome import Outcome
from dewpoint.client import Dewpoint
from dewpoint.models import DIGEST_KEY, ExternalSpec


def apply_external_model(client: Dewpoint, spec: ExternalSpec) -> Outcome:
    """Raises Unreachable, Refused."""
    versions = client.models.versions(spec.name)
    same = bool(versions) and versions[-1].metadata.get(DIGEST_KEY) == spec.digest()
    version = versions[-1] if same else client.models.register_external(spec)
    return Outcome("ExternalModel", version.full_name, "unchanged" if same else "created", version.status)
