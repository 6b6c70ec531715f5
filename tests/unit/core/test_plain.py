"""G6: objects and lists of objects to tensors and back, and the element that is wrong."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.budget import Budget
from functions.core.dtypes import DType
from functions.core.errors import PayloadTooLarge
from functions.core.place import escape
from functions.core.plain import read_plain, to_plain
from functions.core.signature import Field, Profile, Shape, Signature, parse_signature
from functions.core.tensor import from_json
from functions.core.validate import check_tensors
from tests.unit.core.nested import sides, values
from tests.unit.core.tensors import spelled

ONE, MANY = Shape(), Shape((-1,))
ORDER = Field("items", None, MANY, subfields=(Field("price", DType.DOUBLE, ONE), Field("tags", DType.STRING, MANY)))
CUSTOMER = Field("customers", None, MANY, subfields=(Field("age", DType.INT8, ONE), ORDER))
ADDRESS = Field("address", subfields=(Field("street", DType.STRING, ONE), Field("point", DType.FLOAT, Shape((2,)))))

ITEM = {"price": 1.5, "tags": ["a", "b"]}
BODY = {"customers": [{"age": 1, "items": [ITEM, ITEM]}, {"age": 2, "items": [ITEM, ITEM]}]}
PLACE = {"address": {"street": "A", "point": [1, 2]}}


def problems(field: Field, body: Any) -> list[tuple[str, str, str]]:
    return [(p.pointer, p.expected, p.received) for p in read_plain([field], body).problems]


def test_g06_a_map_is_a_tensor_per_leaf_named_by_its_path() -> None:
    tensors = read_plain([CUSTOMER, ADDRESS], {**BODY, **PLACE}).tensors
    assert {name: (tensor.dtype, tensor.shape) for name, tensor in tensors.items()} == {
        "customers/age": (DType.INT8, (2,)),
        "customers/items/price": (DType.DOUBLE, (2, 2)),
        "customers/items/tags": (DType.STRING, (2, 2, 2)),
        "address/street": (DType.STRING, ()),
        "address/point": (DType.FLOAT, (2,)),
    }
    assert tensors["customers/age"].elements() == [1, 2]


SIDES = sides()


@given(data=st.data())
def test_g06_any_nested_value_comes_back_from_its_tensors(data: st.DataObject) -> None:
    fields = data.draw(SIDES)
    body = data.draw(values(fields))
    reading = read_plain(fields, body)
    assert (reading.problems, reading.strangers) == ([], [])
    assert check_tensors(fields, reading.tensors) == []
    assert to_plain(fields, reading.tensors) == spelled(body)


@given(fields=SIDES)
def test_g06_any_nested_signature_is_read_back_from_json(fields: tuple[Field, ...]) -> None:
    signature = Signature("predict", fields, fields)
    assert parse_signature(msgspec.json.decode(msgspec.json.encode(signature))) == signature


Path = tuple[str | int, ...]


def spots(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every object, list and element of a body."""
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inside:
        yield from spots(each, (*path, key))


def pointer(path: Path) -> str:
    return "".join(f"/{escape(str(step))}" for step in path)


def at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


@given(data=st.data())
def test_g06_what_is_broken_is_pointed_at(data: st.DataObject) -> None:
    fields = data.draw(SIDES)
    body = data.draw(values(fields, smallest=1))
    path = data.draw(st.sampled_from([spot for spot in spots(body) if spot]))
    broken = json.loads(json.dumps(body))
    holder, sound = at(broken, path[:-1]), at(body, path)
    if isinstance(path[-1], str) and data.draw(st.booleans()):
        del holder[path[-1]]
    else:
        holder[path[-1]] = None if not isinstance(sound, list) else {"strange": 1}
    found = [problem.pointer for problem in read_plain(fields, broken).problems]
    # A list in place of which something else stands is missed as a row of its level: either may be named
    exact = not isinstance(sound, list)
    assert found
    assert all(p == pointer(path) if exact else pointer(path[:1]) in (p, p[: len(pointer(path[:1]))]) for p in found)


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ((0, "age"), "x", ("/customers/0/age", "DT_INT8 (integer)", "string 'x'")),
        ((1, "age"), 128, ("/customers/1/age", "DT_INT8 (integer)", "integer 128, out of range")),
        ((1, "age"), [1], ("/customers/1/age", "DT_INT8 (integer)", "a list of 1")),
        ((1,), 7, ("/customers/1", "an object with age, items", "integer 7")),
        ((1,), [], ("/customers/1", "an object with age, items", "a list of 0")),
        ((1, "items"), [ITEM], ("/customers/1/items", "a list of 2", "a list of 1")),
        ((1, "items"), ITEM, ("/customers/1/items", "a list of 2", "an object of 2")),
        ((0, "items"), None, ("/customers/0/items", "a list", "null")),
        ((1, "items", 0, "tags"), ["a"], ("/customers/1/items/0/tags", "a list of 2", "a list of 1")),
        ((1, "items", 1, "price"), True, ("/customers/1/items/1/price", "DT_DOUBLE (number)", "boolean true")),
    ],
)
def test_g06_the_element_of_a_list_of_maps_is_named(path: Path, value: Any, told: tuple[str, str, str]) -> None:
    body = json.loads(json.dumps(BODY))  # a copy in which nothing is shared
    at(body["customers"], path[:-1])[path[-1]] = value
    assert problems(CUSTOMER, body) == [told]


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        (CUSTOMER, {}, ("/customers", "objects, shape [-1]", "an object of 0")),
        (CUSTOMER, None, ("/customers", "objects, shape [-1]", "a scalar")),
        (ADDRESS, [], ("/address", "an object with street, point", "a list of 0")),
        (ADDRESS, {"street": "A"}, ("/address/point", "DT_FLOAT, shape [2]", "nothing: the field is missing")),
        (ADDRESS, {"street": ["A"], "point": [1, 2]}, ("/address/street", "DT_STRING, a scalar", "shape [1]")),
        (ADDRESS, {"street": "A", "point": [1]}, ("/address/point", "DT_FLOAT, shape [2]", "shape [1]")),
    ],
)
def test_g06_the_wrong_shape_of_a_map_is_told(field: Field, value: Any, told: tuple[str, str, str]) -> None:
    assert problems(field, {field.name: value}) == [told]
    assert problems(field, {}) != []


