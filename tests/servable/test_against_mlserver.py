"""The same models behind our gateway and behind MLServer, asked the same: what MLServer answers we answer alike.

Where the two differ, the difference stands here as data, with its reason. Both doors are asked: JSON over HTTP, and
typed and raw tensors over gRPC.
"""

import json
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.adapters.pb import open_inference_pb2 as pb
from functions.core import dtypes
from functions.core.dtypes import BY_DATATYPE
from tests.servable.peers import Peer, mlserver, ours

Body = dict[str, Any]
BASE: dict[str, Body] = {
    "x": {"datatype": "FP64", "shape": [2, 2], "data": [1, 2, 3, 4]},
    "n": {"datatype": "INT32", "shape": [2], "data": [1, -2]},
    "flag": {"datatype": "BOOL", "shape": [2], "data": [True, False]},
    "name": {"datatype": "BYTES", "shape": [2], "data": ["a", "ü"]},
}
CONTENTS = {"FP64": "fp64_contents", "FP32": "fp32_contents", "INT32": "int_contents", "INT64": "int64_contents"}
CONTENTS |= {"BOOL": "bool_contents", "BYTES": "bytes_contents"}


def body(
    without: tuple[str, ...] = (), more: tuple[Body, ...] = (), whole: Body | None = None, **changes: Body
) -> Body:
    """A request: BASE with some keys of some inputs changed (None: left out)."""
    inputs = [{"name": name, **one, **changes.get(name, {})} for name, one in BASE.items() if name not in without]
    inputs = [{key: value for key, value in one.items() if value is not None} for one in [*inputs, *more]]
    return {"inputs": inputs, **(whole or {})}


def spelled(word: str) -> bytes:
    """A request whose last number is spelled `word`, as no encoder of JSON would."""
    return json.dumps(body()).replace("[1, 2, 3, 4]", f"[1, 2, 3, {word}]").encode()


NONE = {name: {"shape": [0, *one["shape"][1:]], "data": []} for name, one in BASE.items()}

BOTH_ANSWER: dict[str, Body] = {
    "flat": body(),
    "nested": body(x={"data": [[1, 2], [3, 4]]}),
    "no rows": body(**NONE),
    "a free dimension": body(x={"shape": [-1, 2]}),
    "an id and parameters": body(whole={"id": "abc", "parameters": {"note": "np"}}),
    "the ends of a type": body(n={"data": [2**31 - 1, -(2**31)]}),
    "small, large and negative zero": body(x={"data": [5e-324, 1.7976931348623157e308, -0.0, 0.1]}),
    "text of every kind": body(name={"data": ["", "\0\U0001f600"]}),
}
# MLServer's statuses are 422, 400 and, for what only its model noticed, 500: ours is 400 with the field named
BOTH_REFUSE: dict[str, Body | bytes] = {
    "no elements for a shape": body(x={"data": []}),
    "too few elements": body(x={"data": [1, 2, 3]}),
    "too many elements": body(x={"data": [1, 2, 3, 4, 5]}),
    "another rank": body(x={"shape": [4]}),
    "rows of different lengths": body(x={"data": [[1, 2, 3], [4]]}),
    "an int that does not fit": body(n={"data": [1, 2**31]}),
    "an int that fits nowhere": body(n={"data": [1, 2**70]}),
    "text for a number": body(x={"data": [1, 2, 3, "four"]}),
    "an input left out": body(without=("n",)),
    "an input without name": body(x={"name": ""}),
    "no inputs": {"inputs": []},
    "no key inputs": {},
    "a type that is none": body(x={"datatype": "FP128"}),
    "a type in lower case": body(x={"datatype": "fp64"}),
    "no shape": body(x={"shape": None}),
    "no type": body(x={"datatype": None}),
    "no data": body(x={"data": None}),
    "NaN in JSON": spelled("NaN"),
    "infinity in JSON": spelled("Infinity"),
    "a number beyond doubles": spelled("1e999"),
    "no JSON": b"{",
    "a list": b"[]",
}
# what MLServer lets through and we refuse, and why
ONLY_MLSERVER: dict[str, tuple[Body, str]] = {
    "another fixed size": (
        body(x={"shape": [2, 3], "data": [1, 2, 3, 4, 5, 6]}),
        "the signature says two columns; MLServer leaves that to the model",
    ),
    "nested against its shape": (
        body(x={"data": [[1, 2, 3, 4]]}),
        "one of the two is wrong, and nobody can know which",
    ),
    "a narrower float": (body(x={"datatype": "FP32"}), "the client thinks that the model is another"),
    "ints for floats": (body(x={"datatype": "INT64"}), "the same; the answer's data are not of its own type then"),
    "wider ints": (body(n={"datatype": "INT64"}), "the same"),
    "floats for ints": (body(n={"datatype": "FP64", "data": [1.0, -2.0]}), "the same"),
    "a fraction for an int": (body(n={"data": [1, 2.5]}), "MLServer cuts it off and answers for another number"),
    "a float for an int": (body(n={"data": [1, 2.0]}), "numbers keep their kind: 2.0 is no integer in JSON either way"),
    "digits as text": (body(x={"data": [1, 2, 3, "4"]}), "text is no number"),
    "null for a number": (body(x={"data": [1, 2, 3, None]}), "MLServer makes NaN of it, and null of its answer"),
    "true for a number": (body(x={"data": [1, 2, 3, True]}), "a bool is no number"),
    "numbers for bools": (body(flag={"data": [1, 0]}), "a number is no bool"),
    "a number for text": (body(name={"data": ["a", 1]}), "MLServer makes the character with that code of it"),
    "an input too many": (
        body(more=({"name": "more", "datatype": "FP64", "shape": [1], "data": [1]},)),
        "typed tensors are all meant; the plain JSON door drops it and warns",
    ),
    "an input twice": (body(more=({"name": "x", **BASE["x"]},)), "which one counts is chance"),
    "a size of -2": (body(flag={"shape": [-2]}), "only -1 is free"),
    "a size with a point": (body(x={"shape": [2.0, 2]}), "sizes are integers"),
    "an output that is none": (body(whole={"outputs": [{"name": "nope"}]}), "MLServer answers with all its outputs"),
}


