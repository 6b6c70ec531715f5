"""One running container: its log, its end, commands beside its own."""

from __future__ import annotations

import contextlib
import logging
import math
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from typing import Any

from docker.errors import APIError, DockerException
from requests import RequestException

from ..engine.ports import OUT_OF_MEMORY, Exit

LOG = logging.getLogger(__name__)
LOG_PATIENCE = 5.0
CANNOT_EXECUTE = 126
LOST = Exit(255, "CannotInspectContainerError: the container engine does not answer")


class RunningContainer:
    """A container of a Docker engine.

    Args:
        container: docker's model of it, created and not yet started; `start` raises what the engine raises.
    """

    def __init__(self, container: Any, image_digest: str, on_line: Callable[[str], None]) -> None:
        self._container = container
        self.id = str(container.id)
        self.image_digest = image_digest
        self._exit: Exit | None = None
        self._ended = threading.Event()
        container.start()
        self._reader = threading.Thread(target=self._read, args=(on_line,), name=f"log {self.id[:12]}", daemon=True)
        self._reader.start()
        threading.Thread(target=self._await_end, name=f"wait {self.id[:12]}", daemon=True).start()

    def wait(self, timeout: float | None = None) -> Exit | None:
        """How it ended; None when it still runs after `timeout` seconds."""
        self._ended.wait(timeout)
        return self._exit

    def stop(self, grace: float) -> None:
        """SIGTERM, SIGKILL `grace` seconds later; returns when it has ended."""
        with contextlib.suppress(DockerException, RequestException):
            self._container.stop(timeout=math.ceil(grace))
        self._ended.wait()

    def processor_seconds(self) -> float:
        """Processor time, as its control group counts it."""
        try:
            told = self._container.client.api.stats(self.id, stream=False, one_shot=True)
        except (DockerException, RequestException):
            return 0.0
        return float(told["cpu_stats"]["cpu_usage"]["total_usage"]) / 1e9

    def execute(self, words: Sequence[str], timeout: float) -> int | None:
        """Runs a command in the container; its exit code, None after the timeout."""
        api = self._container.client.api
        try:
            run = api.exec_create(self.id, list(words))["Id"]
        except (APIError, RequestException):
            return CANNOT_EXECUTE
        done: Future[None] = Future()
        threading.Thread(target=_execute, args=(api, run, done), daemon=True).start()
        try:
            done.result(timeout)
            code = api.exec_inspect(run)["ExitCode"]
        except NotYet:
            _kill(api, run)
            return None
        except (APIError, RequestException):
            return CANNOT_EXECUTE
        return CANNOT_EXECUTE if code is None else int(code)

    def _read(self, on_line: Callable[[str], None]) -> None:
        rest = b""
        try:
            for piece in self._container.logs(stream=True, follow=True):
                *lines, rest = (rest + piece).split(b"\n")
                for line in lines:
                    on_line(_text(line))
        except (DockerException, RequestException) as error:
            LOG.warning("the log of container %s ended early: %s", self.id, error)
        if rest:
            on_line(_text(rest))

    def _await_end(self) -> None:
        self._exit = self._how_it_ended()
        self._reader.join(LOG_PATIENCE)
        with contextlib.suppress(DockerException, RequestException):
            self._container.remove(force=True, v=True)
        self._ended.set()

    def _how_it_ended(self) -> Exit:
        try:
            self._container.wait(timeout=None)
            self._container.reload()
        except (DockerException, RequestException) as error:
            LOG.warning("lost container %s: %s", self.id, error)
            return LOST
        state = self._container.attrs["State"]
        code = int(state["ExitCode"])
        # the engine notes it as well when only a child was killed and the command lives on
        return Exit(code, OUT_OF_MEMORY if state["OOMKilled"] and code else None)


def _execute(api: Any, run: str, done: Future[None]) -> None:
    try:
        # reading its output to the end is the only way to wait for it
        for _ in api.exec_start(run, stream=True):
            pass
    except Exception as error:  # noqa: BLE001 - handed to the thread that asked
        done.set_exception(error)
    else:
        done.set_result(None)


def _kill(api: Any, run: str) -> None:
    """Ends a command that takes too long; the engine has no call for that, the machine's root has."""
    with contextlib.suppress(APIError, RequestException, ProcessLookupError, PermissionError):
        if pid := api.exec_inspect(run).get("Pid"):
            os.kill(pid, signal.SIGKILL)


def _text(line: bytes) -> str:
    return line.decode(errors="replace").rstrip("\r")
