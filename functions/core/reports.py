"""What the builder, the host, the gateway and the clock tell the platform: facts, translated by adapters.

They may arrive late, twice and in any order; whoever reads them must not mind.
"""

import msgspec

from functions.core.models import Replica


class Report(msgspec.Struct, frozen=True, tag=True):
    """A fact in the past tense."""


class BuildFinished(Report, frozen=True):
    build_id: str


class ReplicaChanged(Report, frozen=True):
    servable: str
    replica: Replica


class RolloutFailed(Report, frozen=True):
    """The host gave up starting replicas."""

    servable: str
    reason: str


class RolloutSettled(Report, frozen=True):
    """Everything that should run does: the moment to ask for the replicas' health."""

    servable: str


class ServableCalled(Report, frozen=True):
    """Somebody called a servable that was asleep and waits for it."""

    servable: str


class MinutePassed(Report, frozen=True):
    """The moment to look after what reports nothing by itself."""


AnyReport = BuildFinished | ReplicaChanged | RolloutFailed | RolloutSettled | ServableCalled | MinutePassed


class Sighting(msgspec.Struct, frozen=True):
    """What a host has of one servable at this moment: how many copies it wants to run, and those that run."""

    desired: int
    replicas: tuple[Replica, ...] = ()
