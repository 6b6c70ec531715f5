"""multipart/form-data (RFC 7578), as uploading clients send it: small forms, read whole, byte for byte.

Few calls bring a form, so only they pay for the parser of headers: it is imported when the first one is read.
"""

from typing import TYPE_CHECKING

from functions.core.errors import InvalidRequest, Problem
from functions.doors.http import Request

if TYPE_CHECKING:
    from email.message import Message

FORM = "multipart/form-data"


def is_form(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == FORM


def read_form(request: Request) -> dict[str, bytes]:
    """The parts by name; of two with one name the last. Raises InvalidRequest for what is not such a form."""
    boundary = _content_type(request).get_boundary()
    if not boundary:
        raise _not_a_form("a content type without a boundary")
    _preamble, *parts = (b"\r\n" + request.raw).split(b"\r\n--" + boundary.encode())
    if not parts:
        raise _not_a_form("no part")
    if not parts[-1].startswith(b"--"):
        raise _not_a_form("one that breaks off: its closing boundary is missing")
    return dict(_read_part(part) for part in parts[:-1])


def require(form: dict[str, bytes], name: str) -> bytes:
    """A part of the form. Raises InvalidRequest when it is missing."""
    if name not in form:
        received = f"only {', '.join(sorted(form))}" if form else "nothing"
        raise InvalidRequest.of([Problem(f"/{name}", f"a part named {name}", received)])
    return form[name]


def _read_part(part: bytes) -> tuple[str, bytes]:
    from email.parser import BytesHeaderParser

    padding, line_end, rest = part.partition(b"\r\n")
    head, blank, content = rest.partition(b"\r\n\r\n")
    if padding.strip() or not line_end or not blank:
        raise _not_a_form("a part without headers")
    name = BytesHeaderParser().parsebytes(head).get_param("name", header="content-disposition")
    if not isinstance(name, str) or not name:
        raise _not_a_form("a part without a name")
    return name, content


def _content_type(request: Request) -> "Message":
    from email.message import Message

    header = Message()
    header["content-type"] = request.headers.get("content-type", "")
    return header


def _not_a_form(received: str) -> InvalidRequest:
    return InvalidRequest.of([Problem("", f"a body of {FORM}", received)])
