"""A metric of a model version is created, changed in place, or left alone. One whose model failed is started again.

Metrics that no document names stay: others may have made them.
"""

from dewpoint.apply.outcome import Action, Outcome
from dewpoint.client import Dewpoint
from dewpoint.documents.metric import MetricDocument
from dewpoint.entities import Metric
from dewpoint.errors import NotFound
from dewpoint.metrics import MetricSpec
from dewpoint.waiting import Patience, Watcher


def apply_metric(
    client: Dewpoint, watched: str, document: MetricDocument, watcher: Watcher, patience: Patience | None
) -> Outcome:
    """`watched` is a version. Waits until the metric model serves with `patience`, or not at all when None.

    Raises Ended, TimedOut, Unreachable, NotFound for a model version that is not there, Refused.
    """
    version = client.models.find(watched)
    spec = document.to_spec(version.id, client.models.find(document.model).id)
    action, metric = settle(client, spec)
    status = metric.status
    if patience and status != "Serving":
        status = client.servables.wait_serving(metric.servable, watcher, patience).status
    return Outcome("Metric", f"{version.full_name}/{spec.name}", action, status)


def settle(client: Dewpoint, spec: MetricSpec) -> tuple[Action, Metric]:
    """What was to be done for `spec`, and the metric as it is now."""
    try:
        existing = client.metrics.find(spec.model_version_id, spec.name)
    except NotFound:
        return "created", client.metrics.create(spec)
    if spec.describes(existing) and existing.status not in ("", "NotServing"):
        return "unchanged", existing
    return "updated", client.metrics.update(existing.id, spec)
