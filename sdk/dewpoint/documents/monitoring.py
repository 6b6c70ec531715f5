"""The section monitoring-configuration: how requests are gathered, how long they are kept, and what is an alert."""

from typing import Any, NamedTuple

from dewpoint.documents.reader import Reader, said

WEEK = 7 * 24 * 3600  # seconds
LONGEST_LOG = 3650  # days


class Monitoring(NamedTuple):
    """`alerts` are the rules in the API's words, those that the document gives."""

    batch_size: int | None = None
    log_days: int | None = None
    alerts: dict[str, Any] | None = None


NO_MONITORING = Monitoring()


def read_monitoring(reader: Reader) -> Monitoring:
    """Faults are left with `reader`."""
    section = reader.section("monitoring-configuration")
    if section is None:
        return NO_MONITORING
    size = section.number("batch-size", "batchSize", least=1)
    days = section.number("log-days", "logDays", least=1, most=LONGEST_LOG)
    rules = section.section("alerts")
    alerts = _read_alerts(rules) if rules else None
    section.close()
    return Monitoring(size, days, alerts)


def _read_alerts(section: Reader) -> dict[str, Any]:
    found = {
        "enabled": section.value("enabled"),
        "window": section.number("window", least=1, most=WEEK),
        "minFailures": section.number("min-failures", "minFailures", least=1),
        "minShare": section.value("min-share", "minShare"),
        "coolDown": section.number("cool-down", "coolDown", least=1, most=WEEK),
        "quiet": section.number("quiet", least=1, most=WEEK),
    }
    enabled, share = found["enabled"], found["minShare"]
    if enabled is not None and not isinstance(enabled, bool):
        section.fault(("enabled",), f"expected true or false, received {said(enabled)}")
    if share is not None and (isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1):
        section.fault(("min-share",), f"expected a number from 0 to 1, received {said(share)}")
    section.close()
    return {name: value for name, value in found.items() if value is not None}
