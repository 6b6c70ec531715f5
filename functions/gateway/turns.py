"""Whose turn it is among the replicas of a servable: one after the other, in each process by itself.

A process begins at a random place: a Lambda function answers one call at a time, and a hundred new ones that all began
with the first replica would bury it. The interpreter's own counter gives no number twice and needs no lock.
"""

import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

FARTHEST = 1 << 20

T = TypeVar("T")


class Turns:
    def __init__(self, begin: Callable[[int], int] = random.randrange) -> None:
        self._begin = begin
        self._counts: dict[str, Iterator[int]] = {}

    def turned(self, name: str, things: Sequence[T]) -> tuple[T, ...]:
        """`things`, beginning with the one whose turn it is in the round called `name`."""
        if not things:
            return ()
        count = self._counts.get(name) or self._counts.setdefault(name, itertools.count(self._begin(FARTHEST)))
        first = next(count) % len(things)
        return (*things[first:], *things[:first])
