"""The HTTP door of every slice: Chalice declares the route, this shapes what comes in and what goes out.

A route function takes a `Request` and its path parameters, and returns an entity, builtins, None, or an `Answer` when
it wants another status or headers. Errors of the one tree become problem+json here and nowhere else. Every answer
carries `x-request-id`: the caller's when it is sane, ours otherwise.
"""

import base64
import functools
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

import msgspec
from aws_lambda_powertools import Logger
from chalice.app import Blueprint, Response

from functions.core.access import permits
from functions.core.api_keys import Role
from functions.core.collector import collector_at_rest
from functions.core.errors import DewpointError, Forbidden, InvalidRequest, PayloadTooLarge, Problem
from functions.core.problem import CONTENT_TYPE, http_status, to_problem
from functions.doors.request_id import choose_request_id

log = Logger(service="http", utc=True)

LARGEST_ANSWER = 6 * 1024 * 1024 - 64 * 1024  # Lambda's limit, less what goes around the body
# curl says form-urlencoded unless told otherwise; Open Inference clients send binary bodies without any type
CONTENT_TYPES = ["*/*"]
PACKED = ("gzip", "x-gzip", "deflate", "compress", "br", "zstd")


class Answer(msgspec.Struct, frozen=True):
    """A status and headers of one's own. A body of bytes goes out as it is, anything else as JSON."""

    body: Any
    status: int = 200
    headers: dict[str, str] = {}


class Request(msgspec.Struct, frozen=True):
    """What a route may know of the call. Header names are lower case; `caller`: what the authorizer says of the key."""

    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    raw: bytes
    request_id: str
    caller: Mapping[str, str] = {}

    def json(self) -> Any:
        """The body as JSON. Raises InvalidRequest for what is not JSON."""
        return decode_json(self.raw)

    def json_as(self, kind: Any) -> Any:
        """The body as `kind`, a msgspec type. Raises InvalidRequest naming the first field that does not fit."""
        return decode_json(self.raw, kind)


class BinaryResponse(Response):
    """Bytes, whatever the caller's Accept header says: Chalice refuses a binary answer to a call without one."""

    def to_dict(self, binary_types: list[str] | None = None) -> dict[str, Any]:  # noqa: ARG002 - Chalice's signature
        return {
            "headers": self.headers,
            "multiValueHeaders": {},
            "statusCode": self.status_code,
            "body": base64.b64encode(self.body).decode(),
            "isBase64Encoded": True,
        }


RouteFunction = Callable[..., Any]


class Door:
    """Registers route functions on a Chalice blueprint."""

    def __init__(self, blueprint: Blueprint) -> None:
        self._blueprint = blueprint

    def __call__(self, method: str, path: str) -> Callable[[RouteFunction], RouteFunction]:
        """Decorates the function that answers `method` on `path` ("/v2/models/{name}").

        The authorizer has refused already whose role does not permit the call, by the path as it was spelled. Here it
        is refused by the route that was found.
        """
        barred = {role for role in Role if not permits(role, method, path)}

        def register(function: RouteFunction) -> RouteFunction:
            @functools.wraps(function)
            def view(**parameters: str) -> Response:
                request = read_request(self._blueprint.current_request)
                if (role := request.caller.get("role")) in barred:
                    return _refusal(Forbidden(f"role {role} may not {method} {path}"), request)
                return respond(function, request, {name: unquote(value) for name, value in parameters.items()})

            self._blueprint.route(path, methods=[method], content_types=CONTENT_TYPES, name=function.__name__)(view)
            return function

        return register


def respond(function: RouteFunction, request: Request, parameters: dict[str, str]) -> Response:
    """Calls the route function and shapes its result or its error."""
    try:
        _check_encoding(request)
        result = function(request, **parameters)
        answer = result if isinstance(result, Answer) else Answer(result)
        return _response(answer, request.request_id, "application/json")
    except DewpointError as error:
        return _refusal(error, request)
    except Exception:
        log.exception("unforeseen error", request_id=request.request_id, method=request.method, path=request.path)
        return _refusal(DewpointError(f"an unforeseen error; quote request id {request.request_id}"), request)


