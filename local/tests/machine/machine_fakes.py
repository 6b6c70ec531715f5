"""Fakes of what the machine works with: tools, processes, and the addresses that users reach."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from local.machine.errors import CommandFailed
from local.machine.processes import Process, Processes
from local.machine.readiness import KeyRefused


class FakeCommands:
    """Records what would have been run; `effects` says what a tool leaves behind, by its first argument words."""

    def __init__(self) -> None:
        self.ran: list[tuple[str, ...]] = []
        self.environments: list[Mapping[str, str]] = []
        self.folders: list[Path] = []
        self.effects: dict[str, Callable[[Sequence[str]], None]] = {}
        self.broken: set[str] = set()

    def __contains__(self, what: str) -> bool:
        return any(what in " ".join(argv) for argv in self.ran)

    def __len__(self) -> int:
        return len(self.ran)

    def run(
        self,
        what: str,
        argv: Sequence[str],
        environment: Mapping[str, str],
        cwd: Path,
        log: Path,
        on_line: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.ran.append(tuple(argv))
        self.environments.append(environment)
        self.folders.append(cwd)
        if what in self.broken:
            raise CommandFailed(what, ["it broke"], log)
        for word, effect in self.effects.items():
            if word in argv:
                effect(argv)


class FakeChild:
    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.began = pid * 10
        self.exit_code: int | None = None


class FakeProcesses(Processes):
    """A machine on which starting is remembering."""

    def __init__(self) -> None:
        super().__init__("fake-cloud")
        self.table: dict[str, Process] = {}
        self.stops = 0
        self._pids = itertools.count(101)

    def living(self) -> list[Process]:
        return list(self.table.values())

    def find(self, instance: str) -> Process | None:
        return self.table.get(instance)

    def start(self, argv: Sequence[str], environment: Mapping[str, str], cwd: Path, log: Path) -> FakeChild:  # type: ignore[override]
        child = FakeChild(next(self._pids))
        process = Process(child.pid, child.began, tuple(argv), environment, 0)
        self.table[process.instance] = process
        return child

    def stop(self, only: Callable[[Process], bool] = lambda _: True, grace: float = 0) -> list[Process]:
        self.stops += 1
        stopped = [process for process in self.living() if only(process)]
        for process in stopped:
            del self.table[process.instance]
        return stopped


class FakeFront:
    """Answers from two scripts; the last entry repeats. `REFUSED` in a script refuses the key."""

    REFUSED = "refused"

    def __init__(self, http: list[str | None], grpc: list[str | None]) -> None:
        self.scripts = {"http": http, "grpc": grpc}
        self.keys: list[str] = []

    def http(self, _address: str, key: str) -> str | None:
        return self._next("http", key)

    def grpc(self, _address: str, key: str) -> str | None:
        return self._next("grpc", key)

    def _next(self, name: str, key: str) -> str | None:
        self.keys.append(key)
        script = self.scripts[name]
        answer = script.pop(0) if len(script) > 1 else script[0]
        if answer == self.REFUSED:
            raise KeyRefused
        return answer
