"""An application is created, changed in place, or left alone. One that failed is deployed again."""

from dewpoint.applications import ApplicationSpec
from dewpoint.apply.outcome import Action, Outcome
from dewpoint.client import Dewpoint
from dewpoint.documents.application import ApplicationDocument
from dewpoint.entities import Application
from dewpoint.waiting import Patience, Watcher

OURS = "dewpoint."  # metadata that the platform writes


def apply_application(
    client: Dewpoint, document: ApplicationDocument, watcher: Watcher, patience: Patience | None
) -> Outcome:
    """Waits until it is Ready with `patience`, or not at all when None.

    Raises Ended, TimedOut, Unreachable, NotFound for a model version that is not there, Refused.
    """
    spec = document.to_spec(lambda model: client.models.find(model).id)
    existing = client.applications.find(spec.name)
    action = decide(spec, existing)
    if action == "created":
        application = client.applications.create(spec)
    elif action == "updated" or existing is None:
        application = client.applications.update(spec)
    else:
        application = existing
    if patience and not (action == "unchanged" and application.status == "Ready"):
        application = client.applications.wait_ready(spec.name, spec, watcher, patience, application.revision)
    return Outcome("Application", spec.name, action, application.status)


def decide(spec: ApplicationSpec, existing: Application | None) -> Action:
    """What is to be done for `spec`."""
    if existing is None:
        return "created"
    written = {key: value for key, value in existing.metadata.items() if not key.startswith(OURS)}
    same = spec.describes(existing.candidate or existing.stages) and written == dict(spec.metadata)
    return "unchanged" if same and existing.status != "Failed" else "updated"
