"""Brings what a host runs to what a servable's record says. The record is written first, and is right.

Two may do so at the same moment, one who puts the servable to sleep and one who wakes it. Each reads the record again
after it told the host: whoever told it something old tells it the new, and so the last word is always the record's.
"""

from functions.manager.ports import Ports

ATTEMPTS = 5


def bring_to_size(ports: Ports, name: str) -> None:
    for _ in range(ATTEMPTS):
        wanted = ports.servables.get_many([name]).get(name)
        if wanted is None:
            return
        ports.host.scale(wanted)
        told = ports.servables.get_many([name]).get(name)
        if told is None or told.desired == wanted.desired:
            return
