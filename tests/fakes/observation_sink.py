"""The observations queue in memory."""

from collections.abc import Callable

from functions.core.messages import PredictionMade


class FakeObservationSink:
    """`before` runs ahead of each message: a test lets it raise, or wait."""

    def __init__(self, before: Callable[[], object] = lambda: None) -> None:
        self.published: list[PredictionMade] = []
        self._before = before

    def __len__(self) -> int:
        return len(self.published)

    def publish(self, prediction: PredictionMade) -> None:
        self._before()
        self.published.append(prediction)
