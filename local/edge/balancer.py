"""Which target a connection goes to: round robin over the healthy ones, as a network load balancer spreads flows."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

HEALTHY = "healthy"


@dataclass(frozen=True, order=True)
class Target:
    host: str
    port: int

    @classmethod
    def from_description(cls, description: dict[str, Any]) -> Self:
        """The target of one `TargetHealthDescription`."""
        return cls(description["Target"]["Id"], int(description["Target"]["Port"]))

    @property
    def is_local(self) -> bool:
        """Whether connecting stays on this machine."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def healthy_targets(descriptions: Iterable[dict[str, Any]]) -> tuple[Target, ...]:
    """The healthy targets of `DescribeTargetHealth` in a stable order; those beyond this machine are left out."""
    healthy = (item for item in descriptions if item["TargetHealth"]["State"] == HEALTHY)
    return tuple(sorted(target for target in map(Target.from_description, healthy) if target.is_local))


class RoundRobin:
    """Remembers whose turn it is while targets come and go."""

    def __init__(self) -> None:
        self._turn = 0

    def order(self, targets: tuple[Target, ...]) -> list[Target]:
        """All targets, the one whose turn it is first: the others are for when it does not answer."""
        if not targets:
            return []
        start = self._turn % len(targets)
        self._turn += 1
        return [*targets[start:], *targets[:start]]
