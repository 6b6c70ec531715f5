"""Notices as Prometheus' Alertmanager takes them: a list for POST /api/v2/alerts, labels as the reference system's.

https://github.com/prometheus/alertmanager, api/v2/openapi.yaml (postableAlerts). Labels tell alerts apart, so none of
them is a request: an alert keeps its labels from beginning to end. A firing alert ends at `endsAt` unless it is told
again, which happens after the cool-down at the latest.
"""

from typing import Any
from urllib.parse import urlsplit

from functions.alerts.views import link_to, moment
from functions.core.alerts import Alert, Notice, Told
from functions.core.bulletins import Trouble

ALERTS_PATH = "/api/v2/alerts"
NAMES = {
    Trouble.CHECK: "DewpointCheckFailed",
    Trouble.METRIC: "DewpointMetricUnhealthy",
    Trouble.ERRORED: "DewpointCheckErrored",
    Trouble.PREDICTION: "DewpointPredictionFailed",
}


def alerts_url(url: str) -> str:
    """Where the Alertmanager at `url` takes alerts: a prefix and a query of its own stay."""
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    return url if path.endswith(ALERTS_PATH) else parts._replace(path=path + ALERTS_PATH).geturl()


def to_alertmanager(notice: Notice, public_url: str) -> list[dict[str, Any]]:
    """One entry per alert; `public_url` is empty when nobody knows where to look."""
    return [_entry(told, public_url) for told in notice.told]


def _entry(told: Told, public_url: str) -> dict[str, Any]:
    alert = told.alert
    ends = alert.ended if alert.ended is not None else told.expires
    entry = {
        "labels": _filled(labels(alert)),
        "annotations": _filled(annotations(alert)),
        "startsAt": moment(alert.started),
        "endsAt": moment(ends),
    }
    link = link_to(alert, public_url)
    return entry | ({"generatorURL": link} if link else {})


def labels(alert: Alert) -> dict[str, str]:
    return {
        "alertname": NAMES[alert.trouble],
        "modelVersionId": str(alert.version_id),
        "modelVersionIncrement": str(alert.model_version),
        "modelName": alert.model_name,
        "applicationName": alert.application or "",
        "applicationStageId": str(alert.stage),
        "fieldName": alert.field,
        "checkName": alert.name,
        "metricSpecId": alert.metric_spec_id or "",
    }


def annotations(alert: Alert) -> dict[str, str]:
    return {
        "checkValue": alert.value,
        "checkThreshold": alert.threshold,
        "checkDescription": alert.description or alert.reason,
        "reason": alert.reason,
        "failures": f"{alert.failures} of {alert.requests} predictions",
        "exampleRequestIds": ", ".join(alert.examples),
        "firstSeen": moment(alert.first_seen),
        "lastSeen": moment(alert.last_seen),
        "ending": alert.ending,
    }


def _filled(texts: dict[str, str]) -> dict[str, str]:
    """An empty label is a missing one to Alertmanager."""
    return {name: text for name, text in texts.items() if text}
