"""Maps in the client: built in Python, written in YAML, sent and received as dicts."""

from typing import Any

import numpy as np
import pytest
from dewpoint import SignatureBuilder
from dewpoint.documents.load import load_documents
from dewpoint.errors import InvalidDocument, InvalidInput
from dewpoint.signatures import Signature
from dewpoint.values import to_json, to_numpy

from functions.core.leaves import leaves
from functions.core.signature import parse_signature

BUILT = (
    SignatureBuilder("predict")
    .input("customers", {"age": int, "items": ({"price": float, "tags": (str, [-1], "text")}, [-1])}, [-1])
    .input("address", {"street": str, "note": (str, "any")})
    .output("total", float)
    .build()
)
DOCUMENT = """\
kind: Model
name: m
runtime: python
payload: [src]
contract:
  inputs:
    customers:
      shape: [-1]
      fields:
        age: {shape: scalar, type: int}
        items:
          type: map
          shape: [-1]
          subfields:
            price: {shape: scalar, type: double}
            tags: {shape: [-1], type: string, profile: text}
    address: {fields: {street: {shape: scalar, type: string}, note: {shape: any, type: string}}}
  outputs:
    total: {shape: scalar, type: double}
"""


def load(text: str) -> Any:
    return load_documents(["-"], lambda: text)


def test_g06_a_map_is_built_as_the_platform_reads_it() -> None:
    parsed = parse_signature(BUILT.to_json())
    assert [(leaf.name, leaf.dims) for leaf in leaves(parsed.inputs)] == [
        ("customers/age", (-1,)),
        ("customers/items/price", (-1, -1)),
        ("customers/items/tags", (-1, -1, -1)),
        ("address/street", ()),
        ("address/note", None),
    ]
    assert Signature.from_json(BUILT.to_json()) == BUILT
    assert str(BUILT.inputs[1]) == "address: map scalar {street: string scalar, note: string any shape}"


def test_g06_a_document_nests_as_the_builder_does() -> None:
    assert load(DOCUMENT).models[0].signature == BUILT


@pytest.mark.parametrize(
    ("written", "instead", "fault"),
    [
        (
            "age: {shape: scalar, type: int}",
            "age: {shape: scalar, type: integer}",
            "contract.inputs.customers.fields.age",
        ),
        ("age: {shape: scalar, type: int}", "age: {type: int}", "field customers/age needs a shape"),
        ("type: map", "type: double", "expected map, or nothing, beside fields"),
        ("fields: {street", "feilds: {street", "did you mean fields?"),
        (
            "{street: {shape: scalar, type: string}, note: {shape: any, type: string}}",
            "{}",
            "map 'address' has no fields",
        ),
    ],
)
def test_g06_what_is_wrong_inside_a_map_is_told_with_its_place(written: str, instead: str, fault: str) -> None:
    assert written in DOCUMENT
    with pytest.raises(InvalidDocument) as caught:
        load(DOCUMENT.replace(written, instead))
    assert fault in str(caught.value)
    assert "standard input:" in str(caught.value)


@pytest.mark.parametrize(
    ("fields", "shape"),
    [({}, "scalar"), ({"a": "complex"}, "scalar"), ({"a": (int, [0])}, "scalar"), ({"a": (int, "any")}, [2])],
)
def test_g06_a_map_that_cannot_be_is_refused(fields: Any, shape: Any) -> None:
    with pytest.raises(InvalidInput):
        SignatureBuilder().input("m", {"inside": fields} if shape == "scalar" else fields, shape)


def test_g06_values_go_and_come_as_dicts() -> None:
    sent = {"customers": [{"age": np.int8(1), "items": ({"price": np.float64("nan")},)}]}
    assert to_json(sent) == {"customers": [{"age": 1, "items": [{"price": "NaN"}]}]}
    got = to_numpy({"customers": [{"age": 1, "tags": ["a"]}], "address": {"point": [1.5, 2]}, "none": []})
    assert type(got["customers"][0]["age"]) is np.int64
    assert got["address"]["point"].tolist() == [1.5, 2.0]
    assert got["none"].shape == (0,)
