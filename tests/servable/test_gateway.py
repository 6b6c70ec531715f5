"""From the gateway's doors to a model in a process of its own and back: real gRPC, the platform's own contract.json."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from functions.adapters.servable import GrpcServableClient
from functions.adapters.wire import from_infer_answer, from_infer_request, tensors_of, to_infer_answer, to_infer_request
from functions.core.inference import InferRequest
from functions.core.models import Replica
from functions.core.plain import read_plain, to_plain
from functions.core.signature import parse_signature
from functions.gateway.infer import infer
from functions.manager.contract import to_contract
from tests.fakes import entities
from tests.servable.running import Servable
from tests.unit.gateway.http_client import HttpGateway
from tests.unit.gateway.worlds import OPTIONS, World

SCALAR, LIST = {"dims": []}, {"dims": [-1]}
DOCUMENT: dict[str, Any] = {
    "signatureName": "total",
    "inputs": [
        {
            "name": "customers",
            "shape": LIST,
            "subfields": [
                {"name": "name", "dtype": "DT_STRING", "shape": SCALAR},
                {"name": "address", "subfields": [{"name": "zip", "dtype": "DT_INT32", "shape": SCALAR}]},
                {
                    "name": "items",
                    "dtype": "DT_MAP",
                    "shape": LIST,
                    "subfields": [
                        {"name": "price", "dtype": "DT_DOUBLE", "shape": SCALAR},
                        {"name": "amounts", "dtype": "DT_INT8", "shape": {"dims": [2]}},
                    ],
                },
            ],
        },
        {"name": "rate", "dtype": "DT_DOUBLE", "shape": SCALAR},
    ],
    "outputs": [
        {
            "name": "bills",
            "shape": LIST,
            "subfields": [
                {"name": "to", "subfields": [{"name": "name", "dtype": "DT_STRING", "shape": SCALAR}]},
                {"name": "lines", "dtype": "DT_DOUBLE", "shape": LIST},
            ],
        }
    ],
}
SOURCE = """
def total(customers, rate):
    if any(c["address"]["zip"] < 0 for c in customers):
        raise ValueError("a zip is negative")
    if rate == 13:
        return {"bills": [{"to": {"name": "?"}, "lines": [1.0]}, {"to": {"name": "?"}, "lines": []}]}
    return {
        "bills": [
            {"to": {"name": c["name"].upper()}, "lines": [i["price"] * i["amounts"].sum() * rate for i in c["items"]]}
            for c in customers
        ]
    }
"""
CUSTOMERS = [
    {
        "name": "ann",
        "address": {"zip": 1},
        "items": [{"price": 1.5, "amounts": [1, 2]}, {"price": 2, "amounts": [0, 1]}],
    },
    {
        "name": "bob",
        "address": {"zip": 2},
        "items": [{"price": 0.5, "amounts": [3, 3]}, {"price": 4, "amounts": [1, 1]}],
    },
]
BILLS = [{"to": {"name": "ANN"}, "lines": [9.0, 4.0]}, {"to": {"name": "BOB"}, "lines": [6.0, 16.0]}]
SIGNATURE = parse_signature(DOCUMENT)
PATH = "/gateway/application/billing"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("billing")
    version = entities.version(name="billing", runtime="python", signature=SIGNATURE)
    (folder / "contract.json").write_bytes(to_contract(version))
    (folder / "files" / "src").mkdir(parents=True)
    (folder / "files" / "src" / "func_main.py").write_text(SOURCE)
    client = GrpcServableClient(1024 * 1024)
    with Servable(folder) as running:
        world = World(client=client, clock=time.monotonic, sleep=time.sleep)
        servable = world.servable("billing", signature=SIGNATURE)
        replica = Replica(task="t", address=running.address, healthy=True, version=1)
        world.servables.update(servable.name, lambda known: replace(known, replicas=(replica,)))
        world.application("billing", [(servable, 100)])
        yield world
    client.close()


def test_g06_nested_in_and_a_list_of_maps_out(world: World) -> None:
    http = HttpGateway(world)
    answer = http.post(PATH, {"customers": CUSTOMERS, "rate": 2})
    assert (answer.status_code, answer.json_body) == (200, {"bills": BILLS}), answer.body
    assert http.post(PATH, {"customers": [], "rate": 2}).json_body == {"bills": []}
    (call,) = world.sink.published[-1].calls
    assert set(call.inputs) == {
        "customers/name",
        "customers/address/zip",
        "customers/items/price",
        "customers/items/amounts",
        "rate",
    }
    assert set(call.outputs or ()) == {"bills/to/name", "bills/lines"}


def test_g06_the_protocol_names_the_leaves(world: World) -> None:
    sent = read_plain(SIGNATURE.inputs, {"customers": CUSTOMERS, "rate": 2}).tensors
    request = from_infer_request(to_infer_request(InferRequest(model="billing", inputs=tensors_of(sent))))
    answer = from_infer_answer(to_infer_answer(infer(world.ports, request, OPTIONS)))
    assert to_plain(SIGNATURE.outputs, answer.outputs) == {"bills": BILLS}
    metadata = HttpGateway(world).get("/v2/models/billing").json_body
    assert {"name": "customers/items/amounts", "datatype": "INT8", "shape": [-1, -1, 2]} in metadata["inputs"]
    short = {**sent, "customers/address/zip": replace(sent["customers/address/zip"], shape=(1,), data=b"\0" * 4)}
    inputs = [
        {"name": name, "datatype": tensor.dtype.datatype, "shape": list(tensor.shape), "data": tensor.elements()}
        for name, tensor in short.items()
    ]
    refused = HttpGateway(world).post("/v2/models/billing/infer", {"inputs": inputs})
    assert refused.status_code == 400
    assert [problem["pointer"] for problem in refused.json_body["errors"]] == ["/inputs/1/shape"]
    assert "'customers/address/zip'" in refused.json_body["error"]


def test_g08_the_element_that_is_wrong_is_pointed_at_before_the_model_sees_it(world: World) -> None:
    before = len(world.sink)
    customers = [CUSTOMERS[0], {**CUSTOMERS[1], "name": 5, "address": {"zip": "x"}}]
    answer = HttpGateway(world).post(PATH, {"customers": customers})
    assert [problem["pointer"] for problem in answer.json_body["errors"]] == [
        "/customers/1/name",
        "/customers/1/address/zip",
        "/rate",
    ]
    assert len(world.sink) == before


def test_g09_an_answer_that_does_not_nest_is_the_model_s_failure_and_recorded(world: World) -> None:
    answer = HttpGateway(world).post(PATH, {"customers": CUSTOMERS, "rate": 13})
    assert answer.status_code == 500
    assert "output 'bills/lines': not a rectangular array" in answer.json_body["detail"]
    recorded = world.sink.published[-1]
    assert "bills/lines" in (recorded.error or "")
    assert recorded.calls[0].outputs is None


def test_g18_values_that_the_function_refuses_are_the_caller_s(world: World) -> None:
    customers = [{**CUSTOMERS[0], "address": {"zip": -1}}]
    answer = HttpGateway(world).post(PATH, {"customers": customers, "rate": 1})
    assert (answer.status_code, "a zip is negative" in answer.json_body["detail"]) == (400, True)
