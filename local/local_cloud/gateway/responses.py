"""Gateway responses: how the errors of API Gateway itself look. The community edition stores and ignores them.

A configured response may set the status, response headers and a body template per content type; templates know only
substitution (`$context.error.messageString`, `$context.requestId`, ...), no template language.
"""

import json
import logging
import re
from collections.abc import Mapping
from typing import Any

from localstack.http import Response
from localstack.services.apigateway.next_gen.execute_api.context import RestApiInvocationContext
from localstack.services.apigateway.next_gen.execute_api.gateway_response import (
    DEFAULT_GATEWAY_RESPONSES,
    BaseGatewayException,
    Default5xxError,
    get_gateway_response_or_default,
)
from localstack.services.apigateway.next_gen.execute_api.handlers.gateway_exception import GatewayExceptionHandler
from werkzeug.datastructures import Headers

LOG = logging.getLogger(__name__)
JSON = "application/json"
HEADER = "gatewayresponse.header."
VARIABLE = re.compile(r"\$\{?(context|stageVariables)((?:\.[A-Za-z0-9_-]+)+)\}?")


class GatewayResponses(GatewayExceptionHandler):
    """Turns whatever was raised in the chain into the configured answer."""

    def __call__(self, chain: Any, exception: Exception, context: RestApiInvocationContext, response: Response) -> None:
        """A defect of the emulator becomes a plain 500 of the gateway, too."""
        if not isinstance(exception, BaseGatewayException):
            LOG.exception("error in a REST API invocation", exc_info=exception)
            exception = Default5xxError("Internal server error")
        super().__call__(chain, exception, context, response)

    def create_exception_response(self, exception: BaseGatewayException, context: RestApiInvocationContext) -> Response:
        """The configured response for this kind of error, or the default one."""
        chosen = get_gateway_response_or_default(exception.type, context.deployment.rest_api.gateway_responses)
        if chosen is DEFAULT_GATEWAY_RESPONSES.get(exception.type):  # nothing was configured
            return super().create_exception_response(exception, context)
        content_type, template = template_for(chosen.get("responseTemplates") or {}, accept_of(context))
        headers = Headers({"Content-Type": content_type, "x-amzn-ErrorType": exception.code})
        for name, value in header_values(chosen.get("responseParameters") or {}, context):
            headers.set(name, value)
        status = status_of(chosen.get("statusCode") or exception.status_code)
        return Response(render(template, context), status, headers)


def status_of(code: Any) -> int:
    """A status code, which comes as a number, a text or an enumeration of texts."""
    return int(getattr(code, "value", code) or 500)


def accept_of(context: RestApiInvocationContext) -> str:
    """The first media type that the caller accepts."""
    accepted = context.invocation_request["headers"].get("Accept", "")
    return accepted.split(",")[0].split(";")[0].strip()


def template_for(templates: Mapping[str, str], accepted: str) -> tuple[str, str]:
    """Content type and template: the accepted one, else JSON, else the first; the service's own when there is none."""
    if not templates:
        return JSON, '{"message":$context.error.messageString}'
    content_type = next((key for key in (accepted, JSON) if key in templates), next(iter(templates)))
    return content_type, templates[content_type]


def header_values(parameters: Mapping[str, str], context: RestApiInvocationContext) -> list[tuple[str, str]]:
    """Response headers: `'literal'`, `context.x`, `stageVariables.x` or `method.request.header.x`."""
    named = [(key.removeprefix(HEADER), value) for key, value in parameters.items() if key.startswith(HEADER)]
    values = [(name, parameter_value(value, context)) for name, value in named]
    return [(name, value) for name, value in values if value is not None]


def parameter_value(expression: str, context: RestApiInvocationContext) -> str | None:
    """The value of one response parameter; None when the request has none."""
    if expression.startswith("'"):
        return expression.strip("'")
    if expression.startswith("method.request.header."):
        return context.invocation_request["headers"].get(expression.rpartition(".")[2])
    found = VARIABLE.fullmatch(f"${expression}")
    return variable(found, context) if found else None


def render(template: str, context: RestApiInvocationContext) -> str:
    """A template with its variables replaced; unknown ones vanish."""
    return VARIABLE.sub(lambda found: variable(found, context) or "", template)


def variable(found: re.Match[str], context: RestApiInvocationContext) -> str | None:
    """The text of `$context...` or `$stageVariables...`; `messageString` is the message as a JSON string."""
    roots: dict[str, Any] = {"context": context.context_variables, "stageVariables": context.stage_variables}
    value, path = roots[found.group(1)], found.group(2)[1:].split(".")
    if path == ["error", "messageString"]:
        return json.dumps(value["error"]["message"])
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return None if value is None else str(value)
