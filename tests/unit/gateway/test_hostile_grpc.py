"""Bytes that were right before somebody changed a few: over gRPC, too, nothing but an answer or the caller's fault."""

import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from functions.adapters.wire import tensors_of, to_infer_request
from functions.adapters.wire_legacy import from_predict_request, to_predict_answer, to_predict_request
from functions.adapters.wire_models import build_codecs
from functions.core.budget import Budget
from functions.core.errors import InvalidRequest, NotFound, PayloadTooLarge
from functions.core.inference import InferRequest
from functions.core.plain import read_plain
from functions.gateway.infer import infer
from functions.gateway.inputs import NamedInputs
from functions.gateway.predict import predict
from functions.gateway.resolve import resolve_application
from tests.unit.gateway.test_hostile_http import FIELDS
from tests.unit.gateway.worlds import OPTIONS, World, signature

LIMIT = 1000
BODY: dict[str, Any] = {
    "x": 1.5,
    "g": [[1, 2], [3, 4]],
    "s": ["a", "ü"],
    "any": [1.5, 2],
    "m": [{"x": 1, "m": [{"g": [1, 2], "s": True}]}, {"x": 2, "m": [{"g": [3, 4], "s": False}]}],
}
TENSORS = read_plain(FIELDS, BODY).tensors
WORLD = World()
WORLD.application("app", [(WORLD.servable("echo", 1, dict, signature(FIELDS, FIELDS)), 100)])
CODEC = build_codecs(LIMIT)["ModelInfer"]


def protocol(raw: bytes) -> bytes:
    return CODEC.write(infer(WORLD.ports, CODEC.read(raw), OPTIONS))


def legacy(raw: bytes) -> bytes:
    inputs = NamedInputs(from_predict_request(raw, Budget(LIMIT)))
    prediction = predict(WORLD.ports, resolve_application(WORLD.ports, "app"), inputs, OPTIONS)
    return to_predict_answer(prediction.signature.outputs, prediction.outputs)


GOOD: dict[Callable[[bytes], bytes], bytes] = {
    protocol: to_infer_request(InferRequest(model="app", inputs=tensors_of(TENSORS))),
    legacy: to_predict_request("app", FIELDS, TENSORS),
}


@pytest.mark.parametrize("door", GOOD)
def test_what_is_right_is_answered(door: Callable[[bytes], bytes]) -> None:
    assert door(GOOD[door])


@pytest.mark.parametrize("door", GOOD)
def test_whatever_is_changed_is_answered_or_the_caller_s_fault(door: Callable[[bytes], bytes]) -> None:
    for seed in range(1000):
        with suppress(InvalidRequest, NotFound, PayloadTooLarge):
            door(changed(GOOD[door], random.Random(seed)))


def changed(good: bytes, chance: random.Random) -> bytes:
    """`good` with up to three bytes replaced, put in or left out."""
    raw = bytearray(good)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(raw))
        raw[at : at + chance.randint(0, 1)] = chance.choice([b"", b"\0", b"\x01", b"\x7f", b"\xff"])
    return bytes(raw)
