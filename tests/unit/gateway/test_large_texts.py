"""Large JSON takes a shorter way to the same tensors and the same refusals: spaces make any text large."""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.at_once import read_at_once
from functions.core.budget import Budget
from functions.core.collector import LARGE
from functions.core.dtypes import BY_DATATYPE, DType
from functions.core.errors import DewpointError
from functions.core.inference import ModelName
from functions.core.signature import Field, Shape, Signature
from functions.gateway.oip import from_infer_body
from functions.gateway.read_text import read_text
from tests.unit.core.nested import nested, sides, sizes, values
from tests.unit.gateway.http_client import HttpGateway
from tests.unit.gateway.test_oip import no_payload
from tests.unit.gateway.worlds import World, field, signature

SPACES = b" " * LARGE
# What is at the edge of some type, or of none
ODD: list[Any] = [
    None, True, 0, -0.0, 1.0, 1.5, 128, 2**31, 2**53 + 1, 2**63, 2**64, -(2**63) - 1, 10**30, 10**400,
    65520, 1e39, 1e-320, "NaN", "-Infinity", "nan", "1", "", [], [1], [[1, 2]], {}, {"a": 1},
]  # fmt: skip


def outcome(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except DewpointError as error:
        return type(error), str(error), getattr(error, "problems", None)


def spots(value: Any) -> list[tuple[Any, Any]]:
    """Every holder and key inside lists and objects."""
    keys = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    return [(value, key) for key in keys] + [spot for key in keys for spot in spots(value[key])]


def bend(data: st.DataObject, body: Any) -> bytes:
    """The text of `body` with up to two values that may be wrong, or with a key too many."""
    body = json.loads(json.dumps(body))
    for _ in range(data.draw(st.integers(0, 2))):
        found = spots(body)
        if not found:
            break
        holder, key = data.draw(st.sampled_from(found))
        if data.draw(st.booleans()):
            holder[key] = deepcopy(data.draw(st.sampled_from(ODD)))  # the next bend may change it
        else:
            del holder[key]
    if isinstance(body, dict) and data.draw(st.integers(0, 9)) == 0:
        body["stranger"] = 1
    return json.dumps(body).encode()


@given(data=st.data(), limit=st.sampled_from([3, 1000]))
def test_g05_a_large_body_is_read_as_a_small_one(data: st.DataObject, limit: int) -> None:
    fields = data.draw(sides(depth=data.draw(st.sampled_from([1, 1, 1, 2]))))
    body = bend(data, data.draw(values(fields)))
    both = Signature("predict", fields, fields)
    small, large = (outcome(lambda text=text: read_text(both, text, Budget(limit))) for text in (body, body + SPACES))
    assert large == small


@given(data=st.data(), limit=st.sampled_from([3, 1000]))
def test_g05_a_large_request_of_the_protocol_is_read_as_a_small_one(data: st.DataObject, limit: int) -> None:
    tensors = []
    for _ in range(data.draw(st.integers(1, 2))):
        dtype = data.draw(st.sampled_from(DType))
        tensor = Field("x", dtype)
        shape, _ = data.draw(sizes(tensor, 0))
        value = data.draw(nested(tensor, shape, []))
        claimed = [-1 if size and data.draw(st.booleans()) else size for size in shape]
        datatype = data.draw(st.sampled_from([dtype.datatype, dtype.datatype, *BY_DATATYPE]))
        tensors.append({"name": "x", "datatype": datatype, "shape": claimed, "data": value})
    body = bend(data, {"inputs": tensors})

    def read(text: bytes) -> Any:
        return from_infer_body(ModelName("m"), text, None, Budget(limit), no_payload)

    assert outcome(lambda: read(body + SPACES)) == outcome(lambda: read(body))


SHORT: list[tuple[DType, list[int], Any]] = [
    (DType.DOUBLE, [-1, 4], [[1, 2.5, -0.0, 4]] * 3),
    (DType.FLOAT, [-1], [1, 0.1]),
    (DType.HALF, [], 1.5),
    (DType.INT8, [2, 3], [[1, 2, 3], [-128, 0, 127]]),
    (DType.UINT64, [-1, 20], [[2**64 - 1] * 20]),
    (DType.BOOL, [1], [True]),
    (DType.STRING, [-1, 1, 1], [[["ü"]], [["💧"]]]),
    (DType.DOUBLE, [-1, 4], []),
]


@pytest.mark.parametrize(("dtype", "dims", "value"), SHORT)
def test_what_is_as_its_signature_wants_it_is_read_at_once(dtype: DType, dims: list[int], value: Any) -> None:
    fields = (field("v", dtype, dims), field("with.dot", DType.INT8, []))
    body = {"v": value, "with.dot": 1}
    tensors = read_at_once(fields, json.dumps(body).encode(), Budget())
    assert tensors is not None
    assert tensors["v"].shape == ((len(value), *dims[1:]) if dims else ())
    assert tensors == read_text(Signature("predict", fields, fields), json.dumps(body).encode(), Budget()).tensors


@pytest.mark.parametrize("dims", [None, [2, -1], [-1, 0]])
def test_what_leaves_a_size_open_is_not_read_at_once(dims: list[int] | None) -> None:
    assert read_at_once([field("v", DType.INT8, dims)], b'{"v": []}', Budget()) is None
    inside = (field("v", DType.INT8, []),)
    assert read_at_once([Field("m", None, Shape(), subfields=inside)], b'{"m": {"v": 1}}', Budget()) is None


def test_g01_a_large_body_is_answered_over_http() -> None:
    world = World()
    both = signature([field("v", DType.DOUBLE, [-1, 4])], [field("v", DType.DOUBLE, [-1, 4])])
    world.application("echo", [(world.servable("echo", 1, dict, both), 100)])
    http = HttpGateway(world)
    rows = [[at + 0.5] * 4 for at in range(LARGE // 16)]
    assert http.post("/gateway/application/echo", {"v": rows}).json_body == {"v": rows}
    refused = http.post("/gateway/application/echo", {"v": [*rows, [1, 2, 3, "x"]]})
    assert [problem["pointer"] for problem in refused.json_body["errors"]] == [f"/v/{len(rows)}/3"]
    shown = {"name": "v", "datatype": "FP64", "shape": [len(rows), 4], "data": rows}
    answered = http.post("/v2/models/echo/infer", {"inputs": [shown]}).json_body["outputs"]
    assert [(each["shape"], each["data"]) for each in answered] == [([len(rows), 4], [x for row in rows for x in row])]
