"""The use case behind the clock: logs of which word was lost, and alerts that time ends or brings up again."""

from functions.alerts.keep_watch import keep_watch
from functions.alerts.ports import Ports
from functions.core.alerts import Watch


def look_around(ports: Ports) -> None:
    """Raises what the last version that failed raised, after all others had their turn."""
    watches = {watch.version_id: watch for watch in ports.watches.all()}
    behind = {version for version, rows in ports.ends.rows().items() if rows > _rows(watches.get(version))}
    unsettled = {version for version, watch in watches.items() if watch.firing or watch.pending}
    failed: Exception | None = None
    for version in sorted(behind | unsettled):
        try:
            keep_watch(ports, version)
        except Exception as error:  # noqa: BLE001 - a version fails alone
            failed = error
    if failed:
        raise failed


def _rows(watch: Watch | None) -> int:
    return watch.rows if watch else 0
