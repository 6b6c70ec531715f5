"""Server-sent events in pieces: who gets which form, and what a reader of the standard understands."""

import pytest

from functions.core.errors import InvalidRequest
from functions.doors.http import Request
from functions.doors.streams import ROUNDS, Form, Sent, form_of, hold_on, to_stream


def request(accept: str | None = None, **query: str) -> Request:
    return Request("GET", "/logs", {} if accept is None else {"accept": accept}, query, b"", "r1")


@pytest.mark.parametrize(
    ("accept", "query", "form"),
    [
        ("text/event-stream", {}, Form.PIECES),
        ("text/event-stream", {"after": "7"}, Form.PIECES),
        ("application/json, text/plain", {}, Form.PAGES),
        ("*/*", {"after": "7"}, Form.PAGES),
        ("*/*", {"follow": "true"}, Form.WHOLE),
        ("*/*", {}, Form.WHOLE),
        (None, {}, Form.PAGES),
    ],
)
def test_the_form_is_what_the_caller_says(accept: str | None, query: dict[str, str], form: Form) -> None:
    assert form_of(request(accept, **query), "after") is form


def test_a_piece_is_what_the_standard_says() -> None:
    answer = to_stream([Sent("Log", "one\r\ntwo"), Sent("Update", "{}", "7")], "8")
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert answer.body.decode() == (
        "retry: 1000\n\nevent: Log\ndata: one\ndata: two\n\nevent: Update\ndata: {}\nid: 7\n\nid: 8\n\n"
    )


def test_nothing_new_is_a_piece_as_well() -> None:
    assert to_stream([]).body == b"retry: 1000\n\n"


def test_a_held_caller_is_sent_round_to_the_same_place_and_not_for_ever() -> None:
    location, rounds = "", 0
    asked = request("*/*", follow="true")
    while again := hold_on(asked):
        location = again.headers["Location"]
        assert again.status == 307
        rounds += 1
        asked = request("*/*", follow="true", hold=str(rounds))
    assert (rounds, location) == (ROUNDS, f"?follow=true&hold={ROUNDS}")
    assert rounds < 30  # what Python's requests and browsers follow
    with pytest.raises(InvalidRequest):
        hold_on(request("*/*", hold="x"))
