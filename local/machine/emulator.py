"""Starts the emulator. It keeps everything in memory: a new one is an empty account, and all is deployed anew."""

import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from local.machine.environment import Environments
from local.machine.errors import NotReady
from local.machine.fingerprint import fingerprint
from local.machine.processes import Child, Processes
from local.machine.progress import Say
from local.machine.settings import Settings
from local.machine.state import Started, State
from local.machine.toolchain import Toolchain

CODE = ("local/local_cloud", "local/requirements.txt", "local/pyproject.toml", "local/lambda-runtime.txt")
START_LIMIT = 180.0
PROBE_LIMIT = 10.0
PROBES = 3
PROBE_PAUSE = 2.0

Probe = Callable[[str], bool]


class StartEmulator:
    title = "starting the emulator"

    def __init__(
        self,
        settings: Settings,
        state: State,
        toolchain: Toolchain,
        environments: Environments,
        processes: Processes,
        probe: Probe,
        clear: Callable[[], object] = lambda: None,
    ) -> None:
        """`clear` removes what is no process of the cloud and yet was left by a former emulator: containers."""
        self._settings = settings
        self._state = state
        self._toolchain = toolchain
        self._environments = environments
        self._processes = processes
        self._probe = probe
        self._clear = clear

    def needed(self) -> bool:
        """Whether none runs, it runs other code than this clone's, or it does not answer."""
        started = self._state.record.emulator
        if started is None or self._processes.find(started.instance) is None:
            return True
        return started.made_of != self._made_of() or not self._answers()

    def run(self, say: Say) -> None:
        """Raises NotReady when it ends or does not answer in time."""
        if self._state.record.emulator is not None:
            say("the former one is gone or outdated: its state was in memory, everything is deployed anew")
        self._processes.stop()
        self._clear()
        data = self._state.folder / "data"
        data.mkdir(parents=True, exist_ok=True)
        log = self._state.log("emulator")
        if log.exists():
            log.replace(log.with_name("emulator.before.log"))
        argv = [str(self._toolchain.emulator_python), "-m", "local_cloud"]
        child = self._processes.start(argv, self._environments.emulator(), data, log)
        self._state.record.emulator = Started(child.pid, child.began, self._made_of())
        self._state.save()
        wait_until(lambda: self._probe(self._environments.endpoint), child, "the emulator", log, START_LIMIT)

    def _answers(self) -> bool:
        # to start a new one is to lose everything: one that is only busy gets another chance
        for attempt in range(PROBES):
            if self._probe(self._environments.endpoint):
                return True
            time.sleep(PROBE_PAUSE if attempt < PROBES - 1 else 0)
        return False

    def _made_of(self) -> str:
        # an emulator on another port, or with another engine, than the one now wanted must be started anew as well
        engine = sorted(self._environments.containers().values())
        return fingerprint(self._settings.root, CODE, self._environments.endpoint, *engine)


def wait_until(ready: Callable[[], bool], child: Child, name: str, log: Path, limit: float) -> None:
    """Wait for a process that was started. Raises NotReady when it ends first, or after `limit` seconds."""
    deadline = time.monotonic() + limit
    while not ready():
        if child.exit_code is not None:
            raise NotReady(f"{name} ended with exit code {child.exit_code}:\n{tail(log)}\n  see {log}")
        if time.monotonic() > deadline:
            raise NotReady(f"{name} did not answer within {limit:.0f} s:\n{tail(log)}\n  see {log}")
        time.sleep(0.1)


def tail(log: Path, count: int = 10) -> str:
    lines = log.read_text(errors="replace").splitlines()[-count:] if log.exists() else []
    return "\n".join(f"    {line}" for line in lines)


def emulator_answers(endpoint: str) -> bool:
    """Whether an emulator serves its health page there."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{endpoint}/_localstack/health", timeout=PROBE_LIMIT) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
