import msgspec
import pytest

from functions.core import errors
from functions.core.problem import HTTP_STATUS, LONGEST_DETAIL, MOST_PROBLEMS, http_status, to_problem


def all_errors(cls: type[errors.DewpointError] = errors.DewpointError) -> list[type[errors.DewpointError]]:
    return [cls, *(deeper for child in cls.__subclasses__() for deeper in all_errors(child))]


@pytest.mark.parametrize("cls", all_errors())
def test_m25_every_error_of_the_tree_has_a_status_and_a_document(cls: type[errors.DewpointError]) -> None:
    document = to_problem(cls("what happened"), "/v2/models/x", "id-1")
    assert document["status"] == http_status(cls("")) >= 400
    assert document["detail"] == document["error"] == "what happened"
    assert document["type"].startswith("urn:dewpoint:")
    assert document["requestId"] == "id-1"


def test_a_subclass_has_the_status_of_its_parent() -> None:
    assert http_status(errors.SignatureViolation("x")) == HTTP_STATUS[errors.InvalidRequest] == 400


def test_all_problems_are_listed() -> None:
    error = errors.InvalidRequest.of([errors.Problem("/a", "int", "str"), errors.Problem("/b", "bool", "nothing")])
    document = to_problem(error, "/", "id")
    assert [e["pointer"] for e in document["errors"]] == ["/a", "/b"]
    assert document["detail"] == "/a: expected int, received str (and 1 more)"


def test_an_answer_has_room_for_whatever_went_wrong() -> None:
    mistakes = [errors.Problem(f"/{at}", "int", "\0" * 1000) for at in range(1000)]
    document = to_problem(errors.InvalidRequest.of(mistakes), "/", "id")
    assert 0 < len(document["errors"]) < len(mistakes)
    assert len(msgspec.json.encode(document["errors"])) <= MOST_PROBLEMS + len(mistakes)
    assert document["detail"].endswith("(and 999 more)")
    assert len(to_problem(errors.ModelFailed("x" * 10_000_000), "/", "id")["detail"]) == LONGEST_DETAIL
