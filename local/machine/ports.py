"""Which ports a local cloud uses: those asked for, else those remembered, else the defaults or the next free ones.

A port is reserved from its choice until the command ends (by then its owner listens on it), so two clones that start at
the same moment do not choose the same one. The reservation is a lock file that dies with its holder.
"""

import contextlib
import os
import socket
import tempfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from local.machine.errors import PortTaken
from local.machine.settings import DEFAULT_PORTS
from local.machine.state import try_lock

LOOPBACK = "127.0.0.1"
ATTEMPTS = 500


class Reservations:
    """Ports held against other commands of this user; free them with `release`."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or Path(tempfile.gettempdir()) / f"dewpoint-ports-{os.getuid()}"
        self._held = contextlib.ExitStack()

    def take(self, port: int) -> bool:
        """Whether the port is free and now reserved."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = (self._folder / str(port)).open("w")
        if try_lock(file.fileno()) and is_free(port):
            self._held.callback(file.close)
            return True
        file.close()
        return False

    def release(self) -> None:
        self._held.close()


def choose(
    asked: Mapping[str, int], remembered: Mapping[str, int], ours: Collection[str], reservations: Reservations
) -> dict[str, int]:
    """A port per role. `ours` are the roles whose remembered port is in use by this very cloud: those stay, unless
    another was asked for. Raises PortTaken when an asked port belongs to another program."""
    return {
        role: choose_one(role, asked.get(role), remembered.get(role), role in ours, reservations)
        for role in DEFAULT_PORTS
    }


def choose_one(role: str, asked: int | None, remembered: int | None, is_ours: bool, reservations: Reservations) -> int:
    if is_ours and remembered is not None and asked in (None, remembered):
        return remembered
    if asked is not None:
        if reservations.take(asked):
            return asked
        raise PortTaken(f"port {asked}, asked for with DEWPOINT_{role.upper()}_PORT, belongs to another program")
    for port in candidates(remembered, DEFAULT_PORTS[role]):
        if reservations.take(port):
            return port
    raise PortTaken(f"no free port found for {role}")


def candidates(remembered: int | None, default: int) -> Iterator[int]:
    if remembered is not None:
        yield remembered
    yield from range(default, default + ATTEMPTS)


def is_free(port: int) -> bool:
    """Whether nobody listens on a loopback port (connections that are still closing do not count)."""
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((LOOPBACK, port))
            sock.listen(1)
        except OSError:
            return False
    return True
