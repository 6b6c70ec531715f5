"""Sonar over fakes: versions, servables, metrics and shadows of a few lines each, and predictions to observe."""

import itertools
from typing import Any

from functions.core.checks import Operator
from functions.core.dtypes import DType, encode
from functions.core.lately import Lately
from functions.core.messages import PredictionMade, StageCall
from functions.core.messages import encode as encode_message
from functions.core.metric_specs import MetricSpec
from functions.core.models import Replica, Servable, ServableStatus
from functions.core.observations import Checked
from functions.core.signature import Field, Shape, Signature
from functions.core.tensor import Tensor
from functions.sonar.observe import observe
from functions.sonar.ports import Rules
from tests.fakes import entities
from tests.fakes.clock import FakeClock
from tests.fakes.ledger import FakeLedger
from tests.fakes.log_reader import FakeLogReader
from tests.fakes.monitoring import (
    FakeCareQueue,
    FakeClaims,
    FakeDeadLetters,
    FakeLogFiles,
    FakeLogNews,
    FakeMetricSpecStore,
    FakeProfileStore,
    FakeRedelivery,
)
from tests.fakes.observation_sink import FakeObservationSink
from tests.fakes.servable_client import FakeServableClient, Model
from tests.fakes.stores import FakeModelStore, FakeServableStore
from tests.fakes.training import FakeTrainingFileStore, FakeTrainingObjects, FakeTrainingQueue
from tests.fakes.usage import FakeUsageStore, FakeWakeUpSink

START = 1_767_225_600.0  # 2026-01-01T00:00:00Z
LEASE = 180.0
OWN_BUCKET = "observations"


def number(value: float) -> Tensor:
    return Tensor(DType.DOUBLE, (), encode(DType.DOUBLE, [value]))


def numbers(*values: float) -> Tensor:
    return Tensor(DType.DOUBLE, (len(values),), encode(DType.DOUBLE, list(values)))


def scalar(name: str, dims: tuple[int, ...] = ()) -> Field:
    return Field(name, DType.DOUBLE, Shape(dims))


X_TO_Y = Signature("predict", (scalar("x"),), (scalar("y"),))
TO_VALUE = Signature("measure", (scalar("x"), scalar("y")), (scalar("value"),))
ROWS_TO_VALUE = Signature("measure", (scalar("x", (-1,)), scalar("y", (-1,))), (scalar("value", (-1,)),))


class World:
    """The ports of sonar, as attributes."""

    def __init__(self, *, signature: Signature = X_TO_Y, **changes: Any) -> None:
        self.rules = Rules(training_bucket=OWN_BUCKET, training_buckets=("lake",))
        self.clock = FakeClock()
        self.ledger = FakeLedger(lambda: self.clock.now().timestamp(), LEASE)
        self.files = FakeLogFiles(now=lambda: self.clock.now().timestamp())
        self.reader = FakeLogReader(self.files)
        self.profiles = FakeProfileStore()
        self.care = FakeCareQueue()
        self.claims = FakeClaims()
        self.queue = FakeObservationSink()
        self.dead_letters = self.desk = FakeDeadLetters(lambda: self.clock.now().timestamp())
        self.news = FakeLogNews()
        self.models = FakeModelStore()
        self.servables = FakeServableStore()
        self.specs = FakeMetricSpecStore()
        self.client = FakeServableClient()
        self.training_files = FakeTrainingFileStore()
        self.training_objects = FakeTrainingObjects(OWN_BUCKET)
        self.training_queue = FakeTrainingQueue()
        self.usage = FakeUsageStore()
        self.wake_ups = FakeWakeUpSink()
        self.redelivery = FakeRedelivery()
        self.noted, self.wanted, self.awaited = (Lately(self._seconds) for _ in range(3))
        self.pauses: list[float] = []
        self._ids = itertools.count(1)
        for name, value in changes.items():
            setattr(self, name, value)
        self.version(1, signature)

    @property
    def index(self) -> FakeLedger:
        return self.ledger

    @property
    def keeper(self) -> FakeLedger:
        return self.ledger

    def _seconds(self) -> float:
        return self.clock.now().timestamp()

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.clock.advance(seconds)

    def version(self, id: int, signature: Signature = X_TO_Y, **changes: Any) -> None:  # noqa: A002
        self.models.create(entities.version(id, signature=signature, monitoring={"batchSize": 10}, **changes))

    def servable(self, version_id: int, model: Model | None, signature: Signature = X_TO_Y) -> Servable:
        """Runs `model`; without one nobody listens."""
        name, address = f"servable-{version_id}", f"10.0.0.{version_id}:9091"
        made = entities.servable(
            name,
            model_name=f"model-{version_id}",
            model_version_id=version_id,
            signature=signature,
            status=ServableStatus.SERVING,
            replicas=(Replica(task="t", address=address, healthy=True, version=1),),
        )
        self.servables.create(made)
        if model:
            self.client.models[address] = model
        return made

    def metric(
        self,
        name: str,
        model: Model | None,
        signature: Signature = TO_VALUE,
        threshold: float = 1.0,
        healthy: Operator = Operator.LESS,
    ) -> MetricSpec:
        """Watches version 1: healthy when its value is below the threshold, unless told otherwise."""
        number = 100 + next(self._ids)
        servable = self.servable(number, model, signature)
        spec = entities.metric_spec(
            f"spec-{name}",
            name=name,
            metric_version_id=number,
            metric_model=servable.model,
            threshold=threshold,
            healthy=healthy,
            servable_name=servable.name,
        )
        self.specs.create(spec)
        return spec

    def observe(self, *made: PredictionMade) -> dict[int, Exception]:
        return self.observe_bodies(*map(body, made))

    def observe_bodies(self, *bodies: str) -> dict[int, Exception]:
        return observe(self, bodies)

    @property
    def log(self) -> list[Checked]:
        """The rows that belong to the log: those of published segments, by version and number."""
        versions = sorted({version.id for version in self.models.list()})
        return [row for version in versions for row in self.log_of(version)]

    def log_of(self, version: int) -> list[Checked]:
        segments = sorted(self.ledger.segments(version), key=lambda segment: segment.first)
        return [row for segment in segments for row in self.files.rows[segment.key]]


def prediction(request_id: str = "r1", at: float = START, x: float = 1.0, **changes: Any) -> PredictionMade:
    fields: dict[str, Any] = {"application": "adders", "application_id": 5, "calls": (call(x),)}
    return PredictionMade(request_id=request_id, at=at, **fields | changes)


def call(x: float = 1.0, **changes: Any) -> StageCall:
    fields: dict[str, Any] = {
        "stage": 0,
        "servable_name": "servable-1",
        "model_name": "penguins",
        "model_version": 1,
        "model_version_id": 1,
        "inputs": {"x": number(x)},
        "outputs": {"y": number(x + 1)},
        "latency_ms": 2.0,
    }
    return StageCall(**fields | changes)


def body(made: PredictionMade) -> str:
    return encode_message(made).decode()
