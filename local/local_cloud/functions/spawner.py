"""One thread that starts every child process, so that no child survives the emulator.

The kernel ties a child's parent-death signal to the *thread* that forked it: a child started by a pooled worker would
be killed when that worker retires. This thread lives as long as the process does.
"""

import ctypes
import os
import queue
import signal
import subprocess
import threading
from concurrent.futures import Future
from typing import Any

PR_SET_PDEATHSIG = 1
_prctl = getattr(ctypes.CDLL(None), "prctl", None)  # looked up before any fork; absent outside Linux


def die_with_parent() -> None:
    """In the child, before exec: ask to be killed when the spawning thread is gone."""
    if _prctl is not None:
        _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() == 1:
        os._exit(1)  # the parent died in between


class Spawner:
    """`popen` as `subprocess.Popen`, performed by the one long-lived thread."""

    def __init__(self) -> None:
        self._orders: queue.SimpleQueue[tuple[Future[Any], list[str], dict[str, Any]]] = queue.SimpleQueue()
        threading.Thread(target=self._serve, name="spawner", daemon=True).start()

    def popen(self, argv: list[str], **options: Any) -> subprocess.Popen[bytes]:
        """Start a child in a session of its own; raises what `subprocess.Popen` raises."""
        started: Future[subprocess.Popen[bytes]] = Future()
        self._orders.put((started, argv, options))
        return started.result()

    def _serve(self) -> None:
        while True:
            started, argv, options = self._orders.get()
            try:
                child = subprocess.Popen(argv, preexec_fn=die_with_parent, start_new_session=True, **options)
            except (OSError, ValueError, subprocess.SubprocessError) as error:
                started.set_exception(error)
            else:
                started.set_result(child)
