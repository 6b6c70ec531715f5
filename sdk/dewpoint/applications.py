"""Applications: stable names for linear graphs of weighted variants."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from dewpoint.entities import Application, Revision, Stages, Variant
from dewpoint.errors import Ended, NotFound
from dewpoint.transport import Transport
from dewpoint.waiting import SILENT, START_TIMEOUT, Patience, Watcher, wait

ROOT = "/api/v2/application"


@dataclass(frozen=True)
class WantedVariant:
    """`weight` is the share of the stage's answers in percent; the variants of a stage sum to 100."""

    model_version_id: int
    weight: int = 100
    deployment_configuration: str = "default"

    def matches(self, variant: Variant) -> bool:
        return (self.model_version_id, self.weight, self.deployment_configuration) == (
            variant.model_version_id,
            variant.weight,
            variant.deployment_configuration,
        )


@dataclass(frozen=True)
class ApplicationSpec:
    """An application to be."""

    name: str
    stages: Sequence[Sequence[WantedVariant]]
    metadata: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        stages = [{"modelVariants": [_variant(variant) for variant in stage]} for stage in self.stages]
        return {"name": self.name, "executionGraph": {"stages": stages}, "metadata": dict(self.metadata)}

    @classmethod
    def of(cls, application: Application) -> "ApplicationSpec":
        """What `application` is to be: the graph that it is being changed to, else the one it has."""
        stages = application.candidate or application.stages
        return cls(application.name, [[_wanted(each) for each in stage] for stage in stages], application.metadata)

    def describes(self, stages: Stages) -> bool:
        """Is this the graph? Variants of a stage may stand in another order."""
        return len(self.stages) == len(stages) and all(map(_same_stage, self.stages, stages))


class Applications:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self) -> list[Application]:
        return sorted(
            map(Application.from_json, self._transport.get_all(ROOT)), key=lambda application: application.name
        )

    def get(self, name: str) -> Application:
        """Raises NotFound."""
        return Application.from_json(self._transport.get(_path(name)))

    def find(self, name: str) -> Application | None:
        try:
            return self.get(name)
        except NotFound:
            return None

    def create(self, spec: ApplicationSpec) -> Application:
        """Raises BadRequest, Conflict when the name is taken."""
        return Application.from_json(self._transport.send("POST", ROOT, spec.to_json()))

    def update(self, spec: ApplicationSpec) -> Application:
        """Changes an application in place; it goes on answering meanwhile. Raises NotFound, BadRequest."""
        return Application.from_json(self._transport.send("PUT", _path(spec.name), spec.to_json()))

    def revisions(self, name: str) -> Sequence[Revision]:
        """What the application was asked to be, the newest first. Raises NotFound."""
        return [Revision.from_json(raw) for raw in self._transport.get_all(f"{_path(name)}/revisions")]

    def rollback(self, name: str, to: int | None = None) -> Application:
        """Brings revision `to` back, the one before when None; the application goes on answering meanwhile.

        Raises NotFound, and Conflict when what that revision needs is gone.
        """
        body = {} if to is None else {"revision": to}
        return Application.from_json(self._transport.send("POST", f"{_path(name)}/rollback", body))

    def example_inputs(self, name: str) -> dict[str, Any]:
        """Inputs that fit the application's signature. Raises NotFound."""
        inputs: dict[str, Any] = self._transport.get(f"{ROOT}/generateInputs/{quote(name, safe='')}")
        return inputs

    def openapi(self, name: str) -> dict[str, Any]:
        """The OpenAPI document of the application's predictions. Raises NotFound."""
        document: dict[str, Any] = self._transport.get(f"{_path(name)}/openapi.json")
        return document

    def wait_ready(
        self,
        name: str,
        spec: ApplicationSpec | None = None,
        watcher: Watcher = SILENT,
        patience: Patience | None = None,
        revision: int = 0,
    ) -> Application:
        """The application once it is Ready, with the graph of `spec` when given. Raises Ended, TimedOut.

        When an update fails, the graph before it goes on answering and the application is Ready, only not with `spec`.
        `revision` is the one that was written: an older one is an echo of the past.
        """
        what = f"application {name}"

        def look() -> Application:
            seen = self.get(name)
            watcher.state(name, seen.status, seen.message)
            return seen

        def done(seen: Application) -> bool:
            if seen.status == "Failed" and seen.revision >= revision:
                raise Ended(what, seen.message)
            if seen.status != "Ready" or seen.revision < revision:
                return False
            if spec is not None and not spec.describes(seen.stages):
                raise Ended(f"the update of {what}", seen.message)
            return True

        return wait(what, look, done, patience or Patience(START_TIMEOUT))

    def delete(self, name: str) -> None:
        """Raises NotFound."""
        self._transport.send("DELETE", _path(name))


def _wanted(variant: Variant) -> WantedVariant:
    return WantedVariant(variant.model_version_id, variant.weight, variant.deployment_configuration)


def _variant(variant: WantedVariant) -> dict[str, Any]:
    return {
        "modelVersionId": variant.model_version_id,
        "weight": variant.weight,
        "deploymentConfigName": variant.deployment_configuration,
    }


def _same_stage(wanted: Sequence[WantedVariant], present: Sequence[Variant]) -> bool:
    left = list(present)
    for variant in wanted:
        found = next((each for each in left if variant.matches(each)), None)
        if found is None:
            return False
        left.remove(found)
    return not left


def _path(name: str) -> str:
    return f"{ROOT}/{quote(name, safe='')}"
