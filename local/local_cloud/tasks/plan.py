"""What a service needs next: a pure decision over counted tasks.

A roll-out never goes above maximumPercent and never takes a ready task away below minimumHealthyPercent. Tasks that
are not ready protect nobody, so of those to be stopped they go first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Fact:
    """A task that is not on its way out."""

    arn: str
    deployment: str
    is_ready: bool
    is_unhealthy: bool


@dataclass(frozen=True)
class Wish:
    """What the service should be."""

    deployment: str
    desired: int
    least_ready: int
    most_running: int
    may_start: bool


@dataclass(frozen=True)
class Plan:
    """Tasks to start (of the wished deployment), and tasks to stop because of health, surplus or age."""

    start: int = 0
    unhealthy: tuple[str, ...] = ()
    surplus: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()


def plan(facts: Sequence[Fact], wish: Wish) -> Plan:
    """The next moves; empty when the service is as it should be."""
    unhealthy = tuple(fact.arn for fact in facts if fact.is_unhealthy)
    rest = [fact for fact in facts if not fact.is_unhealthy]
    current = [fact for fact in rest if fact.deployment == wish.deployment]
    old = [fact for fact in rest if fact.deployment != wish.deployment]

    missing = max(0, wish.desired - len(current))
    # a service that may not go over its number still replaces a task that is already going
    room = max(wish.most_running, wish.desired if not old else 0) - len(rest)
    start = max(0, min(missing, room)) if wish.may_start else 0

    surplus = _least_useful(current, max(0, len(current) - wish.desired))
    ready = sum(fact.is_ready for fact in rest) - sum(fact.is_ready for fact in surplus)
    spare = max(0, ready - wish.least_ready)
    idle = [fact for fact in old if not fact.is_ready]
    replaced = [*idle, *[fact for fact in old if fact.is_ready][:spare]]
    return Plan(start, unhealthy, _arns(surplus), _arns(replaced))


def _least_useful(facts: Sequence[Fact], number: int) -> list[Fact]:
    return sorted(facts, key=lambda fact: fact.is_ready)[:number]


def _arns(facts: Sequence[Fact]) -> tuple[str, ...]:
    return tuple(fact.arn for fact in facts)
