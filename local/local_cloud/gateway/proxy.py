"""The Lambda proxy integration's edges: binary bodies, the integration timeout, and payloads too large to pass on."""

import base64
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from typing import Any

from botocore.exceptions import ClientError
from localstack.http import Request
from localstack.services.apigateway.next_gen.execute_api import helpers
from localstack.services.apigateway.next_gen.execute_api.context import EndpointResponse, RestApiInvocationContext
from localstack.services.apigateway.next_gen.execute_api.gateway_response import (
    IntegrationFailureError,
    IntegrationTimeoutError,
    RequestTooLargeError,
)
from localstack.services.apigateway.next_gen.execute_api.integrations.aws import RestApiAwsProxyIntegration

MAX_REQUEST_BYTES = 10 * 1024 * 1024
MAX_EVENT_BYTES = 6 * 1024 * 1024
DEFAULT_TIMEOUT_MS = 29_000
TOO_LARGE = "Request Too Long"

_match_exactly = helpers.mime_type_matches_binary_media_types


def is_binary(mime_type: str | None, binary_media_types: list[str]) -> bool:
    """Whether a media type counts as binary; the entry `*/*` takes in everything, also a missing header."""
    return "*/*" in (binary_media_types or []) or _match_exactly(mime_type, binary_media_types)


def body_as_sent(request: Request) -> bytes:
    """The body of a call, byte for byte. LocalStack writes forms anew, and whatever else came under their name."""
    return request.get_data(parse_form_data=False)


def limit_size(_chain: Any, context: RestApiInvocationContext, _response: Any) -> None:
    """Handler: refuse what API Gateway refuses before anything else; raises RequestTooLargeError (413)."""
    if len(context.invocation_request["body"]) > MAX_REQUEST_BYTES:
        raise RequestTooLargeError(TOO_LARGE)


class LambdaProxy(RestApiAwsProxyIntegration):
    """LocalStack's integration, bounded in time and size and binary-safe."""

    def __init__(self) -> None:
        super().__init__()
        self._workers = ThreadPoolExecutor(max_workers=256, thread_name_prefix="lambda-proxy")

    def invoke(self, context: RestApiInvocationContext) -> EndpointResponse:
        """Raises IntegrationTimeoutError (504) after `timeoutInMillis`, RequestTooLargeError (413)."""
        timeout_ms = int(context.integration.get("timeoutInMillis") or DEFAULT_TIMEOUT_MS)
        answer = self._workers.submit(super().invoke, context)
        try:
            return answer.result(timeout_ms / 1000)
        except NotYet as error:
            raise IntegrationTimeoutError("Endpoint request timed out") from error
        except IntegrationFailureError as error:
            if is_too_large(error.__cause__):
                raise RequestTooLargeError(TOO_LARGE) from error
            raise

    def create_lambda_input_event(self, context: RestApiInvocationContext) -> Any:
        """The function's event; a body of a binary media type is base64, whatever it contains."""
        event = super().create_lambda_input_event(context)
        body = context.integration_request["body"]
        types = context.deployment.rest_api.rest_api.get("binaryMediaTypes") or []
        if body and is_binary(context.invocation_request["headers"].get("Content-Type"), types):
            event["body"], event["isBase64Encoded"] = base64.b64encode(body).decode("ascii"), True
        if len(event["body"] or "") > MAX_EVENT_BYTES:
            raise RequestTooLargeError(TOO_LARGE)
        return event


def is_too_large(cause: BaseException | None) -> bool:
    """Whether Lambda refused the event for its size."""
    return isinstance(cause, ClientError) and cause.response["Error"]["Code"] == "RequestEntityTooLargeException"
