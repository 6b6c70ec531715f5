"""Nested fields: dicts and lists of dicts on the model's side, a tensor per leaf on the wire."""

from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from servable.contract import Field, Shape, Signature, read_contract
from servable.dtypes import DType
from servable.errors import CannotLoad, InvalidInput, WrongOutput
from servable.infer_signature import infer_signature
from servable.inputs import read_inputs
from servable.maps import gather
from servable.outputs import take_outputs
from tests.servable.folders import field, mapped, python_folder, signature, sklearn_folder, write_contract
from tests.servable.running import Servable, request_for, run

CUSTOMERS = mapped(
    "customers",
    field("age", "DT_INT8"),
    field("name", "DT_STRING"),
    mapped("items", field("price"), field("size", "DT_FLOAT", (-1,)), dims=(-1,)),
    dims=(-1,),
)
ADDRESS = mapped("address", field("street", "DT_STRING"), field("point", "DT_DOUBLE", (2,)))
NESTED = signature([ADDRESS, CUSTOMERS], [CUSTOMERS, ADDRESS])
VALUE: dict[str, Any] = {
    "address": {"street": "A", "point": [1.0, 2.0]},
    "customers": [
        {"age": 1, "name": "ann", "items": [{"price": 1.5, "size": [1, 2, 3]}, {"price": 2.5, "size": [4, 5, 6]}]},
        {"age": 2, "name": "bob", "items": [{"price": 3.5, "size": [7, 8, 9]}, {"price": 4.5, "size": [0, 0, 0]}]},
    ],
}
SHAPES = {
    "customers/age": (2,),
    "customers/name": (2,),
    "customers/items/price": (2, 2),
    "customers/items/size": (2, 2, 3),
    "address/street": (),
    "address/point": (2,),
}


def test_g06_a_signature_with_maps_has_a_tensor_per_leaf(tmp_path: Path) -> None:
    contract = read_contract(write_contract(tmp_path, NESTED))
    assert contract.signature == NESTED
    assert [(leaf.name, leaf.dims) for leaf in contract.signature.tensors.inputs] == [
        ("address/street", ()),
        ("address/point", (2,)),
        ("customers/age", (-1,)),
        ("customers/name", (-1,)),
        ("customers/items/price", (-1, -1)),
        ("customers/items/size", (-1, -1, -1)),
    ]


def test_g06_what_a_model_returns_is_taken_apart_and_put_together() -> None:
    arrays = take_outputs(VALUE, NESTED)
    assert {name: array.shape for name, array in arrays.items()} == SHAPES
    given_back = gather(NESTED.inputs, arrays)
    assert plain(given_back) == VALUE
    first = given_back["customers"][0]
    assert (type(first["age"]), type(first["name"])) == (np.int8, str)
    first["items"][0]["size"][0] = 9  # may be written to


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value.tolist() if hasattr(value, "tolist") else value


def test_g06_a_model_may_name_the_leaves_itself() -> None:
    arrays = take_outputs(VALUE, NESTED)
    again = take_outputs({**arrays, "address": VALUE["address"]}, NESTED)
    assert {name: array.tolist() for name, array in again.items()} == {
        name: array.tolist() for name, array in arrays.items()
    }


@pytest.mark.parametrize("items", [[], [{"age": 1, "name": "ann", "items": []}] * 2])
def test_g06_no_maps_are_empty_tensors_and_come_back(items: list[Any]) -> None:
    arrays = take_outputs({**VALUE, "customers": items}, NESTED)
    assert arrays["customers/items/size"].shape == (len(items), 0, 0)
    assert plain(gather([CUSTOMERS], arrays)) == {"customers": items}


@settings(deadline=None, max_examples=50)
@given(rows=st.lists(st.lists(st.integers(-128, 127), min_size=2, max_size=2), max_size=4))
def test_g06_any_list_of_maps_comes_back(rows: list[list[int]]) -> None:
    points = mapped("points", field("x", "DT_INT8", (2,)), mapped("deep", field("y", "DT_INT8")), dims=(-1,))
    value = {"points": [{"x": row, "deep": {"y": row[0]}} for row in rows]}
    assert plain(gather([points], take_outputs(value, signature([points], [points])))) == value


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"address": 5}, "output 'address': expected a mapping of its fields, got int"),
        ({"address": {"street": "A"}}, "no output 'address/point', only: street"),
        ({"customers": VALUE["address"]}, "output 'customers': expected a list of mappings, got dict"),
        ({"customers": [7]}, "output 'customers': expected a mapping of its fields, got int"),
        ({"customers": [{"age": 300, "name": "", "items": []}]}, "output 'customers/age': .* cannot become DT_INT8"),
        (
            {"customers": [VALUE["customers"][0], {**VALUE["customers"][1], "items": []}]},
            "output 'customers/items': expected lists of one length, got lengths 0, 2",
        ),
        ({"address": {"street": "A", "point": [1.0]}}, r"output 'address/point': expected shape \[2\], got \[1\]"),
    ],
)
def test_g06_an_answer_that_does_not_nest_as_promised_names_the_field(change: dict[str, Any], said: str) -> None:
    with pytest.raises(WrongOutput, match=said):
        take_outputs({**VALUE, **change}, NESTED)


