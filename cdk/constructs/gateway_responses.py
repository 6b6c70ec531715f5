"""The errors that API Gateway itself answers with, in the form of all others: problem+json with `error` beside.

Data first: one row per kind of error. `detail` is a sentence of ours, or None to pass on API Gateway's own.
"""

import json
from dataclasses import dataclass, field

from aws_cdk import aws_apigateway as apigateway
from aws_cdk.aws_apigateway import ResponseType


@dataclass(frozen=True)
class Refusal:
    """`kind` is the last part of the problem's `type`, the same word that the functions use for this error."""

    id: str
    response: ResponseType
    status: int | None
    kind: str
    title: str
    detail: str | None
    headers: dict[str, str] = field(default_factory=dict)

    def template(self) -> str:
        """The body's template; API Gateway fills in the variables ("messageString" brings its own quotes)."""
        words = "$context.error.messageString" if self.detail is None else json.dumps(self.detail)
        fixed: dict[str, object] = {"type": f"urn:dewpoint:{self.kind}", "title": self.title}
        if self.status is not None:
            fixed |= {"status": self.status}
        fixed |= {"requestId": "$context.requestId"}
        return f'{{"detail": {words}, "error": {words}, {json.dumps(fixed)[1:]}'


REFUSALS = (
    Refusal(
        "Unauthorized",
        ResponseType.UNAUTHORIZED,
        401,
        "unauthenticated",
        "Unauthenticated",
        "send a known API key in the header x-api-key",
    ),
    Refusal(
        "AccessDenied",
        ResponseType.ACCESS_DENIED,
        403,
        "forbidden",
        "Forbidden",
        "the API key's role does not permit this call",
    ),
    # API Gateway's word for "no such route"
    Refusal(
        "NoSuchRoute",
        ResponseType.MISSING_AUTHENTICATION_TOKEN,
        404,
        "not-found",
        "Not found",
        "there is no such route",
    ),
    Refusal("NotFound", ResponseType.RESOURCE_NOT_FOUND, 404, "not-found", "Not found", "there is no such route"),
    Refusal(
        "TooLarge",
        ResponseType.REQUEST_TOO_LARGE,
        413,
        "payload-too-large",
        "Payload too large",
        "the body is larger than the 6 MB (binary: 4.5 MB) that the HTTP API takes: upload inputs to the address "
        "that POST /gateway/payload gives, a model to the address that POST /api/v2/model/upload gives, training data "
        "to the one that POST /monitoring/profiles/batch/{version id} gives for their announcement",
    ),
    Refusal(
        "Throttled",
        ResponseType.THROTTLED,
        429,
        "unavailable",
        "Too many requests",
        "too many requests; try again later",
        {"Retry-After": "'1'"},
    ),
    Refusal(
        "TimedOut",
        ResponseType.INTEGRATION_TIMEOUT,
        504,
        "deadline-exceeded",
        "Deadline exceeded",
        "no answer within the deadline",
    ),
    Refusal("Other4xx", ResponseType.DEFAULT_4_XX, None, "invalid-request", "Invalid request", None),
    Refusal("Other5xx", ResponseType.DEFAULT_5_XX, None, "dewpoint-error", "Internal error", None),
)


def add_gateway_responses(api: apigateway.RestApi) -> None:
    """Every row of the table, as a gateway response of `api`."""
    for refusal in REFUSALS:
        api.add_gateway_response(
            refusal.id,
            type=refusal.response,
            status_code=None if refusal.status is None else str(refusal.status),
            response_headers={
                "Content-Type": "'application/problem+json'",
                "x-request-id": "context.requestId",
                **refusal.headers,
            },
            templates={"application/json": refusal.template()},
        )
