"""A container's health check: the rule, and the thread that applies it.

The rule is ECS's: UNKNOWN until the first verdict; HEALTHY at a success; UNHEALTHY after so many failures in a row;
failures within the start period do not count. While a container has not yet been healthy within its start period it is
looked at every second, so that nobody waits a whole interval for a container that came up at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .ports import Container

UNKNOWN, HEALTHY, UNHEALTHY = "UNKNOWN", "HEALTHY", "UNHEALTHY"
EAGER_INTERVAL = 1.0


@dataclass(frozen=True)
class HealthCheck:
    """A check; times in seconds."""

    command: tuple[str, ...]
    interval: float = 30
    timeout: float = 5
    retries: int = 3
    start_period: float = 0


def from_ecs(definition: Mapping[str, Any]) -> HealthCheck | None:
    """The check of a container definition's `healthCheck`; None for `["NONE"]`."""
    kind, *words = definition["command"]
    if kind == "NONE":
        return None
    commands = {"CMD": tuple(words), "CMD-SHELL": ("/bin/sh", "-c", " ".join(words))}
    # ECS takes a list without CMD as the command itself
    command = commands.get(kind, ("/bin/sh", "-c", " ".join([kind, *words])))
    return HealthCheck(
        command,
        interval=definition.get("interval", 30),
        timeout=definition.get("timeout", 5),
        retries=definition.get("retries", 3),
        start_period=definition.get("startPeriod", 0),
    )


@dataclass(frozen=True)
class Health:
    """What is known of a container's health."""

    status: str = UNKNOWN
    failures: int = 0

    def after(self, succeeded: bool, age: float, check: HealthCheck) -> Health:
        """The health after one more look at a container that is `age` seconds old."""
        if succeeded:
            return Health(HEALTHY)
        if self.status == UNKNOWN and age < check.start_period:
            return self
        failures = self.failures + 1
        return Health(UNHEALTHY if failures >= check.retries else self.status, failures)


def pause(health: Health, age: float, check: HealthCheck) -> float:
    """Seconds until the next look."""
    is_eager = health.status == UNKNOWN and age < check.start_period
    return min(EAGER_INTERVAL, check.interval) if is_eager else check.interval


def watch(container: Container, check: HealthCheck, on_change: Callable[[str], None]) -> None:
    """Looks at a container in a thread of its own until it has ended; `on_change` gets each new status."""

    def run() -> None:
        health, started = Health(), time.monotonic()
        while container.wait(pause(health, time.monotonic() - started, check)) is None:
            succeeded = _succeeds(container, check.command, check.timeout)
            if container.wait(0) is not None:
                return
            before, health = health, health.after(succeeded, time.monotonic() - started, check)
            if health.status != before.status:
                on_change(health.status)

    threading.Thread(target=run, name="health", daemon=True).start()


def _succeeds(container: Container, words: Sequence[str], timeout: float) -> bool:
    return container.execute(words, timeout) == 0
