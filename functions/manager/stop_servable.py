"""Ends a servable: nothing of it runs any more, and nobody finds it."""

from contextlib import suppress

from functions.core.errors import NotFound
from functions.manager.ports import Ports


def stop_servable(ports: Ports, name: str) -> None:
    """The host first: as long as its record is there a servable can be seen, and stopping can be tried again.

    Somebody may be starting it at this very moment. He looks for the record when the host has begun, and we tell the
    host once more when the record is gone: one of the two sees the other.
    """
    ports.host.stop(name)
    with suppress(NotFound):  # somebody else was quicker
        ports.servables.delete(name)
    ports.host.stop(name)