def test_g06_leaves_of_one_list_have_its_length() -> None:
    arrays = take_outputs(VALUE, NESTED)
    arrays["customers/age"] = np.array([1], np.int8)
    with pytest.raises(InvalidInput, match=r"'customers': expected the same number of maps.*'customers/age': \[1\]"):
        read_inputs(request_for(NESTED, arrays), NESTED)
    with pytest.raises(WrongOutput, match="output 'customers': expected the same number of maps"):
        take_outputs(arrays, NESTED)


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (Field("m"), "'m' needs either a dtype or subfields"),
        (Field("m", DType.INT8, None, "NONE", (field("a"),)), "'m' needs either a dtype or subfields"),
        (mapped("m", field("a"), field("a")), "inputs in 'm' name a twice"),
        (mapped("m", mapped("n", field("a", dims=None)), dims=(2,)), "'a' needs a shape"),
        (mapped("m", Field("a", DType.INT8, Shape((-2,)))), "'a' has a dimension below -1"),
    ],
)
def test_g06_a_contract_that_nests_wrongly_is_refused(tmp_path: Path, one: Field, said: str) -> None:
    with pytest.raises(CannotLoad, match=said):
        read_contract(write_contract(tmp_path, Signature("predict", (one,), (field("y"),))))


def test_g06_a_signature_in_the_payload_may_nest(tmp_path: Path) -> None:
    write_contract(tmp_path, NESTED)
    text = (tmp_path / "contract.json").read_text()
    (tmp_path / "contract.json").write_text('{"name": "model", "version": 1, "signature": null}')
    document = text[text.index('"signature": ') + len('"signature": ') : -1]
    (tmp_path / "files" / "signature.json").write_text(
        document.replace('"subfields"', '"dtype": "DT_MAP", "subfields"')
    )
    assert infer_signature(tmp_path, "python") == NESTED
    assert read_contract(tmp_path).signature == NESTED


def test_g06_other_runtimes_take_the_leaves(tmp_path: Path) -> None:
    table = pd.DataFrame({"birds/mass": [1.0, 2, 8, 9] * 3, "birds/length": [1.0, 1, 5, 5] * 3})
    of = signature(
        [mapped("birds", field("length"), field("mass"), dims=(-1,))],
        [mapped("kinds", field("label", "DT_INT64"), dims=(-1,))],
    )
    estimator = LogisticRegression().fit(table, (table["birds/mass"] > 5).astype(int))
    with Servable(sklearn_folder(tmp_path, of, estimator)) as servable:
        outputs = servable.infer(of, **{"birds/length": [1.0, 5.0], "birds/mass": [1.0, 9.0]})
    assert outputs["kinds/label"].tolist() == [0, 1]


BASKET = signature(
    [CUSTOMERS], [mapped("totals", field("name", "DT_STRING"), field("sum"), dims=(-1,)), field("kinds", "DT_STRING")]
)
SOURCE = """
def predict(customers):
    for one in customers:
        if one["age"] < 0:
            raise ValueError(f"{one['name']} is not born")
    totals = [{"name": c["name"], "sum": sum(i["price"] * i["size"].sum() for i in c["items"])} for c in customers]
    first = customers[0]
    kinds = [type(customers), type(first), type(first["age"]), type(first["items"][0]["size"])]
    return {"totals": totals, "kinds": " ".join(kind.__name__ for kind in kinds)}
"""


def test_g06_a_function_takes_and_gives_dicts(tmp_path: Path) -> None:
    folder = python_folder(tmp_path, BASKET, SOURCE)
    checked = run("servable.check", folder)
    assert checked.returncode == 0, checked.stderr
    assert "  takes customers/items/size: DT_FLOAT [-1, -1, -1]" in checked.stdout
    leaves = take_outputs(VALUE, NESTED)
    with Servable(folder) as servable:
        outputs = servable.infer(BASKET, **leaves)
        with pytest.raises(grpc.RpcError, match="ann is not born"):
            servable.infer(BASKET, **{**leaves, "customers/age": [-1, 2]})
    assert outputs["totals/name"].tolist() == ["ann", "bob"]
    assert outputs["totals/sum"].tolist() == [1.5 * 6 + 2.5 * 15, 3.5 * 24]
    assert outputs["kinds"] == "list dict int8 ndarray"
