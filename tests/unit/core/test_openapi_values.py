"""The JSON Schemas of a signature admit what the gateway admits, and refuse what it refuses."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from functions.core.dtypes import DType
from functions.core.example import example_value
from functions.core.leaves import leaves
from functions.core.openapi.values import components, field_schema, object_schema
from functions.core.plain import read_plain
from functions.core.signature import Field, Shape
from tests.unit.core.nested import sides, values
from tests.unit.core.tensors import spelled
from tests.unit.core.test_example import FIELDS


def fits(field: Field, value: Any) -> bool:
    schema = field_schema(field) | {"components": {"schemas": components(leaves([field]))}}
    return Draft202012Validator(schema).is_valid(value)


def accepted(field: Field, value: Any) -> bool:
    return read_plain([field], {field.name: value}).problems == []


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**65), 2**65)
    | st.sampled_from([0.5, 70000.5, 1e39, -1e39, "NaN", "Infinity", "-Infinity", "nan", "foo", "", {}])
)
# lists of one level have one length: the rule that JSON Schema cannot say
RECTANGLES = st.lists(st.integers(0, 3), max_size=3).flatmap(
    lambda shape: LEAVES.map(lambda leaf: nested(leaf, shape)),
)


def nested(leaf: Any, shape: list[int]) -> Any:
    value = leaf
    for size in reversed(shape):
        value = [value] * size
    return value


SIDES = sides(2)


@given(FIELDS, RECTANGLES)
def test_schema_and_gateway_agree(field: Field, value: Any) -> None:
    assert fits(field, value) == accepted(field, value)


@given(FIELDS)
def test_an_example_fits_its_schema(field: Field) -> None:
    assert fits(field, example_value(field))


@given(st.data())
def test_g06_the_schema_of_a_nested_value_admits_it_and_not_what_is_broken(data: st.DataObject) -> None:
    fields = data.draw(SIDES)
    body = data.draw(values(fields))
    schema = object_schema(fields, closed=True) | {"components": {"schemas": components(leaves(fields))}}
    validator = Draft202012Validator(schema)
    assert validator.is_valid(spelled(body))
    name = data.draw(st.sampled_from(sorted(body)))
    assert not validator.is_valid({**body, name: None})
    assert not validator.is_valid({key: value for key, value in body.items() if key != name})


def test_g06_maps_are_closed_with_what_is_around_them() -> None:
    inside = (Field("a", DType.BOOL, Shape()),)
    field = Field("m", None, Shape((2, -1)), subfields=inside)
    for closed in (True, False):
        schema = object_schema([field], closed=closed)["properties"]["m"]
        assert (schema["minItems"], schema["items"]["type"]) == (2, "array")
        assert ("additionalProperties" in schema["items"]["items"]) is closed


@pytest.mark.parametrize(
    ("dtype", "smallest", "greatest"),
    [
        (DType.INT8, -128, 127),
        (DType.UINT8, 0, 255),
        (DType.INT64, -(2**63), 2**63 - 1),
        (DType.UINT64, 0, 2**64 - 1),
        (DType.HALF, -65504.0, 65504.0),
    ],
)
def test_numbers_are_bounded_by_their_type(dtype: DType, smallest: Any, greatest: Any) -> None:
    field = Field("x", dtype, Shape())
    beyond = 1 if isinstance(greatest, int) else 16
    for value, inside in ((smallest, True), (greatest, True), (smallest - beyond, False), (greatest + beyond, False)):
        assert fits(field, value) is accepted(field, value) is inside


def test_fixed_dimensions_are_bounds_and_free_ones_are_not() -> None:
    schema = field_schema(Field("x", DType.DOUBLE, Shape((-1, 8, 2))))
    assert ("minItems" in schema, "maxItems" in schema) == (False, False)
    assert (schema["items"]["minItems"], schema["items"]["maxItems"]) == (8, 8)
    assert schema["items"]["items"] == {
        "type": "array",
        "items": {"$ref": "#/components/schemas/DT_DOUBLE"},
        "minItems": 2,
        "maxItems": 2,
    }


def test_every_input_is_required_and_outputs_are_closed() -> None:
    fields = [Field("a", DType.BOOL, Shape()), Field("b", DType.STRING, Shape())]
    schema = object_schema(fields, closed=True)
    assert (schema["required"], schema["additionalProperties"]) == (["a", "b"], False)
    assert "additionalProperties" not in object_schema(fields, closed=False)
