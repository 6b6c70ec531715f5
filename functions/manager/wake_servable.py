"""Wakes a servable that somebody calls. Fifty callers wake it once: the first to write the record tells the host."""

from functions.core.sleep import wake
from functions.manager.bring_to_size import bring_to_size
from functions.manager.ports import Ports
from functions.manager.refresh_applications import refresh_applications


def wake_servable(ports: Ports, name: str) -> None:
    """What is awake, or gone, is nobody's concern."""
    now = ports.clock.now()
    woken = ports.servables.update(name, lambda current: wake(current, now))
    if woken is None or woken.woken != now:
        return
    bring_to_size(ports, name)
    refresh_applications(ports, name)
