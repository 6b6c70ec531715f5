"""How the number of a servable's copies may change while it runs."""

import msgspec

DEFAULT_CPU = 80  # percent
DEFAULT_IDLE = 15 * 60  # seconds
LONGEST_IDLE = 7 * 24 * 3600
MOST_REPLICAS = 100


class Scaling(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The host keeps between `min_replicas` and `max_replicas` copies, so that they use `cpu_utilization` percent of
    their processors. With `min_replicas` 0 there is at least one as long as somebody calls, and none after nobody has
    for `idle_seconds`."""

    min_replicas: int = 1
    max_replicas: int = 1
    cpu_utilization: int = DEFAULT_CPU
    idle_seconds: int = DEFAULT_IDLE

    @property
    def least(self) -> int:
        """Copies of a servable that is awake."""
        return max(1, self.min_replicas)

    @property
    def is_elastic(self) -> bool:
        """Is there anything for the host to choose?"""
        return self.max_replicas > self.least

    @property
    def may_sleep(self) -> bool:
        return self.min_replicas == 0

    def clamp(self, replicas: int) -> int:
        return min(max(replicas, self.least), self.max_replicas)
