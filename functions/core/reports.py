"""What the builder and the host tell the platform, whoever they are: facts, translated from their events by adapters.

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


AnyReport = BuildFinished | ReplicaChanged | RolloutFailed | RolloutSettled
