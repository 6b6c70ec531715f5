"""What a batch of messages needs to know of the platform, each thing read once."""

from collections.abc import Collection, Iterable, Sequence
from functools import cache

from functions.core.errors import NotFound
from functions.core.messages import PredictionMade
from functions.core.metric_specs import MetricSpec
from functions.core.models import ModelVersion, Servable
from functions.core.monitoring import batch_size_of, log_days_of
from functions.core.observations import training_profile_key
from functions.core.signature import Signature
from functions.numerics.checks.rules import Rule, rules_of
from functions.numerics.profiles.stored import from_bytes
from functions.sonar.ports import Ports


class Watched:
    """Versions, metric specs and servables as they are now; what is gone is None."""

    def __init__(self, ports: Ports, made: Iterable[PredictionMade] = ()) -> None:
        """Reads the servables of the shadows of `made` at once."""
        self._ports = ports
        self.version = cache(self._read_version)
        self.specs = cache(self._read_specs)
        self.rules = cache(self._read_rules)
        self._servables: dict[str, Servable | None] = {}
        self.load({shadow for one in made for call in one.calls for shadow in call.shadows})

    def servable(self, name: str) -> Servable | None:
        self.load([name])
        return self._servables[name]

    def load(self, names: Collection[str], *, again: bool = False) -> None:
        """Reads servables at once, those that were read already only `again`."""
        wanted = sorted(name for name in names if again or name not in self._servables)
        if wanted:
            self._servables |= dict.fromkeys(wanted) | self._ports.servables.get_many(wanted)

    def signature(self, version_id: int) -> Signature:
        """Raises NotFound for a version that is gone, Conflict for one without a signature."""
        version = self.version(version_id)
        if version is None:
            raise NotFound(f"there is no model version with id {version_id}")
        return version.released_signature

    def versions(self, made: PredictionMade) -> tuple[int, ...]:
        """Those that will have a row of `made`: who answered, and the shadows."""
        answering = [call.model_version_id for call in made.calls]
        shadows = [self.servable(name) for call in made.calls for name in call.shadows]
        return tuple(sorted({*answering, *(shadow.model_version_id for shadow in shadows if shadow)}))

    def batch_size(self, version_id: int) -> int:
        version = self.version(version_id)
        return batch_size_of(version, self._ports.rules.batch_size) if version else self._ports.rules.batch_size

    def log_days(self, version_id: int) -> int:
        version = self.version(version_id)
        return log_days_of(version, self._ports.rules.log_days) if version else self._ports.rules.log_days

    def _read_version(self, version_id: int) -> ModelVersion | None:
        try:
            return self._ports.models.by_id(version_id)
        except NotFound:
            return None

    def _read_specs(self, version_id: int) -> Sequence[MetricSpec]:
        return self._ports.specs.of_version(version_id)

    def _read_rules(self, version_id: int) -> list[Rule]:
        """What the training data say is healthy; nothing without any."""
        stored = self._ports.profiles.read(training_profile_key(version_id))
        if stored is None:
            return []
        return [rule for field, profile in from_bytes(stored).fields.items() for rule in rules_of(field, profile)]
