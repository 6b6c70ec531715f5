"""What a version's alerts are after a bulletin, and after a time without one. Pure: the same log gives the same alerts.

The clock is the log's: bulletins say when they were published, so a watch that comes late counts each in its own time.
"""

from msgspec.structs import replace

from functions.alerts.window import Window
from functions.core.alerts import Alert, AlertRules, AlertState, Watch
from functions.core.bulletins import MOST_EXAMPLES, Bulletin, Finding
from functions.core.models import ModelVersion

MOST_FIRING = 80  # alerts of one version at a time: a watch is one item, which holds 400 kB
MOST_OVER = 45  # alerts that end at once: they are written in one transaction, and the others end a moment later


def take(watch: Watch, rules: AlertRules, version: ModelVersion | None, bulletin: Bulletin) -> Watch:
    """The watch with `bulletin`, the next of its log. A version that is gone raises no alerts any more."""
    now = max(watch.at, bulletin.at)
    watch = replace(watch, rows=bulletin.end, at=now)
    if version is None or not rules.enabled:
        return watch
    window = Window(watch.buckets, rules, now).with_bulletin(bulletin)
    findings = {finding.key: finding for finding in bulletin.findings}
    followed = [_followed(alert, bulletin, findings.get(alert.key)) for alert in watch.firing]
    bad = {key for key in findings if window.is_bad(key)}
    firing = [replace(alert, breached=now) if alert.key in bad else alert for alert in followed]
    known = {alert.key for alert in firing}
    fresh = [found for key, found in findings.items() if key in bad - known]
    number = watch.alerts
    for finding in fresh[: max(0, MOST_FIRING - len(firing))]:
        number += 1
        firing.append(_fired(version, number, finding, bulletin, window, now))
    return replace(watch, buckets=window.buckets, firing=tuple(firing), alerts=number)


def settle(watch: Watch, rules: AlertRules, now: float) -> tuple[Watch, tuple[Alert, ...]]:
    """The watch at `now`, and the alerts that are over."""
    if not watch.firing:
        return watch, ()
    window = Window(watch.buckets, rules, now)
    endings = [(alert, ending) for alert in watch.firing if (ending := _ending(alert, rules, window, now))]
    over = tuple(
        replace(alert, state=AlertState.RESOLVED, ended=now, ending=ending, row=watch.rows)
        for alert, ending in endings[:MOST_OVER]
    )
    gone = {alert.key for alert in over}
    return replace(watch, firing=tuple(alert for alert in watch.firing if alert.key not in gone)), over


def _ending(alert: Alert, rules: AlertRules, window: Window, now: float) -> str:
    """Why it is over; empty while it goes on."""
    good_for = now - alert.breached
    if window.requests and good_for >= rules.window and not window.is_bad(alert.key):
        failures = window.failures(alert.key)
        return f"healthy: {failures} of {window.requests} predictions failed in the last {rules.window} s"
    if not window.requests and good_for >= max(rules.quiet, rules.window):
        return f"quiet: no predictions, and none failed for {int(good_for)} s"
    return ""


def _followed(alert: Alert, bulletin: Bulletin, finding: Finding | None) -> Alert:
    """`alert` with what `bulletin` says of it. Its application and its words stay those that it began with."""
    alert = replace(alert, requests=alert.requests + bulletin.rows, row=bulletin.end)
    if finding is None:
        return alert
    return replace(
        alert,
        failures=alert.failures + finding.count,
        value=finding.value,
        reason=finding.reason,
        first_seen=min(alert.first_seen, finding.first_seen),
        last_seen=max(alert.last_seen, finding.last_seen),
        examples=(*finding.examples, *alert.examples)[:MOST_EXAMPLES],
    )


def _fired(
    version: ModelVersion, number: int, finding: Finding, bulletin: Bulletin, window: Window, now: float
) -> Alert:
    return Alert(
        version_id=version.id,
        number=number,
        key=finding.key,
        trouble=finding.trouble,
        field=finding.field,
        name=finding.name,
        model_name=version.name,
        model_version=version.version,
        application=finding.application,
        stage=finding.stage,
        metric_spec_id=finding.metric_spec_id,
        description=finding.description,
        threshold=finding.threshold,
        value=finding.value,
        reason=finding.reason,
        started=now,
        breached=now,
        first_seen=finding.first_seen,
        last_seen=finding.last_seen,
        failures=window.failures(finding.key),
        requests=window.requests,
        examples=finding.examples,
        row=bulletin.end,
    )
