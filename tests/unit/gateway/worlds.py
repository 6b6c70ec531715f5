"""A gateway over fakes: applications, servables and models of a few lines each."""

import itertools
import random
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from functions.core.dtypes import DType, encode
from functions.core.models import Application, ApplicationStatus, Replica, Servable, ServableStatus, Stage, Variant
from functions.core.signature import Field, Shape, Signature, append, merge
from functions.core.tensor import Tensor, from_json
from functions.gateway.breaker import Breakers
from functions.gateway.ports import CallOptions, Ports
from functions.gateway.sleepers import Sleepers
from tests.fakes.exchange import FakeExchangeStore
from tests.fakes.observation_sink import FakeObservationSink
from tests.fakes.servable_client import FakeServableClient, Model
from tests.fakes.stores import FakeApplicationStore, FakeQuotaStore, FakeServableStore
from tests.fakes.usage import FakeUsageStore, FakeWakeUpSink

NOW = datetime(2026, 1, 2, tzinfo=UTC)
OPTIONS = CallOptions(request_id="request-1")


def field(name: str, dtype: DType = DType.DOUBLE, dims: Sequence[int] | None = ()) -> Field:
    return Field(name, dtype, None if dims is None else Shape(tuple(dims)))


def signature(inputs: Sequence[Field], outputs: Sequence[Field]) -> Signature:
    return Signature("predict", tuple(inputs), tuple(outputs))


def number(value: float) -> Tensor:
    return Tensor(DType.DOUBLE, (), encode(DType.DOUBLE, [value]))


def tensor(dtype: DType, value: Any) -> Tensor:
    return from_json(dtype, value, "")


def adding(amount: float, takes: str = "x", gives: str = "y") -> Model:
    """A model that adds `amount` to the number `takes`."""

    def model(inputs: Any) -> dict[str, Tensor]:
        return {gives: number(inputs[takes].elements()[0] + amount)}

    return model


def raising(error: Exception) -> Model:
    def model(_: Any) -> dict[str, Tensor]:
        raise error

    return model


X_TO_Y = signature([field("x")], [field("y")])


class World:
    """Builds servables and applications one by one; `ports` are the gateway's."""

    def __init__(self, **ports: Any) -> None:
        self.time = 0.0
        self.applications = FakeApplicationStore()
        self.servables = FakeServableStore()
        self.client = FakeServableClient(passing=self.wait)
        self.sink = FakeObservationSink()
        self.exchange = FakeExchangeStore()
        self.usage = FakeUsageStore()
        self.wake_ups = FakeWakeUpSink()
        self._ids = itertools.count(1)
        settings = {
            "applications": self.applications,
            "servables": self.servables,
            "client": self.client,
            "sink": self.sink,
            "exchange": lambda: self.exchange,
            "quotas": FakeQuotaStore(),
            "sleepers": Sleepers(self.usage, self.wake_ups, patience=5, clock=lambda: self.time, now=self.now),
            "chance": random.Random(7).random,
            "clock": lambda: self.time,
            "sleep": self.wait,
            "breakers": Breakers(lambda: self.time),
            "now": self.now,
        }
        self.ports = Ports(**{**settings, **ports})

    def now(self) -> float:
        return 1700000000.0

    def wait(self, seconds: float) -> None:
        self.time += seconds

    def servable(
        self,
        model_name: str = "adder",
        version: int = 1,
        model: Model | None = None,
        signature: Signature = X_TO_Y,
        status: ServableStatus = ServableStatus.SERVING,
        message: str = "",
        takes: float = 0.0,
        replicas: int = 1,
    ) -> Servable:
        """A servable whose replicas run `model`; without a model nobody listens."""
        number = next(self._ids)
        addresses = [f"10.0.{number}.{at}:9091" for at in range(replicas)]
        healthy = status is ServableStatus.SERVING
        servable = Servable(
            name=f"{model_name}-{version}-calm-heron-{number}",
            model_name=model_name,
            model_version=version,
            model_version_id=100 + number,
            signature=signature,
            deployment_configuration_name="default",
            status=status,
            message=message,
            replicas=tuple(Replica(task=a, address=a, healthy=healthy, version=1) for a in addresses),
            created=NOW,
        )
        self.servables.create(servable)
        if model is not None:
            self.client.models.update(dict.fromkeys(addresses, model))
            self.client.takes.update(dict.fromkeys(addresses, takes))
        return servable

    def application(
        self,
        name: str,
        *stages: Sequence[tuple[Servable, int]],
        status: ApplicationStatus = ApplicationStatus.READY,
        message: str = "",
    ) -> Application:
        """Stages of (servable, weight)."""
        built = []
        for variants in stages:
            merged = variants[0][0].signature
            for servable, _ in variants[1:]:
                merged = merge(merged, servable.signature)
            built.append(Stage(variants=tuple(_variant(s, weight) for s, weight in variants), signature=merged))
        whole = built[0].signature
        for stage in built[1:]:
            whole = append(whole, stage.signature)
        application = Application(
            id=next(self._ids),
            name=name,
            status=status,
            message=message,
            stages=tuple(built),
            signature=whole,
            created=NOW,
        )
        self.applications.create(application)
        return application


def _variant(servable: Servable, weight: int) -> Variant:
    return Variant(
        model_version_id=servable.model_version_id,
        model_name=servable.model_name,
        model_version=servable.model_version,
        servable_name=servable.name,
        deployment_configuration_name="default",
        weight=weight,
    )
