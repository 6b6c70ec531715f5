"""An address of its own for each task, as awsvpc networking gives.

Tasks listen on 127.a.b.c: `a.b` is the emulator's port, so two clouds of one machine never meet, and `c` counts.
An address just given back is the last to be given out again.
"""

from __future__ import annotations

import socket
import threading
from collections import deque
from collections.abc import Iterable

from .errors import CannotInitialize


class Addresses:
    """The addresses of one local cloud."""

    def __init__(self, port: int) -> None:
        self._free = deque(f"127.{port >> 8}.{port & 255}.{number}" for number in range(1, 255))
        self._lock = threading.Lock()

    def take(self, ports: Iterable[int]) -> str:
        """An address on which nobody listens at these ports.

        Raises:
            CannotInitialize: there is none.
        """
        wanted = list(ports)
        with self._lock:
            for _ in range(len(self._free)):
                address = self._free.popleft()
                if all(_is_free(address, port) for port in wanted):
                    return address
                self._free.append(address)
        raise CannotInitialize(f"no address of this machine has the ports {wanted} free")

    def give_back(self, address: str) -> None:
        """Makes an address available again."""
        with self._lock:
            self._free.append(address)


def _is_free(address: str, port: int) -> bool:
    with socket.socket() as probe:
        # what a server does too: a connection that is only being torn down is no obstacle
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True
