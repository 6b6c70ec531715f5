"""An image builder that builds nothing: the test says how each build ends."""

from msgspec.structs import replace

from functions.core.errors import NotFound
from functions.core.models import ModelVersion
from functions.core.ports import BuildOutcome, LogPage


class FakeImageBuilder:
    def __init__(self) -> None:
        self.started: dict[str, ModelVersion] = {}
        self.contracts: dict[str, str] = {}
        self.refuses: Exception | None = None
        self._outcomes: dict[str, BuildOutcome] = {}
        self._lines: dict[str, list[str]] = {}

    def __len__(self) -> int:
        return len(self.started)

    def start(self, version: ModelVersion, contract_key: str) -> str:
        if self.refuses:
            raise self.refuses
        build_id = f"model-build:{version.full_name}"
        self.started.setdefault(build_id, version)
        self.contracts.setdefault(build_id, contract_key)
        self._outcomes.setdefault(build_id, BuildOutcome(name=version.name, version=version.version, succeeded=None))
        return build_id

    def report(self, build_id: str, outcome: BuildOutcome) -> None:
        self._outcomes[build_id] = outcome

    def succeed(self, build_id: str, digest: str = "sha256:" + "a" * 64) -> None:
        self._outcomes[build_id] = replace(self._outcomes[build_id], succeeded=True, digest=digest)

    def fail(self, build_id: str, reason: str, *tail: str) -> None:
        self._outcomes[build_id] = replace(self._outcomes[build_id], succeeded=False, reason=reason, tail=tail)

    def say(self, build_id: str, *lines: str) -> None:
        self._lines.setdefault(build_id, []).extend(lines)

    def outcome(self, build_id: str) -> BuildOutcome:
        try:
            return self._outcomes[build_id]
        except KeyError:
            raise NotFound(f"there is no build {build_id}") from None

    def log(self, build_id: str, after: str | None = None) -> LogPage:
        return page(self._lines.get(build_id, []), after)


def page(lines: list[str], after: str | None) -> LogPage:
    fresh = tuple(lines[int(after or 0) :])
    return LogPage(fresh, str(len(lines)) if fresh else after)