@pytest.mark.parametrize("customers", [[], [{"age": 1, "items": []}, {"age": 2, "items": []}]])
def test_g06_empty_lists_of_maps_come_back(customers: list[Any]) -> None:
    tensors = read_plain([CUSTOMER], {"customers": customers}).tensors
    assert check_tensors([CUSTOMER], tensors) == []
    assert tensors["customers/items/tags"].shape == (len(customers), 0, 0)
    assert to_plain([CUSTOMER], tensors) == {"customers": customers}


def test_g06_a_list_of_maps_of_fixed_length_is_held_to_it() -> None:
    two = Field("pair", None, Shape((2,)), subfields=(Field("x", DType.INT8, ONE),))
    assert problems(two, {"pair": [{"x": 1}, {"x": 2}]}) == []
    for wrong in ([], [{"x": 1}]):
        assert problems(two, {"pair": wrong}) == [("/pair", "objects, shape [2]", f"shape [{len(wrong)}]")]


def test_g06_leaves_that_tell_different_numbers_of_maps_are_refused() -> None:
    tensors = read_plain([CUSTOMER], BODY).tensors
    tensors["customers/age"] = from_json(DType.INT8, [1, 2, 3], "")
    (problem, *_) = check_tensors([CUSTOMER], tensors)
    assert problem.pointer == "/customers~1items~1price/shape"
    assert problem.expected == "shape [3] of maps 'customers', as 'customers/age' has"


def test_g06_leaves_that_a_variant_does_not_give_are_left_out() -> None:
    tensors = read_plain([ADDRESS], PLACE).tensors
    del tensors["address/point"]
    assert to_plain([ADDRESS, CUSTOMER], tensors) == {"address": {"street": "A"}}


def test_g08_all_problems_of_all_objects_come_at_once() -> None:
    body = {"customers": [{"age": 1.5, "items": []}, {"items": 7}, {"age": "x"}], "address": 5}
    assert [p.pointer for p in read_plain([CUSTOMER, ADDRESS], body).problems] == [
        "/customers/0/age",
        "/customers/1/age",
        "/customers/2/age",
        "/customers/1/items",
        "/customers/2/items",
        "/address",
    ]


def test_g10_unknown_keys_inside_maps_are_named_by_their_path() -> None:
    body = {**PLACE, "odd": 1, "address": {**PLACE["address"], "zip": 1}}
    body["customers"] = [{"age": 1, "items": [{**ITEM, "weight": 2}]}, {"age": 1, "items": [ITEM], "shoe/size": 44}]
    assert read_plain([CUSTOMER, ADDRESS], body).strangers == [
        "customers/0/items/0/weight",
        "customers/1/shoe/size",
        "address/zip",
        "odd",
    ]


def test_elements_of_all_objects_count_against_the_budget() -> None:
    fields = [Field("m", None, MANY, subfields=(Field("a", DType.INT8, ONE), Field("b", DType.INT8, Shape((2,)))))]
    body = {"m": [{"a": 1, "b": [1, 2]}] * 4}
    assert read_plain(fields, body, Budget(12)).problems == []
    with pytest.raises(PayloadTooLarge, match="12 elements"):
        read_plain(fields, body, Budget(11))


def test_profiles_of_leaves_are_theirs() -> None:
    parsed = parse_signature({"signatureName": "p", "inputs": DOCUMENT, "outputs": DOCUMENT})
    assert parsed.inputs == (Field("m", None, MANY, subfields=(Field("a", DType.INT64, ONE, Profile.CATEGORICAL),)),)


DOCUMENT = [
    {
        "name": "m",
        "dtype": "DT_MAP",
        "shape": {"dims": [-1]},
        "subfields": [{"name": "a", "dtype": "int", "shape": {"dims": []}, "profile": "CATEGORICAL"}],
    }
]
