"""A loaded model: its contract, and one call that takes and gives checked arrays."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from servable.batching import Batcher
from servable.contract import Contract
from servable.errors import InvalidInput, ModelFailed, ServableError
from servable.outputs import take_outputs
from servable.tensors import Array

log = logging.getLogger(__name__)

Predict = Callable[[dict[str, Array]], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Model:
    """`batcher` stands before `answer` where the contract asks for it."""

    contract: Contract
    runtime: str
    predict: Predict
    batcher: Batcher | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        if self.contract.batching:
            object.__setattr__(self, "batcher", Batcher(self.answer, self.contract.batching))

    def __call__(self, inputs: dict[str, Array]) -> dict[str, Array]:
        """Raises what `answer` raises."""
        return self.batcher(inputs) if self.batcher else self.answer(inputs)

    def answer(self, inputs: dict[str, Array]) -> dict[str, Array]:
        """One call of the model. Raises InvalidInput when it refuses a value, WrongOutput, or ModelFailed for its other
        failures."""
        try:
            answer = self.predict(inputs)
        except ServableError:
            raise
        except (ValueError, TypeError) as error:
            log.warning("the model refused its inputs", exc_info=True)
            raise InvalidInput(f"the model refused the inputs: {_told(error)}") from error
        except (Exception, SystemExit) as error:
            log.exception("the model failed")
            raise ModelFailed(f"the model failed: {_told(error)}") from error
        return take_outputs(answer, self.contract.signature)


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
