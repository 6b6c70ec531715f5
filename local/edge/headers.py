"""Which headers cross the edge, and which it adds. Hop-by-hop headers (RFC 9110, 7.6.1) never cross."""

from collections.abc import Iterable

from aiohttp import web
from multidict import CIMultiDict, CIMultiDictProxy

HOP_BY_HOP = frozenset({
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
    "transfer-encoding", "upgrade",
})  # fmt: skip
# set anew for the origin: its own name, and the edge has answered `Expect` itself
REPLACED = HOP_BY_HOP | {"host", "expect"}
# CloudFront signs its own requests to a bucket and forwards nothing that identifies the viewer
FOR_BUCKETS = frozenset(
    {
        "accept",
        "accept-encoding",
        "range",
        "if-match",
        "if-none-match",
        "if-modified-since",
        "if-unmodified-since",
        "if-range",
    }
)

VIA = "1.1 dewpoint-edge"


Headers = CIMultiDict[str] | CIMultiDictProxy[str]


def for_origin(
    request: web.BaseRequest, sent: Headers, added: Iterable[tuple[str, str]], is_bucket: bool
) -> CIMultiDict[str]:
    """The headers of the request to the origin. `sent` are the viewer's, as a function of the distribution may have
    changed them; `added` are the origin's custom headers, which win."""
    named = connection_options(request.headers)
    if is_bucket:
        headers = CIMultiDict((k, v) for k, v in sent.items() if k.lower() in FOR_BUCKETS)
    else:
        headers = CIMultiDict(
            (k, v) for k, v in sent.items() if (low := k.lower()) not in REPLACED and low not in named
        )
        forward(headers, request)
    for name, value in added:
        headers[name] = value
    return headers


def forward(headers: CIMultiDict[str], request: web.BaseRequest) -> None:
    """Say for whom the edge asks, appending to what an earlier proxy said."""
    viewer = request.remote or "127.0.0.1"
    before = headers.get("X-Forwarded-For")
    headers["X-Forwarded-For"] = f"{before}, {viewer}" if before else viewer
    headers["X-Forwarded-Proto"] = request.scheme
    headers["X-Forwarded-Host"] = request.host
    headers["X-Forwarded-Port"] = request.host.rpartition(":")[2] if ":" in request.host else "80"
    headers["Via"] = VIA


def for_viewer(origin: CIMultiDictProxy[str]) -> CIMultiDict[str]:
    """The headers of the answer; the origin's stay as they are, duplicates and order included."""
    named = connection_options(origin)
    headers = CIMultiDict(
        (k, v) for k, v in origin.items() if (low := k.lower()) not in HOP_BY_HOP and low not in named
    )
    headers["Via"] = VIA
    return headers


def connection_options(headers: CIMultiDictProxy[str]) -> frozenset[str]:
    """Headers that a `Connection` header declares to be for this hop only, in lower case."""
    value = headers.get("Connection")
    return frozenset(name.strip().lower() for name in value.split(",")) if value else frozenset()
