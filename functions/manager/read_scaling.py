"""How many copies may run, as the reference system asks for it (`hpa`), and the idle time that leads to none."""

import msgspec

from functions.core.scaling import DEFAULT_CPU, DEFAULT_IDLE, LONGEST_IDLE, MOST_REPLICAS, Scaling
from functions.manager.findings import Findings

LEAST, MOST, CPU, IDLE = "minReplicas", "maxReplicas", "cpuUtilization", "idleSeconds"


class Autoscaler(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """`idle_seconds` without a call put the last copy to sleep; only with `min_replicas` 0."""

    min_replicas: int | None = None
    max_replicas: int | None = None
    cpu_utilization: int | None = None
    idle_seconds: int | None = None


def read_scaling(asked: Autoscaler, findings: Findings) -> Scaling:
    """What is not said: at least one copy, not more than the least, 80 percent, a quarter of an hour."""
    least = 1 if asked.min_replicas is None else asked.min_replicas
    most = max(1, least) if asked.max_replicas is None else asked.max_replicas
    cpu = DEFAULT_CPU if asked.cpu_utilization is None else asked.cpu_utilization
    idle = DEFAULT_IDLE if asked.idle_seconds is None else asked.idle_seconds
    _expect(findings, LEAST, least, 0, MOST_REPLICAS)
    _expect(findings, MOST, most, max(1, min(least, MOST_REPLICAS)), MOST_REPLICAS)
    _expect(findings, CPU, cpu, 1, 100)
    _expect(findings, IDLE, idle, 1, LONGEST_IDLE)
    if asked.idle_seconds is not None and least != 0:
        findings.add(f"/hpa/{IDLE}", f"no {IDLE} without {LEAST} 0: only what may go to zero sleeps", str(idle))
    return Scaling(min_replicas=least, max_replicas=most, cpu_utilization=cpu, idle_seconds=idle)


def _expect(findings: Findings, name: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        findings.add(f"/hpa/{name}", f"{least} to {most}", str(value))
