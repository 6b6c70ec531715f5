"""Makes the servables a plan still lacks. Servables that the application made before are kept where they fit."""

from collections.abc import Iterable

from functions.core.models import Graph, Servable, Stage, Variant
from functions.manager.deploy_servable import OWNER, deploy_servable
from functions.manager.plan_graph import Plan, PlannedVariant
from functions.manager.ports import Ports
from functions.manager.stop_servable import stop_servable


class Deployment:
    """Realises one plan. `made` are the servables that were started for it."""

    def __init__(self, ports: Ports, application: str, kept: Iterable[Servable] = ()) -> None:
        self.made: list[str] = []
        self._ports = ports
        self._application = application
        self._kept = [servable for servable in kept if servable.metadata.get(OWNER) == application]

    def realise(self, plan: Plan) -> Graph:
        """The graph of `plan`. When one servable cannot be started, none is left running."""
        try:
            stages = tuple(
                Stage(variants=tuple(map(self._variant, stage.variants)), signature=stage.signature)
                for stage in plan.stages
            )
        except Exception:
            self.undo()
            raise
        return Graph(stages=stages, signature=plan.signature)

    def undo(self) -> None:
        """Stops what was started."""
        for name in self.made:
            stop_servable(self._ports, name)

    def _variant(self, planned: PlannedVariant) -> Variant:
        version = planned.version
        return Variant(
            model_version_id=version.id,
            model_name=version.name,
            model_version=version.version,
            servable_name=planned.servable or self._keep(planned) or self._make(planned),
            deployment_configuration_name=planned.configuration,
            weight=planned.weight,
        )

    def _keep(self, planned: PlannedVariant) -> str | None:
        """A servable from before, for one variant only."""
        for servable in self._kept:
            same = servable.model_version_id == planned.version.id
            if same and servable.deployment_configuration_name == planned.configuration:
                self._kept.remove(servable)
                return servable.name
        return None

    def _make(self, planned: PlannedVariant) -> str:
        owner = {OWNER: self._application}
        servable = deploy_servable(self._ports, planned.version, planned.configuration, owner)
        self.made.append(servable.name)
        return servable.name
