"""Starting processes that end with their parent.

Linux ties the parent-death signal to the thread that started the child, not to its process. So one thread that lives
as long as the program starts them all.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

LAUNCH = Path(__file__).with_name("launch.py")


@dataclass(frozen=True)
class Order:
    """A process to start, in a session of its own, with exactly this environment.

    Attributes:
        uid: the user to become; only root may.
        drop_capabilities: give up root's powers without changing the user.
        pass_fds: descriptors that stay open in the child.
    """

    argv: Sequence[str]
    cwd: Path
    environment: Mapping[str, str]
    uid: int | None = None
    drop_capabilities: bool = False
    stdout: int = subprocess.PIPE
    pass_fds: Sequence[int] = ()


class Spawner:
    """The thread that starts processes."""

    def __init__(self) -> None:
        self._orders: queue.SimpleQueue[tuple[Order, Future[subprocess.Popen[bytes]]]] = queue.SimpleQueue()
        threading.Thread(target=self._run, name="spawner", daemon=True).start()

    def start(self, order: Order) -> subprocess.Popen[bytes]:
        """Starts a process; raises OSError when its folder does not exist."""
        done: Future[subprocess.Popen[bytes]] = Future()
        self._orders.put((order, done))
        return done.result()

    def _run(self) -> None:
        while True:
            order, done = self._orders.get()
            try:
                done.set_result(_popen(order))
            except Exception as error:  # noqa: BLE001 - handed to the thread that asked
                done.set_exception(error)


def _popen(order: Order) -> subprocess.Popen[bytes]:
    words = {
        "parent": os.getpid(),
        "argv": list(order.argv),
        "uid": order.uid,
        "drop": order.drop_capabilities,
    }
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(LAUNCH), json.dumps(words)],
        cwd=order.cwd,
        env=dict(order.environment),
        stdin=subprocess.DEVNULL,
        stdout=order.stdout,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        pass_fds=tuple(order.pass_fds),
    )
