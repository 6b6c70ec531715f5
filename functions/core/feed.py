"""The feed: every change of what the platform serves, numbered from 1 without a gap, in the order it took place.

An event holds the entity as it was after the change. What a caller sees of it is a view, made when it is read, so that
a new field needs no migration of the past.
"""

import enum
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from functions.core.deployments import DeploymentConfiguration
from functions.core.metric_specs import MetricSpec
from functions.core.models import Application, ModelVersion, Servable

Subject = ModelVersion | Servable | Application | DeploymentConfiguration | MetricSpec


class EventType(enum.StrEnum):
    MODEL_UPDATE = "ModelUpdate"
    MODEL_REMOVE = "ModelRemove"
    SERVABLE_UPDATE = "ServableUpdate"
    SERVABLE_REMOVE = "ServableRemove"
    APPLICATION_UPDATE = "ApplicationUpdate"
    APPLICATION_REMOVE = "ApplicationRemove"
    DEPLOYMENT_UPDATE = "DeploymentConfigurationUpdate"
    DEPLOYMENT_REMOVE = "DeploymentConfigurationRemove"
    METRIC_SPEC_UPDATE = "MetricSpecUpdate"
    METRIC_SPEC_REMOVE = "MetricSpecRemove"


class Topic(msgspec.Struct, frozen=True):
    """What the changes of one kind of entity are called."""

    kind: type[Subject]
    update: EventType
    remove: EventType


MODELS = Topic(ModelVersion, EventType.MODEL_UPDATE, EventType.MODEL_REMOVE)
SERVABLES = Topic(Servable, EventType.SERVABLE_UPDATE, EventType.SERVABLE_REMOVE)
APPLICATIONS = Topic(Application, EventType.APPLICATION_UPDATE, EventType.APPLICATION_REMOVE)
DEPLOYMENTS = Topic(DeploymentConfiguration, EventType.DEPLOYMENT_UPDATE, EventType.DEPLOYMENT_REMOVE)
METRIC_SPECS = Topic(MetricSpec, EventType.METRIC_SPEC_UPDATE, EventType.METRIC_SPEC_REMOVE)
TOPICS = (MODELS, SERVABLES, APPLICATIONS, DEPLOYMENTS, METRIC_SPECS)
KINDS: dict[str, type[Subject]] = {topic.update: topic.kind for topic in TOPICS}


class Change(msgspec.Struct, frozen=True):
    """`name` is the entity's ("penguins:2" for a version, for a metric spec its id); `entity` is None for what was
    removed."""

    type: EventType
    name: str
    entity: Subject | None = None


class Event(msgspec.Struct, frozen=True):
    """`id` is also the cursor of a reader who has seen this event and all before it."""

    id: int
    at: datetime
    change: Change


class EventFeed(Protocol):
    """A reader who asks for what comes after the last event it saw misses nothing and sees nothing twice."""

    def head(self) -> int:
        """The number of the newest event; 0 before the first."""

    def oldest(self) -> int:
        """The cursor from which on everything is still kept."""

    def after(self, cursor: int, limit: int) -> Sequence[Event]:
        """At most `limit` events, the first of them number `cursor` + 1; none when nothing happened since.

        Raises Gone when that one is not kept any more, or was never given.
        """
