"""Starts the edge process, the one address that users talk to."""

import json
import urllib.request
from collections.abc import Callable

from local.machine.emulator import wait_until
from local.machine.environment import Environments
from local.machine.fingerprint import fingerprint
from local.machine.ports import LOOPBACK
from local.machine.processes import Processes
from local.machine.progress import Say
from local.machine.settings import EDGE, GRPC, Settings
from local.machine.state import Started, State

CODE = ("local/edge",)
START_LIMIT = 30.0

CloudAt = Callable[[str], str | None]


class StartEdge:
    title = "starting the edge"

    def __init__(
        self, settings: Settings, state: State, environments: Environments, processes: Processes, cloud_at: CloudAt
    ) -> None:
        self._settings = settings
        self._state = state
        self._environments = environments
        self._processes = processes
        self._cloud_at = cloud_at

    def needed(self) -> bool:
        """Whether none runs, it runs other code or serves other addresses, or it does not answer."""
        started = self._state.record.edge
        if started is None or self._processes.find(started.instance) is None:
            return True
        return started.made_of != self._made_of() or not self._is_ours()

    def run(self, _say: Say) -> None:
        """Raises NotReady when it ends or does not answer in time."""
        if former := self._state.record.edge:
            self._processes.stop(lambda process: process.instance == former.instance)
        log = self._state.log("edge")
        child = self._processes.start(self._argv(), self._environments.edge(), self._settings.root, log)
        self._state.record.edge = Started(child.pid, child.began, self._made_of())
        self._state.save()
        wait_until(self._is_ours, child, "the edge", log, START_LIMIT)

    def _argv(self) -> list[str]:
        ports = self._state.record.ports
        listen, grpc = (f"{LOOPBACK}:{ports[role]}" for role in (EDGE, GRPC))
        options = ["--endpoint", self._environments.endpoint, "--listen", listen, "--grpc", grpc]
        return [str(self._settings.python), "-m", "local.edge", *options]

    def _is_ours(self) -> bool:
        return self._cloud_at(f"http://{LOOPBACK}:{self._state.record.ports[EDGE]}") == self._state.record.cloud

    def _made_of(self) -> str:
        return fingerprint(self._settings.root, CODE, *self._argv())


def cloud_at(address: str) -> str | None:
    """The id of the cloud whose edge serves an address; None when no edge answers there."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{address}/_edge/health", timeout=5) as answer:
            return str(json.load(answer)["cloud"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
