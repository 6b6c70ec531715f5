"""Lambda authorizers of REST APIs, TOKEN and REQUEST, which the community edition skips.

The order of things is API Gateway's: an identity source that is missing answers 401 without asking the function; the
answer is cached by the identity for `authorizerResultTtlInSeconds`; the cached policy is evaluated for each method
anew; its context reaches the integration as `requestContext.authorizer`, values as strings.
"""

import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from local_cloud.gateway import policy
from local_cloud.gateway.policy import Verdict
from localstack.services.apigateway.next_gen.execute_api.context import RestApiInvocationContext
from localstack.services.apigateway.next_gen.execute_api.gateway_response import (
    AccessDeniedError,
    AuthorizerConfigurationError,
    UnauthorizedError,
)

DEFAULT_TTL_SECONDS = 300
CACHE_LIMIT = 10_000
UNAUTHORIZED = "Unauthorized"
DENIALS = {
    Verdict.DENIED: "User is not authorized to access this resource with an explicit deny",
    Verdict.NOT_ALLOWED: "User is not authorized to access this resource",
}

Identity = tuple[str, ...]
Invoke = Callable[[str, bytes], "FunctionAnswer"]


@dataclass(frozen=True)
class FunctionAnswer:
    """What an authorizer function returned: parsed JSON, or an error document when it raised."""

    document: Any
    failed: bool


class PolicyCache:
    """Answers of authorizer functions by authorizer and identity, until they expire."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: dict[tuple[str, ...], tuple[float, Any]] = {}
        self._lock = threading.Lock()

    def get(self, key: tuple[str, ...]) -> Any | None:
        """The answer that is still valid, or None."""
        expiry, answer = self._kept.get(key, (0.0, None))
        return answer if expiry > self._clock() else None

    def put(self, key: tuple[str, ...], answer: Any, ttl_s: float) -> None:
        """Keep an answer for `ttl_s` seconds."""
        with self._lock:
            if len(self._kept) >= CACHE_LIMIT:
                self._kept.clear()
            self._kept[key] = (self._clock() + ttl_s, answer)


@dataclass
class Authorize:
    """A handler of the REST API chain that lets a request pass or raises the gateway's errors."""

    invoke: Invoke
    cache: PolicyCache = field(default_factory=PolicyCache)

    def __call__(self, _chain: Any, context: RestApiInvocationContext, _response: Any) -> None:
        """Raises UnauthorizedError (401), AccessDeniedError (403) or AuthorizerConfigurationError (500)."""
        method = context.resource_method
        if method.get("authorizationType") != "CUSTOM":
            return
        authorizer = context.deployment.rest_api.authorizers.get(method.get("authorizerId"))
        if authorizer is None:
            raise AuthorizerConfigurationError
        answer = self._answer(authorizer, context)
        allow(answer, method_arn(context))
        context.context_variables["authorizer"] = passed_on(answer)

    def _answer(self, authorizer: Mapping[str, Any], context: RestApiInvocationContext) -> Any:
        identity = identity_of(authorizer, context)
        ttl_s = authorizer.get("authorizerResultTtlInSeconds", DEFAULT_TTL_SECONDS)
        key = (context.api_id, context.stage, authorizer["id"], *identity)
        cacheable = ttl_s > 0 and bool(identity)
        if cacheable and (kept := self.cache.get(key)) is not None:
            return kept
        answer = self._ask(authorizer, event_for(authorizer, identity, context))
        if cacheable:
            self.cache.put(key, answer, ttl_s)
        return answer

    def _ask(self, authorizer: Mapping[str, Any], event: dict[str, Any]) -> Any:
        function = function_arn(authorizer["authorizerUri"])
        answer = self.invoke(function, json.dumps(event).encode())
        if not answer.failed:
            return answer.document
        if isinstance(answer.document, dict) and answer.document.get("errorMessage") == UNAUTHORIZED:
            raise UnauthorizedError(UNAUTHORIZED)
        raise AuthorizerConfigurationError