def _check_encoding(request: Request) -> None:
    """A packed body would be read as what it is not. Raises InvalidRequest."""
    encoding = request.headers.get("content-encoding", "").strip().lower()
    if encoding in PACKED and request.raw:
        raise InvalidRequest.of([Problem("/headers/content-encoding", "a body that is not packed", encoding)])


def read_request(current: Any) -> Request:
    """Our request from Chalice's."""
    headers = {name.lower(): value for name, value in current.headers.items()}
    return Request(
        method=current.method,
        path=unquote(current.path.format(**(current.uri_params or {}))),
        headers=headers,
        query=dict(current.query_params or {}),
        raw=current.raw_body or b"",
        request_id=choose_request_id(headers.get("x-request-id")),
        caller=(current.context or {}).get("authorizer") or {},
    )


def decode_json(raw: bytes, kind: Any = Any) -> Any:
    """JSON as `kind`, a msgspec type. Raises InvalidRequest for what is not JSON, or does not fit."""
    try:
        with collector_at_rest(len(raw)):
            return msgspec.json.decode(raw, type=kind)
    except msgspec.ValidationError as error:
        raise InvalidRequest.of([problem_of(error)]) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidRequest.of([Problem("", "a JSON body", str(error))]) from None
    except RecursionError:
        raise InvalidRequest.of([Problem("", "a JSON body", "one nested too deeply")]) from None


def problem_of(error: msgspec.ValidationError) -> Problem:
    """msgspec says "Expected `int`, got `str` - at `$.a[0]`": the same as a problem with a JSON pointer."""
    text, _, path = str(error).partition(" - at `$")
    known = path.rstrip("`").partition("[...]")[0]  # the key of a mapping is not told: the pointer ends before it
    pointer = re.sub(r"\[(\d+)\]", r"/\1", known.replace(".", "/"))
    if match := re.fullmatch(r"Expected `(.*)`, got `(.*)`", text):
        return Problem(pointer, match[1], match[2])
    if match := re.fullmatch(r"Object missing required field `(.*)`", text):
        return Problem(f"{pointer}/{match[1]}", "a value", "nothing: the field is missing")
    if match := re.fullmatch(r"Object contains unknown field `(.*)`", text):
        return Problem(f"{pointer}/{match[1]}", "no such field", "an unknown field")
    return Problem(pointer, "another value", text)


def _refusal(error: DewpointError, request: Request) -> Response:
    headers = dict(getattr(error, "headers", {}))
    if retry_after := getattr(error, "retry_after", None):
        headers["Retry-After"] = str(retry_after)
    body = to_problem(error, request.path, request.request_id)
    return _response(Answer(body, http_status(error), headers), request.request_id, CONTENT_TYPE)


def size_on_the_way(body: str | bytes) -> int:
    """Bytes that a body takes of the LARGEST_ANSWER there are, or a little less when that is far from them."""
    if isinstance(body, bytes):
        return (len(body) + 2) // 3 * 4
    # the body travels as a JSON string, in which quotes are escaped
    return len(msgspec.json.encode(body)) if len(body) > LARGEST_ANSWER // 6 else len(body)


def _check_size(body: str | bytes) -> None:
    """The platform refuses a larger answer with a riddle; this says what to do. Raises PayloadTooLarge."""
    if (size := size_on_the_way(body)) > LARGEST_ANSWER:
        raise PayloadTooLarge(f"the answer takes {size} bytes, at most {LARGEST_ANSWER} go over HTTP")


def check_elements(elements: int) -> None:
    """Raises PayloadTooLarge for more elements than JSON has room for, at two bytes each, before any is written."""
    if 2 * elements > LARGEST_ANSWER:
        raise PayloadTooLarge(f"the answer holds {elements} elements, more than go over HTTP as JSON: use gRPC")


def _response(answer: Answer, request_id: str, content_type: str) -> Response:
    headers: dict[str, str | list[str]] = {"Content-Type": content_type, "x-request-id": request_id, **answer.headers}
    body = answer.body
    if isinstance(body, bytes):
        _check_size(body)
        return BinaryResponse(body, headers=headers, status_code=answer.status)
    text = "" if body is None and answer.status == 204 else msgspec.json.encode(body).decode()
    _check_size(text)
    return Response(text, headers=headers, status_code=answer.status)
