"""Servables in memory: a function per endpoint."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from functions.core.errors import DeadlineExceeded, Unavailable
from functions.core.tensor import Tensor

Model = Callable[[Mapping[str, Tensor]], dict[str, Tensor]]


class Asked(NamedTuple):
    endpoint: str
    model: str
    version: str
    request_id: str
    inputs: dict[str, Tensor]
    timeout: float


class FakeServableClient:
    """Nobody listens at an endpoint that is not named. `takes` are the seconds an endpoint needs to answer; they pass
    by calling `passing`, the test's own clock."""

    def __init__(
        self,
        models: Mapping[str, Model] | None = None,
        takes: Mapping[str, float] | None = None,
        passing: Callable[[float], None] = lambda _: None,
    ) -> None:
        self.models = dict(models or {})
        self.takes = dict(takes or {})
        self.asked: list[Asked] = []
        self._passing = passing

    def __len__(self) -> int:
        return len(self.asked)

    def infer(
        self, endpoint: str, model: str, version: str, request_id: str, inputs: Mapping[str, Tensor], timeout: float
    ) -> dict[str, Tensor]:
        self.asked.append(Asked(endpoint, model, version, request_id, dict(inputs), timeout))
        if endpoint not in self.models:
            raise Unavailable(f"model {model}:{version}: nobody listens at {endpoint}")
        needed = self.takes.get(endpoint, 0.0)
        self._passing(min(needed, timeout))
        if needed > timeout:
            raise DeadlineExceeded(f"model {model}:{version} did not answer in time")
        return self.models[endpoint](inputs)
