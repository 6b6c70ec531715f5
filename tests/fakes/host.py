"""A host that runs nothing: it remembers what it was asked, and replicas are what the test says they are."""

from functions.core.deployments import DeploymentConfiguration
from functions.core.models import Replica, Servable
from functions.core.ports import LogPage
from functions.core.reports import Sighting
from tests.fakes.builder import page


class FakeServableHost:
    """`present` are the replicas that a look finds; `sizes` how many copies it was last told to run."""

    def __init__(self) -> None:
        self.running: dict[str, tuple[Servable, str, DeploymentConfiguration]] = {}
        self.stopped: list[str] = []
        self.refuses: Exception | None = None
        self.refuses_after = 0
        self.present: dict[str, list[Replica]] = {}
        self.sizes: dict[str, int] = {}
        self.scaled: list[tuple[str, int]] = []
        self.tails: dict[tuple[str, str], tuple[str, ...]] = {}
        self._lines: dict[str, list[str]] = {}

    def __contains__(self, name: object) -> bool:
        return name in self.running

    def __len__(self) -> int:
        return len(self.running)

    def start(self, servable: Servable, image: str, configuration: DeploymentConfiguration) -> None:
        if self.refuses and len(self.running) >= self.refuses_after:
            raise self.refuses
        self.running.setdefault(servable.name, (servable, image, configuration))
        self.sizes.setdefault(servable.name, configuration.replicas)

    def scale(self, servable: Servable) -> None:
        if servable.name in self.running:
            self.scaled.append((servable.name, servable.desired))
            self.sizes[servable.name] = servable.desired

    def stop(self, name: str) -> None:
        if self.running.pop(name, None):
            self.stopped.append(name)

    def look(self, name: str) -> Sighting | None:
        if name not in self.running:
            return None
        return Sighting(self.sizes[name], tuple(self.present.get(name, [])))

    def tail(self, name: str, task: str) -> tuple[str, ...]:
        return self.tails.get((name, task), ())

    def say(self, name: str, *lines: str) -> None:
        self._lines.setdefault(name, []).extend(lines)

    def log(self, name: str, after: str | None = None) -> LogPage:
        return page(self._lines.get(name, []), after)
