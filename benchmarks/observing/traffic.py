"""Predictions of a model with ten numbers in and one out, and what its training data were."""

import itertools

import numpy as np

from functions.core.dtypes import DType, encode
from functions.core.leaves import leaves
from functions.core.messages import PredictionMade, StageCall
from functions.core.messages import encode as encode_message
from functions.core.signature import Field, Shape, Signature
from functions.core.tensor import Tensor
from functions.numerics.profiles.column import Column
from functions.numerics.profiles.stored import profile_rows, to_bytes

VERSION = 1
INPUTS = tuple(f"x{n}" for n in range(10))
SEED = 7
START = 1_767_225_600.0
_ids = itertools.count()


def _scalar(name: str) -> Field:
    return Field(name, DType.DOUBLE, Shape(()))


SIGNATURE = Signature("predict", tuple(map(_scalar, INPUTS)), (_scalar("y"),))


def training_profile() -> bytes:
    chance = np.random.default_rng(SEED)
    columns = {name: Column(chance.normal(size=5000)) for name in (*INPUTS, "y")}
    return to_bytes(profile_rows(leaves((*SIGNATURE.inputs, *SIGNATURE.outputs)), columns))


def bodies(count: int) -> list[str]:
    """So many messages as they stand on the queue, all of one hour, none of them seen before."""
    values = np.random.default_rng(SEED).normal(size=(count, len(INPUTS) + 1))
    return [_body(next(_ids), row.tolist()) for row in values]


def _body(id: int, row: list[float]) -> str:  # noqa: A002
    call = StageCall(
        stage=0,
        servable_name="servable",
        model_name="bench",
        model_version=1,
        model_version_id=VERSION,
        inputs={name: _number(value) for name, value in zip(INPUTS, row, strict=False)},
        outputs={"y": _number(row[-1])},
        latency_ms=1.0,
    )
    return encode_message(PredictionMade(request_id=f"r{id}", at=START + id / 1000, calls=(call,))).decode()


def _number(value: float) -> Tensor:
    return Tensor(DType.DOUBLE, (), encode(DType.DOUBLE, [value]))
