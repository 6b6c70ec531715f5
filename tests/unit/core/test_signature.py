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


def test_shapes_are_told_in_words() -> None:
    assert [shape_text(dims) for dims in (None, [], [-1, 8])] == ["any shape", "a scalar", "shape [-1, 8]"]
