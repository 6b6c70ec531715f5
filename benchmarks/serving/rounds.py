"""Interleaved rounds: one contender after the other, several times over, all others frozen meanwhile."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median

from benchmarks.serving.load import Address, Conversation, Round, measure
from benchmarks.serving.processes import Process


@dataclass(frozen=True, slots=True)
class Side:
    """What is measured: `speak` gives a conversation per connection, `awake` the processes that must run for it, the
    first of which is the one whose processor time is counted."""

    name: str
    address: Address
    speak: Callable[[], Conversation]
    expected: bytes
    awake: Sequence[Process]


@dataclass(slots=True)
class Seen:
    """All rounds of one side: calls a second, latencies in milliseconds, processor milliseconds a call."""

    rates: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    calls: int = 0

    def add(self, one: Round, cpu_seconds: float) -> None:
        self.rates.append(one.rate)
        self.p50.append(one.percentile(0.5))
        self.p99.append(one.percentile(0.99))
        self.cpu.append(cpu_seconds * 1000 / one.calls)
        self.calls += one.calls

    def summary(self) -> dict[str, float]:
        """Medians over the rounds, and the extremes of what the ratios are made of."""
        return {
            "rate": median(self.rates),
            "rate_low": min(self.rates),
            "rate_high": max(self.rates),
            "p50": median(self.p50),
            "p50_low": min(self.p50),
            "p50_high": max(self.p50),
            "p99": median(self.p99),
            "cpu": median(self.cpu),
            "calls": self.calls,
        }


def interleave(sides: Sequence[Side], connections: int, rounds: int, seconds: float) -> dict[str, dict[str, float]]:
    """A summary per side. Raises ValueError for a wrong answer."""
    everybody = {process for side in sides for process in side.awake}
    seen = {side.name: Seen() for side in sides}
    for number in range(rounds):
        for side in sides:
            _wake(everybody, side.awake)
            begun = side.awake[0].cpu_seconds()
            one = measure(side.address, [side.speak() for _ in range(connections)], side.expected, seconds)
            seen[side.name].add(one, side.awake[0].cpu_seconds() - begun)
        told = ", ".join(f"{name.strip('*')} {one.rates[-1]:.0f}/s" for name, one in seen.items())
        print(f"  {connections} connections, round {number + 1} of {rounds}: {told}", flush=True)
    for process in everybody:
        process.thaw()
    return {name: one.summary() for name, one in seen.items()}


def _wake(everybody: set[Process], awake: Sequence[Process]) -> None:
    for process in everybody - set(awake):
        process.freeze()
    for process in awake:
        process.thaw()
