"""The parts every document has: the key in `x-api-key`, and errors as problem+json."""

from typing import Any

from functions.core.access import HEADER
from functions.core.openapi.values import reference
from functions.core.problem import CONTENT_TYPE

SECURITY: list[dict[str, list[str]]] = [{"apiKey": []}]
SECURITY_SCHEMES = {"apiKey": {"type": "apiKey", "in": "header", "name": HEADER}}

TEXT = {"type": "string"}
MISTAKE = {
    "type": "object",
    "required": ["pointer", "expected", "received"],
    "properties": {
        "pointer": {"type": "string", "description": "A JSON pointer (RFC 6901) into what was sent."},
        "expected": TEXT,
        "received": TEXT,
    },
}
PROBLEM = {
    "type": "object",
    "description": "RFC 9457; `error` repeats the sentence for clients of the Open Inference Protocol.",
    "required": ["type", "title", "status", "detail", "error", "requestId"],
    "properties": {
        "type": {"type": "string", "examples": ["urn:dewpoint:not-found"]},
        "title": TEXT,
        "status": {"type": "integer"},
        "detail": TEXT,
        "instance": TEXT,
        "requestId": TEXT,
        "error": TEXT,
        "errors": {"type": "array", "items": reference("Mistake")},
    },
}
PROBLEM_SCHEMAS = {"Problem": PROBLEM, "Mistake": MISTAKE}

MEANINGS = {
    400: "The input is wrong: `errors` lists everything.",
    401: "No key, or one that nobody issued.",
    403: "The key's role does not permit the call.",
    404: "Not there.",
    409: "The name is taken, the thing is in use, or the Idempotency-Key stands for another request.",
    410: "Not kept any more.",
    412: "Somebody changed it first.",
    413: "Larger than the limit.",
    429: "The key's quota is used up: try again after `Retry-After` seconds.",
    500: "The model failed, or answered what its signature does not promise.",
    503: "Starting, stopped or overloaded: try again after `Retry-After` seconds.",
    504: "No answer within the deadline.",
}
EVERYWHERE = (401, 403)


def problem_responses(*statuses: int) -> dict[str, Any]:
    """The refusals of an operation, by status; those that every operation has are among them."""
    named = {str(status): _response(MEANINGS[status]) for status in sorted({*statuses, *EVERYWHERE})}
    return named | {"default": _response("Any other refusal.")}


def _response(description: str) -> dict[str, Any]:
    return {"description": description, "content": {CONTENT_TYPE: {"schema": reference("Problem")}}}
