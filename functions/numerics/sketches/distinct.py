"""How many different values: exact while they are few, HyperLogLog beyond.

Up to `EXACT` values their hashes are kept. Beyond, 4096 registers hold the longest run of leading zeros (Flajolet,
Fusy, Gandouet, Meunier: HyperLogLog, 2007) and Ertl's estimator reads them (New cardinality estimation algorithms for
HyperLogLog sketches, 2017), which needs no table of corrections. The standard error is 1.04/√4096 = 1.6 %.

What is kept depends on the set of values alone: not on their order, nor on how they were split and merged.
"""

import msgspec
import numpy as np
from numpy.typing import NDArray

from functions.numerics.arrays import Counts, Hashes, runs

PRECISION = 12
REGISTERS = 1 << PRECISION
EXACT = 512  # as many bytes as the registers take
SHIFT, KEPT = np.uint64(PRECISION), np.uint64(64 - PRECISION)
LONGEST = 64 - PRECISION + 1
RELATIVE_ERROR = 1.04 / REGISTERS**0.5
# a hash, its register's bits shifted out, is news to a register that holds r when it is at most REACH[r]
REACH = np.uint64(0xFFFFFFFFFFFFFFFF) >> np.arange(LONGEST + 1, dtype=np.uint64)

Registers = NDArray[np.uint8]


class Distinct(msgspec.Struct, frozen=True, eq=False):
    """`hashes` is sorted; once there are `registers` it is empty."""

    hashes: Hashes = np.empty(0, np.uint64)
    registers: Registers | None = None

    @property
    def is_exact(self) -> bool:
        return self.registers is None

    def updated(self, hashes: Hashes) -> "Distinct":
        """With the values that have these hashes as well; repetitions do no harm."""
        if self.registers is None:
            known = np.sort(np.concatenate((self.hashes, hashes)))
            known = known[runs(known)] if len(known) else known
            if len(known) <= EXACT:
                return Distinct(known)
            return Distinct(registers=_raised(np.zeros(REGISTERS, np.uint8), known))
        return Distinct(registers=_raised(self.registers.copy(), hashes))

    def estimate(self) -> int:
        """The number of different values, exact or within a few times RELATIVE_ERROR."""
        if self.registers is None:
            return len(self.hashes)
        return max(EXACT + 1, round(_estimate(np.bincount(self.registers, minlength=LONGEST + 1))))


def merge_distinct(parts: list[Distinct]) -> Distinct:
    """That of all values which any of `parts` has seen."""
    dense = [part.registers for part in parts if part.registers is not None]
    sparse = np.concatenate([part.hashes for part in parts]) if parts else np.empty(0, np.uint64)
    merged = Distinct(registers=np.maximum.reduce(dense)) if dense else Distinct()
    return merged.updated(sparse) if len(sparse) else merged


def _raised(registers: Registers, hashes: Hashes) -> Registers:
    reach = REACH[registers]
    telling = hashes[hashes << SHIFT <= reach[(hashes >> KEPT).view(np.int64)]]
    if len(telling):
        telling.sort()  # the first of each register is the smallest: it has the longest run
        where = (telling >> KEPT).view(np.int64)
        first = runs(where)
        # at most 52 bits are left, which a double holds exactly: its exponent counts the leading zeros
        exponents = np.frexp((telling[first] << SHIFT).astype(np.float64))[1]
        registers[where[first]] = np.minimum(65 - exponents, LONGEST)
    return registers


def _estimate(multiplicities: Counts) -> float:
    share = multiplicities / REGISTERS
    total = REGISTERS * _tau(1 - share[LONGEST])
    for count in multiplicities[LONGEST - 1 : 0 : -1]:
        total = (total + float(count)) / 2
    total += REGISTERS * _sigma(share[0])
    return float(REGISTERS / (2 * np.log(2)) * REGISTERS / total)


def _sigma(x: float) -> float:
    """Of registers that nothing has touched."""
    if x == 1:
        return float("inf")
    total, power, before = x, 1.0, -1.0
    while total != before:
        x *= x
        before = total
        total += x * power
        power += power
    return total


def _tau(x: float) -> float:
    """Of registers that are full."""
    if x in (0, 1):
        return 0.0
    total, power, before = 1 - x, 1.0, -1.0
    while total != before:
        x **= 0.5
        before = total
        power /= 2
        total -= (1 - x) ** 2 * power
    return total / 3
