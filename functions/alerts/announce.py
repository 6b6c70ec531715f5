"""Who is told of what, decided as data: a notice holds everything that changed about a version at once."""

from collections.abc import Sequence

from msgspec.structs import replace

from functions.core.alerts import Alert, AlertRules, Notice, Occasion, Told, Watch

SPARE = 600  # seconds that a reminder may be late before a receiver takes an alert for over


def announce(watch: Watch, rules: AlertRules, over: Sequence[Alert], now: float) -> Watch:
    """The watch with a notice of what is due: alerts that nobody was told of, those that go on after the cool-down, and
    the ends of those that somebody was told of. What is silenced waits until the silence is over."""
    due = {alert.key: occasion for alert in watch.firing if (occasion := _occasion(watch, alert, rules, now))}
    firing = tuple(replace(alert, announced=now) if alert.key in due else alert for alert in watch.firing)
    expires = now + rules.cool_down + rules.window + SPARE
    told = [
        *(Told(occasion=due[alert.key], alert=alert, expires=expires) for alert in firing if alert.key in due),
        *(Told(occasion=Occasion.RESOLVED, alert=alert, expires=now) for alert in over if alert.announced is not None),
    ]
    if not told:
        return watch
    number = watch.notices + 1
    notice = Notice(id=f"{watch.version_id}-{number}", version_id=watch.version_id, at=now, told=tuple(told))
    return replace(watch, firing=firing, notices=number, pending=(*watch.pending, notice))


def _occasion(watch: Watch, alert: Alert, rules: AlertRules, now: float) -> Occasion | None:
    if watch.silenced(alert.key, now):
        return None
    if alert.announced is None:
        return Occasion.FIRED
    goes_on = alert.breached > alert.announced
    return Occasion.REMINDER if goes_on and now - alert.announced >= rules.cool_down else None
