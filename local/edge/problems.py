"""The edge's own errors as `application/problem+json`; clients of `/v2` also get the protocol's `error` string."""

import json

from aiohttp import web

TITLES = {
    403: "Forbidden",
    413: "Payload too large",
    417: "Expectation failed",
    502: "Bad gateway",
    503: "Unavailable",
    504: "Gateway timeout",
}


def to_problem(status: int, detail: str, path: str, retry_after: int | None = None) -> web.Response:
    """A problem document for a request of `path`; `retry_after` is in seconds."""
    title = TITLES[status]
    document = {
        "type": f"urn:dewpoint:{title.lower().replace(' ', '-')}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": path,
    }
    if path == "/v2" or path.startswith("/v2/"):
        document["error"] = detail
    headers = {"Retry-After": str(retry_after)} if retry_after is not None else {}
    body = json.dumps(document).encode()
    return web.Response(status=status, body=body, content_type="application/problem+json", headers=headers)