def allow(answer: Any, resource: str) -> None:
    """Return when the answer's policy allows the method; raises AccessDeniedError or AuthorizerConfigurationError."""
    try:
        verdict = policy.decide(answer["policyDocument"], resource)
    except (policy.UnusablePolicy, KeyError, TypeError) as error:
        raise AuthorizerConfigurationError from error
    if verdict in DENIALS:
        raise AccessDeniedError(DENIALS[verdict])


def passed_on(answer: Mapping[str, Any]) -> dict[str, str]:
    """What the integration sees: principal and context, every value a string; raises for nested values, as AWS does."""
    context = answer.get("context") or {}
    if any(isinstance(value, (dict, list)) for value in context.values()):
        raise AuthorizerConfigurationError
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in context.items()}
    return {"principalId": str(answer.get("principalId", "")), **texts}


def identity_of(authorizer: Mapping[str, Any], context: RestApiInvocationContext) -> Identity:
    """The values of the identity sources, in their order; raises UnauthorizedError when one is missing."""
    expressions = [part.strip() for part in (authorizer.get("identitySource") or "").split(",") if part.strip()]
    if authorizer["type"] == "TOKEN" and not expressions:
        expressions = ["method.request.header.Authorization"]
    values = [source_value(expression, context) for expression in expressions]
    rule = authorizer.get("identityValidationExpression")
    if not all(values) or (rule and not re.fullmatch(rule, values[0] or "")):
        raise UnauthorizedError(UNAUTHORIZED)
    return tuple(value for value in values if value)


def source_value(expression: str, context: RestApiInvocationContext) -> str | None:
    """The value of one identity source (`method.request.header.x-api-key`, `stageVariables.x`, `context.x`)."""
    request = context.invocation_request
    source, _, name = expression.rpartition(".")
    match source:
        case "method.request.header":
            return request["headers"].get(name)
        case "method.request.querystring":
            return (request["query_string_parameters"] or {}).get(name)
        case "stageVariables":
            return (context.stage_variables or {}).get(name)
        case _ if source == "context" or source.startswith("context."):
            value: Any = context.context_variables
            for part in expression.split(".")[1:]:
                value = value.get(part) if isinstance(value, dict) else None
            return value if value is None else str(value)
        case _:
            raise AuthorizerConfigurationError


def event_for(authorizer: Mapping[str, Any], identity: Identity, context: RestApiInvocationContext) -> dict[str, Any]:
    """The authorizer function's event."""
    arn = method_arn(context)
    if authorizer["type"] == "TOKEN":
        return {"type": "TOKEN", "methodArn": arn, "authorizationToken": identity[0]}
    request = context.invocation_request
    headers = request["headers"]
    return {
        "type": "REQUEST",
        "methodArn": arn,
        "resource": context.resource["path"],
        "path": request["path"],
        "httpMethod": str(request["http_method"]),
        "headers": dict(headers),
        "multiValueHeaders": {name: headers.getlist(name) for name in headers.keys()},  # noqa: SIM118
        "queryStringParameters": request["query_string_parameters"] or {},
        "multiValueQueryStringParameters": request["multi_value_query_string_parameters"] or {},
        "pathParameters": request["path_parameters"] or {},
        "stageVariables": context.stage_variables or {},
        "requestContext": context.context_variables,
    }


def method_arn(context: RestApiInvocationContext) -> str:
    """The ARN of the requested method: API, stage, verb and actual path."""
    request = context.invocation_request
    return (
        f"arn:aws:execute-api:{context.region}:{context.account_id}:{context.api_id}/{context.stage}/"
        f"{request['http_method']}{request['path']}"
    )


def function_arn(authorizer_uri: str) -> str:
    """The function behind an authorizer's URI; raises AuthorizerConfigurationError."""
    found = re.search(r"/functions/(.+)/invocations", authorizer_uri)
    if not found:
        raise AuthorizerConfigurationError
    return found.group(1)
