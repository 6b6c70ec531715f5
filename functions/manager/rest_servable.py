"""Puts a servable to sleep that nobody has called for its idle time.

The record first: from then on callers wait, and ask for it. A call that was noted while it was written wakes it again.
"""

from functions.core.sleep import is_idle, rest
from functions.manager.bring_to_size import bring_to_size
from functions.manager.ports import Ports
from functions.manager.refresh_applications import refresh_applications
from functions.manager.wake_servable import wake_servable


def rest_servable(ports: Ports, name: str) -> None:
    rested = ports.servables.update(name, rest)
    if rested is None or not rested.is_asleep:
        return
    if not is_idle(rested, ports.usage.last([name]).get(name), ports.clock.now()):
        wake_servable(ports, name)
        return
    bring_to_size(ports, name)
    refresh_applications(ports, name)
