"""A deployment configuration is created; it never changes, because what runs on it would not follow."""

from dewpoint.apply.outcome import Outcome
from dewpoint.client import Dewpoint
from dewpoint.documents.deployment import DeploymentDocument
from dewpoint.errors import Conflict, NotFound, Problem

KIND = "DeploymentConfiguration"


def apply_deployment(client: Dewpoint, document: DeploymentDocument) -> Outcome:
    """Raises Conflict when another configuration has the name, Unreachable, Refused."""
    try:
        existing = client.deployment_configurations.get(document.name)
    except NotFound:
        client.deployment_configurations.create(document.body)
        return Outcome(KIND, document.name, "created")
    if not document.is_covered_by(existing.raw):
        detail = f"deployment configuration {document.name!r} exists and says something else; it cannot be changed: "
        raise Conflict(Problem(409, "Conflict", detail + "choose another name, or delete it first"))
    return Outcome(KIND, document.name, "unchanged")
