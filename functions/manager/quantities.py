"""Resource quantities as people write them for containers ("500m", "1Gi"), and the sizes that Fargate sells.

Sizes: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
"""

import math
import re

from functions.core.deployments import Resources
from functions.core.errors import InvalidRequest, Problem

NUMBER = r"([0-9]{1,18}(?:\.[0-9]{1,18})?)"
CPU = re.compile(NUMBER + "(m?)")
MEMORY = re.compile(NUMBER + "(Ki|Mi|Gi|k|K|M|G)?")
BYTES = {"": 1, "k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}

# vCPU -> memory in MiB, smallest first
FARGATE: dict[float, range | tuple[int, ...]] = {
    0.25: (512, 1024, 2048),
    0.5: range(1024, 4096 + 1, 1024),
    1: range(2048, 8192 + 1, 1024),
    2: range(4096, 16384 + 1, 1024),
    4: range(8192, 30720 + 1, 1024),
    8: range(16384, 61440 + 1, 4096),
    16: range(32768, 122880 + 1, 8192),
}


def parse_cpu(text: object, pointer: str) -> float:
    """vCPU of "500m", "2", 0.5. Raises InvalidRequest."""
    match = CPU.fullmatch(str(text).strip()) if isinstance(text, str | int | float) else None
    value = float(match[1]) / (1000 if match[2] else 1) if match else 0.0
    if value <= 0 or isinstance(text, bool):
        raise InvalidRequest.of([Problem(pointer, 'an amount of CPU such as "500m" or 2', repr(text)[:80])])
    return value


def parse_memory(text: object, pointer: str) -> int:
    """MiB, rounded up, of "1Gi", "512Mi", 1073741824. Raises InvalidRequest."""
    match = MEMORY.fullmatch(str(text).strip()) if isinstance(text, str | int) else None
    value = math.ceil(float(match[1]) * BYTES[match[2] or ""] / 2**20) if match else 0
    if value <= 0 or isinstance(text, bool):
        raise InvalidRequest.of([Problem(pointer, 'an amount of memory such as "512Mi" or "1Gi"', repr(text)[:80])])
    return value


def fit(cpu: float, memory: int, pointer: str) -> Resources:
    """The smallest size on sale with at least so much. Raises InvalidRequest when there is none."""
    for offered_cpu, memories in FARGATE.items():
        for offered_memory in memories:
            if offered_cpu >= cpu and offered_memory >= memory:
                return Resources(cpu=offered_cpu, memory=offered_memory)
    raise InvalidRequest.of([Problem(pointer, "at most 16 CPU and 120Gi", f"{cpu:g} CPU and {memory}Mi")])
