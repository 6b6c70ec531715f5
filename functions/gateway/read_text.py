"""Plain JSON that is still text: its tensors, and nothing else of a large body for the collector to look through."""

import msgspec

from functions.core.at_once import read_at_once
from functions.core.budget import Budget
from functions.core.collector import LARGE, collector_at_rest
from functions.core.signature import Signature
from functions.core.tensor import Tensor
from functions.doors.http import decode_json
from functions.gateway.inputs import PlainInputs


class ReadInputs(msgspec.Struct, frozen=True):
    """Inputs that were held against the signature when they were read; `ignored` are the keys nobody asked for."""

    tensors: dict[str, Tensor]
    ignored: list[str] = []

    def fit(self, _signature: Signature) -> dict[str, Tensor]:
        return self.tensors


def read_text(signature: Signature, raw: bytes, budget: Budget) -> ReadInputs:
    """Raises InvalidRequest for what is not JSON, SignatureViolation with every problem found, PayloadTooLarge."""
    with collector_at_rest(len(raw)):
        tensors = read_at_once(signature.inputs, raw, budget) if len(raw) >= LARGE else None
        if tensors is not None:
            return ReadInputs(tensors)
        inputs = PlainInputs(decode_json(raw), budget)
        return ReadInputs(inputs.fit(signature), inputs.ignored)
