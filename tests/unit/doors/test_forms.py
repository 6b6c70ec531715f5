"""Forms: what a client puts in comes out, whatever bytes they are; what is no form is said to be none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.errors import InvalidRequest
from functions.doors.forms import is_form, read_form, require
from functions.doors.http import Request

BOUNDARY = "d1b2"


def request(body: bytes, content_type: str = f"multipart/form-data; boundary={BOUNDARY}") -> Request:
    return Request("POST", "/", {"content-type": content_type}, {}, body, "r1")


def part(name: str, content: bytes, more: str = "") -> bytes:
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + content + b"\r\n"


END = f"--{BOUNDARY}--\r\n".encode()
CONTENTS = st.binary().filter(lambda content: BOUNDARY.encode() not in content)


@given(CONTENTS, CONTENTS)
def test_every_byte_comes_through(payload: bytes, metadata: bytes) -> None:
    body = part("payload", payload, '; filename="a file"\r\nContent-Type: application/x') + part("metadata", metadata)
    assert read_form(request(body + END)) == {"payload": payload, "metadata": metadata}


def test_a_preamble_and_padding_are_no_parts() -> None:
    body = b"hello\r\n" + part("a", b"1").replace(b"d1b2\r\n", b"d1b2 \t\r\n") + END + b"bye"
    assert read_form(request(body)) == {"a": b"1"}


def test_the_type_may_be_quoted_and_in_any_case() -> None:
    asked = request(part("a", b"1") + END, f'Multipart/Form-Data; charset=utf-8; boundary="{BOUNDARY}"')
    assert is_form(asked)
    assert read_form(asked) == {"a": b"1"}
    assert not is_form(request(b"{}", "application/json"))
    assert not is_form(request(b"{}", ""))


@pytest.mark.parametrize(
    ("body", "received"),
    [
        (b"", "no part"),
        (b"{}", "no part"),
        (part("a", b"1"), "breaks off"),
        (f"--{BOUNDARY}\r\nno headers\r\n".encode() + END, "without headers"),
        (f"--{BOUNDARY}x\r\nA: b\r\n\r\n1\r\n".encode() + END, "without headers"),
        (f"--{BOUNDARY}\r\nContent-Type: text/plain\r\n\r\n1\r\n".encode() + END, "without a name"),
    ],
)
def test_what_is_no_form_is_refused(body: bytes, received: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read_form(request(body))
    assert received in caught.value.detail


def test_a_boundary_and_the_parts_must_be_there() -> None:
    with pytest.raises(InvalidRequest, match="boundary"):
        read_form(request(END, "multipart/form-data"))
    with pytest.raises(InvalidRequest, match="/payload"):
        require({"metadata": b""}, "payload")
