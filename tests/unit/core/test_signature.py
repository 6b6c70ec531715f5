"""Signatures: the reference's JSON, and the algebra of variants and stages."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.dtypes import DType
from functions.core.errors import InvalidRequest
from functions.core.signature import Field, Profile, Shape, Signature, append, merge, parse_signature, shape_text

NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,6}", fullmatch=True)
FIELDS = st.builds(
    Field,
    NAMES,
    st.sampled_from(DType),
    st.none() | st.builds(Shape, st.lists(st.just(-1) | st.integers(1, 9), max_size=3).map(tuple)),
    st.sampled_from(Profile),
)
SIDES = st.lists(FIELDS, min_size=1, max_size=4, unique_by=lambda field: field.name).map(tuple)
SIGNATURES = st.builds(Signature, NAMES, SIDES, SIDES)


def field(name: str, dims: list[int] | None = None, dtype: DType = DType.DOUBLE) -> Field:
    return Field(name, dtype, None if dims is None else Shape(tuple(dims)))


def signature(inputs: list[Field], outputs: list[Field], name: str = "predict") -> Signature:
    return Signature(name, tuple(inputs), tuple(outputs))


@given(signature=SIGNATURES)
def test_the_json_form_is_read_back(signature: Signature) -> None:
    assert parse_signature(msgspec.json.decode(msgspec.json.encode(signature))) == signature
    assert msgspec.json.decode(msgspec.json.encode(signature), type=Signature) == signature


def test_a_list_is_a_shape_too_and_names_of_types_are_free() -> None:
    document = {"signatureName": "p", "inputs": [{"name": "x", "dtype": "float32", "shape": [-1]}]}
    document["outputs"] = [{"name": "y", "dtype": "DT_STRING"}]
    parsed = parse_signature(document)
    assert parsed.inputs == (Field("x", DType.FLOAT, Shape((-1,))),)
    assert parsed.outputs == (Field("y", DType.STRING),)


def test_every_problem_of_a_document_is_found() -> None:
    document = {
        "signatureName": " ",
        "inputs": [
            {"name": "9", "dtype": "DT_X", "shape": {"dims": [0]}, "profile": "odd"},
            {"name": "x", "dtype": "int"},
            {"name": "x", "dtype": "int"},
            7,
        ],
        "outputs": [],
    }
    with pytest.raises(InvalidRequest) as caught:
        parse_signature(document, "/s")
    assert {problem.pointer for problem in caught.value.problems} == {
        "/s/signatureName",
        "/s/inputs/0/name",
        "/s/inputs/0/dtype",
        "/s/inputs/0/shape",
        "/s/inputs/0/profile",
        "/s/inputs/3",
        "/s/outputs",
        "/s/inputs/1/name",
    }


@pytest.mark.parametrize("document", [None, [], "x", 1, {}])
def test_what_is_no_signature_is_refused(document: Any) -> None:
    with pytest.raises(InvalidRequest):
        parse_signature(document)


def test_m15_variants_are_merged_by_name() -> None:
    first = signature([field("a", [-1, 3]), field("b")], [field("y", [])])
    second = signature([field("c", [2]), field("a", [5, -1])], [field("y")], "other")
    merged = merge(first, second)
    assert merged.signature_name == "predict&other"
    assert merged.inputs == (field("a", [5, 3]), field("b"), field("c", [2]))
    assert merged.outputs == (field("y", []),)


# Few names, types and sizes, so that many of the fields meet
MEETING = st.lists(
    st.builds(
        Field,
        st.sampled_from("abc"),
        st.sampled_from([DType.DOUBLE, DType.INT64]),
        st.sampled_from([None, Shape(()), Shape((-1,)), Shape((2,)), Shape((3,))]),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda field: field.name,
).map(tuple)
MEETINGS = st.builds(Signature, st.just("predict"), MEETING, MEETING)


@given(first=MEETINGS, second=MEETINGS)
def test_m15_the_order_of_fields_makes_no_difference(first: Signature, second: Signature) -> None:
    """To a merge and to what follows: the same fields, or the same refusals."""
    other = Signature(second.signature_name, second.inputs[::-1], second.outputs[::-1])
    for join in (merge, append):
        assert outcome(join, first, second) == outcome(join, first, other)


@given(first=MEETINGS, second=MEETINGS, third=MEETINGS)
def test_m15_merging_knows_no_order(first: Signature, second: Signature, third: Signature) -> None:
    """Whichever variants are joined first: the same fields, or a refusal."""
    fields = merged(merged(first, second), third)
    assert merged(first, merged(second, third)) == fields
    assert known(merged(merged(third, second), first)) == known(fields)


def merged(first: Signature | None, second: Signature | None) -> Signature | None:
    try:
        return merge(first, second) if first and second else None
    except InvalidRequest:
        return None


def known(signature: Signature | None) -> Any:
    return signature and ({f.name: f for f in signature.inputs}, {f.name: f for f in signature.outputs})


def outcome(join: Callable[[Signature, Signature], Signature], first: Signature, second: Signature) -> Any:
    try:
        joined = join(first, second)
    except InvalidRequest as error:
        return {problem.pointer for problem in error.problems}
    return {field.name: field for field in joined.inputs}, {field.name: field for field in joined.outputs}


@given(signature=SIGNATURES)
def test_merging_with_itself_changes_nothing(signature: Signature) -> None:
    assert merge(signature, signature) == signature


def test_m15_fields_that_do_not_fit_are_named() -> None:
    first = signature([field("a", [2]), field("b")], [field("y")])
    second = signature([field("a", [3]), field("b", dtype=DType.INT8)], [field("y")])
    with pytest.raises(InvalidRequest) as caught:
        merge(first, second)
    assert [problem.pointer for problem in caught.value.problems] == ["/inputs/a/shape", "/inputs/b/dtype"]


def test_m15_stages_are_joined_and_what_does_not_flow_is_named() -> None:
    first = signature([field("x")], [field("y", [-1]), field("more")])
    assert append(first, signature([field("y", [4])], [field("z")])) == signature(
        [field("x")], [field("z")], "predict>predict"
    )
    with pytest.raises(InvalidRequest) as caught:
        append(first, signature([field("q"), field("y", [4, 4])], [field("z")]))
    assert [problem.pointer for problem in caught.value.problems] == ["/inputs/q", "/inputs/y/shape"]


def mapped(name: str, *subfields: Field, dims: list[int] | None = None) -> Field:
    return Field(name, None, None if dims is None else Shape(tuple(dims)), subfields=subfields)


def refused(join: Any, first: Field, second: Field) -> list[str]:
    x = field("x", [])
    sides = ([x], [first]), ([second], [x]) if join is append else ([x], [second])
    with pytest.raises(InvalidRequest) as caught:
        join(*(signature(*side) for side in sides))
    return [problem.pointer for problem in caught.value.problems]


def test_g06_maps_of_variants_are_merged_field_by_field() -> None:
    first = mapped("m", field("a", [-1]), field("b", []), dims=[-1])
    second = mapped("m", field("c", []), field("a", [3]), dims=[4])
    merged = merge(signature([first], [first]), signature([second], [second]))
    assert merged.inputs == (mapped("m", field("a", [3]), field("b", []), field("c", []), dims=[4]),)
    one = signature([mapped("m", field("a"))], [mapped("m", field("a"), dims=[])])
    assert merge(one, one).outputs == merge(signature([one.outputs[0]], [one.inputs[0]]), one).outputs == one.outputs


@pytest.mark.parametrize(
    ("second", "pointers"),
    [
        (field("m", []), ["/outputs/m/dtype"]),
        (mapped("m", field("a", [3])), ["/outputs/m/a/shape"]),
        (mapped("m", field("a", [2], DType.INT8)), ["/outputs/m/a/dtype"]),
        (mapped("m", field("a", [2]), dims=[-1]), ["/outputs/m/shape"]),
        (mapped("m", mapped("a", field("b", []))), ["/outputs/m/a/dtype", "/outputs/m/a/shape"]),
    ],
)
def test_g06_maps_that_do_not_merge_name_the_field(second: Field, pointers: list[str]) -> None:
    first = mapped("m", field("a", [2]))
    assert refused(merge, first, second) == refused(merge, second, first) == pointers


def test_g06_a_stage_is_given_every_field_of_its_maps() -> None:
    given = mapped("m", field("a", [2]), mapped("n", field("b", []), field("c", [])), dims=[-1])
    taken = mapped("m", mapped("n", field("b", [])), dims=[-1])
    x = field("x", [])
    assert append(signature([x], [given]), signature([taken], [x])).inputs == (x,)
    assert refused(append, taken, given) == ["/inputs/m/a", "/inputs/m/n/c"]
    assert refused(append, given, mapped("m", field("a", [3]), dims=[-1])) == ["/inputs/m/a/shape"]


def parsed(*fields: dict[str, Any]) -> Signature:
    side = list(fields)
    return parse_signature({"signatureName": "p", "inputs": side, "outputs": side})


def test_g06_a_map_may_say_its_type_or_not_as_in_the_reference_system() -> None:
    inside = {"name": "a", "dtype": "DT_INT8", "shape": {"dims": []}}
    for said in ({}, {"dtype": "DT_MAP"}, {"dtype": "map"}, {"dtype": None}):
        assert parsed({"name": "m", **said, "subfields": [inside]}).inputs == (mapped("m", field("a", [], DType.INT8)),)


def deep(levels: int) -> dict[str, Any]:
    document: dict[str, Any] = {"name": "a", "dtype": "DT_INT8", "shape": []}
    for _ in range(levels):
        document = {"name": "m", "subfields": [document]}
    return document


@pytest.mark.parametrize(
    ("document", "pointers"),
    [
        ({"name": "m", "subfields": []}, ["/subfields"]),
        ({"name": "m", "subfields": {}}, ["/subfields"]),
        ({"name": "m", "dtype": "DT_INT8", "subfields": [deep(0)]}, ["/dtype"]),
        ({"name": "m", "dtype": "DT_MAP"}, ["/dtype"]),
        ({"name": "m", "subfields": [deep(0), deep(0)]}, ["/subfields/1/name"]),
        ({"name": "m", "subfields": [{"name": "a/b", "dtype": "DT_X"}]}, ["/subfields/0/name", "/subfields/0/dtype"]),
        ({"name": "m", "shape": [-1], "subfields": [{"name": "a", "dtype": "int"}]}, ["/subfields/0/shape"]),
        ({"name": "m", "shape": [0], "subfields": [7]}, ["/shape", "/subfields/0"]),
        (
            {"name": "m", "shape": [2] * 9, "subfields": [{"name": "a", "dtype": "int", "shape": [2] * 8}]},
            ["/subfields/0/shape"],
        ),
        ({"name": "x", "dtype": "int", "shape": [2] * 17}, ["/shape"]),
        ({"name": "x", "dtype": "int", "shape": [2**63]}, ["/shape"]),
        (deep(9), ["/subfields/0" * 8 + "/subfields"]),
    ],
)
def test_g06_every_problem_inside_maps_is_pointed_at(document: dict[str, Any], pointers: list[str]) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parsed(document)
    half = [problem.pointer for problem in caught.value.problems if problem.pointer.startswith("/inputs")]
    assert half == [f"/inputs/0{pointer}" for pointer in pointers]


def test_g06_maps_may_lie_within_one_another_up_to_a_limit() -> None:
    assert parsed(deep(8)).inputs[0].name == "m"


@pytest.mark.parametrize(
    "dtype", ["DT_QINT8", "DT_QUINT8", "DT_QINT32", "DT_COMPLEX64", "DT_COMPLEX128", "DT_ANY", "DT_VARIANT"]
)
def test_g05_types_that_no_tensor_has_are_refused_naming_the_field_and_what_is_supported(dtype: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parsed({"name": "speed", "dtype": dtype})
    problem = caught.value.problems[0]
    assert (problem.pointer, problem.received) == ("/inputs/0/dtype", repr(dtype))
    assert "'speed'" in problem.expected
    assert all(known.value in problem.expected for known in DType)


def test_shapes_are_told_in_words() -> None:
    assert [shape_text(dims) for dims in (None, [], [-1, 8])] == ["any shape", "a scalar", "shape [-1, 8]"]