@pytest.fixture(scope="module")
def us(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    with ours(tmp_path_factory.mktemp("ours")) as peer:
        yield peer


@pytest.fixture(scope="module")
def them(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    with mlserver(tmp_path_factory.mktemp("theirs") / "models") as peer:
        yield peer


def values(answer: Body) -> dict[str, Any]:
    return {one["name"]: (one["datatype"], one["shape"], one["data"]) for one in answer["outputs"]}


@pytest.mark.parametrize("case", BOTH_ANSWER)
def test_g07_what_mlserver_answers_we_answer_alike(us: Peer, them: Peer, case: str) -> None:
    (status, answer), (theirs, expected) = (peer.http("mixed", BOTH_ANSWER[case]) for peer in (us, them))
    assert (status, theirs) == (200, 200), answer
    assert values(answer) == values(expected)
    assert "id" not in BOTH_ANSWER[case] or answer["id"] == expected["id"] == "abc"


@pytest.mark.parametrize("case", BOTH_REFUSE)
def test_g08_what_mlserver_refuses_we_refuse_with_a_reason(us: Peer, them: Peer, case: str) -> None:
    (status, answer), (theirs, _) = (peer.http("mixed", BOTH_REFUSE[case]) for peer in (us, them))
    assert theirs in (400, 422, 500)
    assert status == 400
    assert answer["error"]


@pytest.mark.parametrize("case", ONLY_MLSERVER)
def test_g08_what_only_mlserver_lets_through_is_known(us: Peer, them: Peer, case: str) -> None:
    request, reason = ONLY_MLSERVER[case]
    assert reason
    (status, answer), (theirs, _) = (peer.http("mixed", request) for peer in (us, them))
    assert theirs == 200, "no difference any more: it belongs to what both refuse"
    assert status == 400
    assert answer["error"].startswith("/inputs/") or answer["error"].startswith("/outputs/")


def test_chosen_outputs_are_all_that_we_send_and_mlserver_leaves_that_to_its_models(us: Peer, them: Peer) -> None:
    request = body(whole={"outputs": [{"name": "total"}]})
    answer, expected = (values(peer.http("mixed", request)[1]) for peer in (us, them))
    assert list(answer) == ["total"]
    assert answer["total"] == expected["total"]


def test_an_unknown_model_is_404_for_both(us: Peer, them: Peer) -> None:
    assert [peer.http("nobody", body())[0] for peer in (us, them)] == [404, 404]
    unknown = to_rpc(body(), raw=True, model="nobody")
    assert [peer.rpc(unknown)[0] for peer in (us, them)] == [grpc.StatusCode.NOT_FOUND] * 2


def test_a_classifier_of_scikit_learn_says_the_same_behind_both(us: Peer, them: Peer) -> None:
    """MLServer's numpy codec answers a list as a column; our runtime says what the signature says."""
    table = [5.1, 3.5, 1.4, 0.2, 6.7, 3.0, 5.2, 2.3, 6.1, 2.8, 4.7, 1.2]
    request = {"inputs": [{"name": "X", "datatype": "FP64", "shape": [3, 4], "data": table}]}
    chosen = {"outputs": [{"name": "predict"}, {"name": "predict_proba"}]}
    answer, expected = values(us.http("iris", request)[1]), values(them.http("iris", request | chosen)[1])
    assert answer["probabilities"] == expected["predict_proba"]
    assert (answer["label"][1], expected["predict"][1]) == ([3], [3, 1])
    assert answer["label"][2] == expected["predict"][2]


def to_rpc(request: Body, raw: bool, model: str = "mixed") -> pb.ModelInferRequest:
    message = pb.ModelInferRequest(model_name=model, id="r")
    for one in request["inputs"]:
        tensor = message.inputs.add(name=one["name"], datatype=one["datatype"], shape=one["shape"])
        elements = [text.encode() if isinstance(text, str) else text for text in one["data"]]
        if not raw:
            getattr(tensor.contents, CONTENTS[one["datatype"]]).extend(elements)
        elif one["datatype"] == "BYTES":
            message.raw_input_contents.append(dtypes.join_bytes(elements))
        else:
            message.raw_input_contents.append(dtypes.encode(BY_DATATYPE[one["datatype"]], elements))
    return message


def from_rpc(answer: pb.ModelInferResponse) -> dict[str, Any]:
    found = {}
    for at, one in enumerate(answer.outputs):
        if answer.raw_output_contents:
            data = answer.raw_output_contents[at]
        elif one.datatype == "BYTES":
            data = dtypes.join_bytes(list(one.contents.bytes_contents))
        else:
            elements = list(getattr(one.contents, CONTENTS[one.datatype]))
            data = dtypes.encode(BY_DATATYPE[one.datatype], elements)
        found[one.name] = (one.datatype, list(one.shape), data)
    return found


FLAT = [case for case in BOTH_ANSWER if case not in ("nested", "a free dimension")]


@pytest.mark.parametrize("raw", [True, False], ids=["raw", "typed"])
@pytest.mark.parametrize("case", FLAT)
def test_g04_over_grpc_they_answer_alike(us: Peer, them: Peer, case: str, raw: bool) -> None:
    (status, answer), (theirs, expected) = (peer.rpc(to_rpc(BOTH_ANSWER[case], raw)) for peer in (us, them))
    assert (status, theirs) == (grpc.StatusCode.OK, grpc.StatusCode.OK), (answer, expected)
    assert from_rpc(answer) == from_rpc(expected)


@pytest.mark.parametrize(
    ("case", "change"),
    [
        ("no elements for a shape", {"x": {"data": []}}),
        ("too few elements", {"x": {"data": [1.0, 2.0, 3.0]}}),
        ("another rank", {"x": {"shape": [4]}}),
        ("a type that is none", {"x": {"datatype": "FP128"}}),
    ],
)
def test_g08_over_grpc_they_refuse_alike(us: Peer, them: Peer, case: str, change: dict[str, Body]) -> None:
    request = to_rpc(body(**{name: one | {"datatype": "FP64"} for name, one in change.items()}), raw=False)
    request.inputs[0].datatype = change["x"].get("datatype", "FP64")
    (status, said), (theirs, _) = (peer.rpc(request) for peer in (us, them))
    assert theirs is not grpc.StatusCode.OK
    assert status is grpc.StatusCode.INVALID_ARGUMENT
    assert "input" in str(said)


# sums must not depend on the order that they are taken in
FLOATS = st.integers(-(2**40), 2**40).map(lambda number: number / 1024)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)


@st.composite
def requests(draw: st.DrawFn) -> Body:
    rows = draw(st.integers(0, 5))

    def many(elements: st.SearchStrategy[Any], each: int = 1) -> list[Any]:
        return draw(st.lists(elements, min_size=rows * each, max_size=rows * each))

    flat = many(FLOATS, 2)
    nested = [flat[at : at + 2] for at in range(0, len(flat), 2)]
    return body(
        x={"shape": [rows, 2], "data": draw(st.sampled_from([flat, nested]))},
        n={"shape": [rows], "data": many(st.integers(-(2**31), 2**31 - 1))},
        flag={"shape": [rows], "data": many(st.booleans())},
        name={"shape": [rows], "data": many(TEXTS)},
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(request=requests())
def test_g05_whatever_fits_is_answered_alike(us: Peer, them: Peer, request: Body) -> None:
    (status, answer), (theirs, expected) = (peer.http("mixed", request) for peer in (us, them))
    assert (status, theirs) == (200, 200), (answer, expected)
    assert values(answer) == values(expected)
