"""What this slice needs from the world, in one hand. Use cases take it as their first argument."""

import random
from collections.abc import Mapping
from typing import Protocol

import msgspec

from functions.core.feed import EventFeed
from functions.core.idempotency import AnswerStore
from functions.core.metric_specs import MetricSpecStore
from functions.core.models import CUSTOM
from functions.core.ports import (
    ApplicationStore,
    Clock,
    DeploymentStore,
    ImageBuilder,
    ImageRegistry,
    ModelStore,
    PayloadStore,
    ServableHost,
    ServableStore,
    UploadStore,
    UsageStore,
)
from functions.core.reports import AnyReport


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What this environment allows and offers. `runtime_images` maps a runtime's name to its image."""

    model_repository: str
    runtime_images: Mapping[str, str]
    max_payload_bytes: int = 512 * 1024 * 1024
    upload_expiry: int = 3600  # seconds

    @property
    def runtimes(self) -> Mapping[str, str]:
        """All there are; what a custom one is built on, its Dockerfile says."""
        return {**self.runtime_images, CUSTOM: ""}


class Ports(Protocol):
    @property
    def rules(self) -> Rules: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def chance(self) -> random.Random: ...
    @property
    def uploads(self) -> UploadStore: ...
    @property
    def models(self) -> ModelStore: ...
    @property
    def servables(self) -> ServableStore: ...
    @property
    def applications(self) -> ApplicationStore: ...
    @property
    def deployments(self) -> DeploymentStore: ...
    @property
    def specs(self) -> MetricSpecStore: ...
    @property
    def feed(self) -> EventFeed: ...
    @property
    def answers(self) -> AnswerStore: ...
    @property
    def payloads(self) -> PayloadStore: ...
    @property
    def builder(self) -> ImageBuilder: ...
    @property
    def images(self) -> ImageRegistry: ...
    @property
    def host(self) -> ServableHost: ...
    @property
    def usage(self) -> UsageStore: ...
    @property
    def events(self) -> "EventReader": ...


class EventReader(Protocol):
    def read(self, body: str) -> AnyReport | None:
        """The report in an event; None for one that says nothing here. Raises for a malformed one."""
