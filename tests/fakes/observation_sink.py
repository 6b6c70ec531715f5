"""The observations queue in memory."""

from collections.abc import Callable
from typing import Any


class FakeObservationSink:
    """`before` runs ahead of each call: a test lets it raise, or wait. `sizes` are the messages of each call."""

    def __init__(self, before: Callable[[], object] = lambda: None) -> None:
        self.published: list[Any] = []
        self.sizes: list[int] = []
        self._before = before

    def __len__(self) -> int:
        return len(self.published)

    def publish(self, *predictions: Any) -> None:
        self._before()
        self.published.extend(predictions)
        self.sizes.append(len(predictions))
