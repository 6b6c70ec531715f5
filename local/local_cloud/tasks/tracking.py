"""Target tracking, as Application Auto Scaling does it for ECS: how many tasks a service is to have.

Its alarms want three minutes above the target before it adds tasks, and fifteen below 90 % of it before it takes some
away. https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

MINUTES_ABOVE, MINUTES_BELOW = 3, 15
SLACK = 0.9


@dataclass(frozen=True)
class Target:
    """A scalable target and its policy: tasks at least and at most, percent of the processors that they are to use."""

    least: int
    most: int
    percent: float
    may_grow: bool = True
    may_shrink: bool = True


def wanted(tasks: int, used: Sequence[float], target: Target) -> int:
    """Tasks that the service is to have, of which it has `tasks` now; `used` is their average use in percent, minute by
    minute since the number last changed, the newest last."""
    above, below = used[-MINUTES_ABOVE:], used[-MINUTES_BELOW:]
    if target.may_grow and len(above) == MINUTES_ABOVE and min(above) > target.percent:
        return min(max(tasks, target.most), max(tasks + 1, _proportional(tasks, used[-1], target)))
    if target.may_shrink and len(below) == MINUTES_BELOW and max(below) < SLACK * target.percent:
        return max(min(tasks, target.least), _proportional(tasks, max(below), target))
    return tasks


def _proportional(tasks: int, used: float, target: Target) -> int:
    return math.ceil(tasks * used / target.percent)
